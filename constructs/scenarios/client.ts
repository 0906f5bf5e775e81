import { ConfigMap, Volume } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { probeProgram, type ProbeProgram } from '../../lab/probe-program.ts';
import { Pods, type PodsProps } from './pods.ts';

/** What a client is made from. */
export interface ClientProps extends Omit<PodsProps, 'name' | 'replicas' | 'container' | 'annotations'> {
  /** A program that lies in `/probe`, for whoever wants it run there, and may write into `/data`. @default - none */
  readonly program?: ProbeProgram;
}

/** A pod to ask from, with curl: `kubectl exec deploy/client -- curl …`. */
export class Client extends Pods {
  constructor(scope: Construct, id: string, { program, ...props }: ClientProps) {
    const wait = "process.on('SIGTERM', () => process.exit()); setInterval(() => {}, 2 ** 30)";
    super(scope, id, { ...props, name: 'client', replicas: 1, container: { command: ['node', '-e', wait] } });
    if (program === undefined) return;
    const data = { [program]: probeProgram(program) };
    new ConfigMap(scope, `${id}-program`, { metadata: props.space.holds('client'), data });
    const files = ConfigMap.fromConfigMapName(scope, `${id}-files`, 'client');
    const [container] = this.containers;
    container?.mount('/probe', Volume.fromConfigMap(scope, `${id}-volume`, files), { readOnly: true });
    container?.mount('/data', Volume.fromEmptyDir(scope, `${id}-data`, 'data'));
  }
}

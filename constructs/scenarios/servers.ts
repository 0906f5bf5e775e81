import { createHash } from 'node:crypto';
import { ConfigMap, Handler, Probe, Volume } from 'cdk8s-plus-27';
import { Duration } from 'cdk8s';
import type { Construct } from 'constructs';
import { probeProgram, type ProbeProgram } from '../../lab/probe-program.ts';
import { Pods, type PodsProps } from './pods.ts';

/** The port that servers listen on. */
export const SERVER_PORT = 8080;

/** Seconds for which a server that goes still answers: its own region asks it no more by then, on Cilium 1.14 the others neither (docs/failover.md). */
const FAREWELL = 5;

/** What servers are made from. */
export interface ServersProps extends Omit<PodsProps, 'container' | 'annotations'> {
  /** What they run. @default - one that says who it is: each answer names region, pod and node */
  readonly program?: ProbeProgram;
}

/** Servers that run a program of the folder `probe/`. */
export class Servers extends Pods {
  constructor(scope: Construct, id: string, { program = 'serve.mjs', ...props }: ServersProps) {
    const text = probeProgram(program);
    const port = SERVER_PORT;
    super(scope, id, {
      ...props,
      annotations: { 'clustermesh-lab/program': createHash('sha256').update(text).digest('hex').slice(0, 12) },
      container: {
        command: ['node', `/probe/${program}`],
        portNumber: port,
        startup: Probe.fromTcpSocket({ port, periodSeconds: Duration.seconds(1), failureThreshold: 60 }),
        readiness: Probe.fromHttpGet('/healthz', { port, periodSeconds: Duration.seconds(2) }),
        lifecycle: { preStop: Handler.fromCommand(['node', '-e', `setTimeout(() => {}, ${FAREWELL}000)`]) },
      },
    });
    new ConfigMap(scope, `${id}-program`, { metadata: props.space.holds(props.name), data: { [program]: text } });
    const files = ConfigMap.fromConfigMapName(scope, `${id}-files`, props.name);
    this.containers[0]?.mount('/probe', Volume.fromConfigMap(scope, `${id}-volume`, files), { readOnly: true });
  }
}

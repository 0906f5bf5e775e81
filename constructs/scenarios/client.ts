import type { Construct } from 'constructs';
import { Pods, type PodsProps } from './pods.ts';

/** A pod to ask from, with curl: `kubectl exec deploy/client -- curl …`. */
export class Client extends Pods {
  constructor(scope: Construct, id: string, props: Omit<PodsProps, 'name' | 'replicas' | 'container' | 'annotations'>) {
    const wait = "process.on('SIGTERM', () => process.exit()); setInterval(() => {}, 2 ** 30)";
    super(scope, id, { ...props, name: 'client', replicas: 1, container: { command: ['node', '-e', wait] } });
  }
}

import type { Region } from '../../lab/lab.ts';
import { statusNow } from '../tools/cilium.ts';
import type { Command } from '../tools/command.ts';
import {
  containerLogs,
  inspectContainers,
  inspectNetworks,
  journal,
  listContainersOn,
  version,
} from '../tools/docker.ts';
import { history, namespace } from '../tools/helm.ts';
import { describePod, eventsInOrder, type KubeTarget, overview, podLogs } from '../tools/kubectl.ts';

/** Something to be kept: the answer of a command. */
export interface Exhibit {
  /** Its place in the bundle: `region-athens/pods.txt`. */
  readonly file: string;
  readonly command: Command;
}

/** What docker tells of the lab: its engine, its network, its nodes, and what they wrote. Pure. */
export function ofDocker(network: string, nodes: readonly string[]): Exhibit[] {
  const all: Exhibit[] = [
    { file: 'docker/version.txt', command: version() },
    { file: 'docker/network.json', command: inspectNetworks([network]) },
    { file: 'docker/containers.txt', command: listContainersOn(network) },
  ];
  if (nodes.length === 0) return all;
  return [
    ...all,
    { file: 'docker/nodes.json', command: inspectContainers(nodes) },
    ...nodes.flatMap((node) => [
      { file: `docker/${node}.log`, command: containerLogs(node) },
      // why Kubernetes does not come up there
      { file: `docker/${node}.kubelet.log`, command: journal(node, 'kubelet') },
    ]),
  ];
}

/** What the API server, Helm and Cilium tell of a region. Pure. @param pods that are not ready, `kube-system/cilium-x7k2p` */
export function ofRegion({ name }: Pick<Region, 'name'>, target: KubeTarget, pods: readonly string[]): Exhibit[] {
  const own = (file: string, command: Command): Exhibit => ({ file: `${name}/${file}`, command });
  return [
    own('objects.txt', overview(target)),
    own('events.txt', eventsInOrder(target)),
    own('releases.txt', history(target)),
    own('cilium-status.txt', statusNow(target)),
    ...pods.flatMap((pod) => {
      const [space = namespace, id = ''] = pod.split('/');
      return [
        own(`${id}.describe.txt`, describePod(target, space, id)),
        own(`${id}.log`, podLogs(target, space, id, false)),
        own(`${id}.previous.log`, podLogs(target, space, id, true)),
      ];
    }),
  ];
}

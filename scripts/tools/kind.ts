import type { Command } from './command.ts';

const kind = (...args: string[]): Command => ({ program: 'kind', args });

export interface KindCluster {
  readonly name: string;
  /** The cluster's own kubeconfig file; the user's is never touched. */
  readonly kubeconfig: string;
}

/**
 * @param network the lab's docker network; kind calls the override unsupported, yet Cilium's own CI relies on it
 *   (contrib/scripts/kind.sh)
 * @param image of all nodes, in place of what the configuration has @default - that
 * @param docker folder of what kind is to call for docker @default - docker itself
 */
export const createCluster = (
  { name, kubeconfig }: KindCluster,
  config: string,
  network: string,
  docker?: string,
  image?: string,
): Command => ({
  // a cluster that does not come up stays to be looked at: kind would delete it with all that its nodes wrote
  ...kind(
    'create',
    'cluster',
    '--name',
    name,
    '--config',
    config,
    '--kubeconfig',
    kubeconfig,
    '--retain',
    ...(image === undefined ? [] : ['--image', image]),
  ),
  env: { KIND_EXPERIMENTAL_DOCKER_NETWORK: network },
  ...(docker !== undefined && { pathFirst: docker }),
});

export const exportKubeconfig = ({ name, kubeconfig }: KindCluster): Command =>
  kind('export', 'kubeconfig', '--name', name, '--kubeconfig', kubeconfig);

export const loadArchive = (name: string, nodes: readonly string[], archive: string): Command =>
  kind('load', 'image-archive', archive, '--name', name, '--nodes', nodes.join(','));

export const deleteCluster = ({ name, kubeconfig }: KindCluster): Command =>
  kind('delete', 'cluster', '--name', name, '--kubeconfig', kubeconfig);

// @ts-check
import {
  containersOf,
  deleteContainers,
  kindArgs,
  needDocker,
  nodesOf,
  required,
  writeKubeconfig,
} from './kind-cli.mjs';
import { create } from './kind-create.mjs';
import { load } from './kind-load.mjs';
import { kubeconfigOf, remove, underLock } from './kubeconfig.mjs';
import { Failure } from './program.mjs';
import { change, machine, world } from './state.mjs';
import { yaml } from './yaml.mjs';

/** kind v0.20.0: progress and messages go to stderr, what is asked for to stdout. @param {import('./program.mjs').Program} program */
export function kind(program) {
  const args = program.args.filter((arg) => arg !== '-q' && arg !== '--quiet');
  const [verb = '', noun = '', ...rest] = args;
  switch (`${verb} ${noun}`.trim()) {
    case 'version':
      return program.out(`kind ${machine().versions.kind} go1.20.4 linux/amd64`);
    case 'create cluster':
      return create(program, rest);
    case 'delete cluster':
      return deleteCluster(program, rest);
    case 'get clusters':
      return getClusters(program, rest);
    case 'get nodes':
      return getNodes(program, rest);
    case 'get kubeconfig':
      return getKubeconfig(program, rest);
    case 'export kubeconfig':
      return exportKubeconfig(program, rest);
    case 'load image-archive':
    case 'load docker-image':
      return load(program, noun, rest);
    default:
      throw unknownCommand(verb, noun);
  }
}

/** @param {string} verb @param {string} noun */
function unknownCommand(verb, noun) {
  const known = ['create', 'delete', 'get', 'export', 'load'].includes(verb);
  if (known && noun === '') return new Failure('ERROR: Subcommand is required');
  return new Failure(known ? 'ERROR: Subcommand is required' : `ERROR: unknown command "${verb}" for "kind"`);
}

/** @param {import('./program.mjs').Program} program @param {string[]} args */
function getClusters(program, args) {
  kindArgs(args, {});
  needDocker('failed to list clusters');
  const names = Object.values(world().containers).map(({ labels }) => labels['io.x-k8s.kind.cluster']);
  const clusters = [...new Set(names.filter((name) => name !== undefined))].sort();
  if (clusters.length === 0) return program.err('No kind clusters found.');
  for (const cluster of clusters) program.out(cluster);
}

/** @param {import('./program.mjs').Program} program @param {string[]} args */
function getNodes(program, args) {
  const name = kindArgs(args, { name: 'string' }).get('name') ?? 'kind';
  needDocker('failed to list nodes');
  const nodes = nodesOf(world(), name);
  if (nodes.length === 0) return program.err(`No kind nodes found for cluster "${name}".`);
  for (const node of nodes) program.out(node);
}

/** The kubeconfig lies on the first control plane, once kubeadm has made it. @param {string} name @param {boolean} [internal] */
function readFromControlPlane(name, internal) {
  needDocker('failed to list nodes');
  const now = world();
  const controlPlanes = containersOf(now, name).filter(
    (node) => now.containers[node].labels['io.x-k8s.kind.role'] === 'control-plane',
  );
  if (controlPlanes.length === 0) {
    throw new Failure(
      `ERROR: could not locate any control plane nodes for cluster named '${name}'. Use the --name option to select a different cluster`,
    );
  }
  const cluster = now.clusters[name];
  if (cluster === undefined) {
    const command = `docker exec --privileged ${name}-control-plane cat /etc/kubernetes/admin.conf`;
    const output = 'cat: /etc/kubernetes/admin.conf: No such file or directory';
    throw new Failure(
      `ERROR: failed to get cluster internal kubeconfig: command "${command}" failed with error: exit status 1\n\nCommand Output: ${output}`,
    );
  }
  return kubeconfigOf(name, cluster, internal);
}

/** @param {import('./program.mjs').Program} program @param {string[]} args */
function getKubeconfig(program, args) {
  const { get, is } = kindArgs(args, { name: 'string', internal: 'bool' });
  program.out(yaml().stringify(readFromControlPlane(get('name') ?? 'kind', is('internal'))));
}

/** @param {import('./program.mjs').Program} program @param {string[]} args */
function exportKubeconfig(program, args) {
  const { get, is } = kindArgs(args, { name: 'string', kubeconfig: 'string', internal: 'bool' });
  const name = get('name') ?? 'kind';
  const kubeconfig = readFromControlPlane(name, is('internal'));
  writeKubeconfig(program, required(get('kubeconfig')), kubeconfig, '');
  program.err(`Set kubectl context to "kind-${name}"`);
}

/** Idempotent; the network stays. @param {import('./program.mjs').Program} program @param {string[]} args */
function deleteCluster(program, args) {
  const { get } = kindArgs(args, { name: 'string', kubeconfig: 'string' });
  const name = get('name') ?? 'kind';
  const kubeconfig = required(get('kubeconfig'));
  program.err(`Deleting cluster "${name}" ...`);
  needDocker('failed to delete cluster: error listing nodes');
  const nodes = containersOf(world(), name);
  try {
    underLock(kubeconfig, () => remove(kubeconfig, `kind-${name}`));
  } catch (error) {
    program.err(`failed to update kubeconfig: ${/** @type {Error} */ (error).message}`);
  }
  const half = Math.ceil(nodes.length / 2);
  deleteContainers(nodes.slice(0, half));
  program.pass(2);
  program.reached();
  deleteContainers(nodes.slice(half));
  change((now) => {
    delete now.clusters[name];
  });
  if (nodes.length > 0) program.err(`Deleted nodes: [${nodes.map((node) => JSON.stringify(node)).join(' ')}]`);
}

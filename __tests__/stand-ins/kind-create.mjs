// @ts-check
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join as pathOf } from 'node:path';
import { fileURLToPath } from 'node:url';
import { daemonDown } from './docker-cli.mjs';
import { createNetwork, freeAddress, pullImage, runContainer } from './docker-engine.mjs';
import { containersOf, deleteContainers, kindArgs, required, writeKubeconfig } from './kind-cli.mjs';
import { decode, invalid, withDefaults } from './kind-config.mjs';
import { kubeconfigOf } from './kubeconfig.mjs';
import { Failure } from './program.mjs';
import { change, machine, newId, newUid, world } from './state.mjs';

const failed = 'ERROR: failed to create cluster: ';

/**
 * `kind create cluster`. A fault may stop it at the stages `image` (it has found no cluster of that name, and the image is there), `nodes` (containers run, no API server yet), `init` (kubeadm
 * has run, and what kind does after it is missing: the taint of a single node is there, the StorageClass is not), `half` (the
 * control plane is up, the workers have not joined, no kubeconfig) and `kubeconfig` (all is up, the file's lock is held).
 * @param {import('./program.mjs').Program} program @param {string[]} args
 */
export function create(program, args) {
  const { get, is } = kindArgs(args, {
    name: 'string',
    config: 'string',
    image: 'string',
    kubeconfig: 'string',
    retain: 'bool',
    wait: 'duration',
  });
  const kubeconfig = required(get('kubeconfig'));
  if (!machine().docker.running) {
    throw new Failure(
      `${failed}failed to get docker info: command "docker info --format '{{json .}}'" failed with error: exit status 1\n\nCommand Output: ${daemonDown}`,
    );
  }
  const config = readConfig(get('config'), get('name') ?? process.env.KIND_CLUSTER_NAME, get('image'));
  if (containersOf(world(), config.name).length > 0)
    throw new Failure(`${failed}node(s) already exist for a cluster with the name "${config.name}"`);
  if (config.name.length > 50)
    program.err(`cluster name "${config.name}" is probably too long, this might not work properly on some systems`);
  const problem = invalid(config, proxyModes());
  if (problem !== undefined) throw new Failure(`${failed}${problem}`);

  program.err(`Creating cluster "${config.name}" ...`);
  try {
    build(program, config);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const nodes = containersOf(world(), config.name);
    if (!is('retain') && nodes.length > 0) {
      // every container with the cluster's label, whoever made it: kind calls its own `delete cluster`
      deleteContainers(nodes);
      change((now) => delete now.clusters[config.name]);
      program.err(`Deleted nodes: [${nodes.map((node) => JSON.stringify(node)).join(' ')}]`);
    }
    throw new Failure(`${failed}${error.message}`, error.exit);
  }
  writeKubeconfig(
    program,
    kubeconfig,
    kubeconfigOf(config.name, world().clusters[config.name]),
    'failed to create cluster: ',
  );
  program.err(`Set kubectl context to "kind-${config.name}"`);
  program.err('You can now use your cluster with:\n');
  program.err(`kubectl cluster-info --context kind-${config.name} --kubeconfig ${kubeconfig}\n`);
  program.err('Have a nice day! 👋');
}

/** v0.32.0 knows nftables too. */
function proxyModes() {
  const minor = Number(machine().versions.kind.split('.')[1]);
  return ['iptables', 'ipvs', 'none', ...(minor >= 32 ? ['nftables'] : [])];
}

/** @param {string | undefined} file @param {string | undefined} name @param {string | undefined} image */
function readConfig(file, name, image) {
  let source = 'kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\n';
  try {
    if (file !== undefined) source = readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch {
    throw new Failure(`${failed}error reading file: open ${file}: no such file or directory`);
  }
  try {
    return withDefaults(decode(source), {
      name,
      image,
      defaultImage: 'kindest/node:v1.27.3@sha256:3966ac761ae0136263ffdb6cfd4db23ef8a83cba8a463690e98317add2c9ba72',
    });
  } catch (error) {
    throw new Failure(`${failed}${/** @type {Error} */ (error).message}`);
  }
}

/** @typedef {ReturnType<typeof withDefaults>} Config */
/** @typedef {{ name: string, role: string, image: string, labels: Record<string, string> }} Node */

/** @param {import('./program.mjs').Program} program @param {Config} config */
function build(program, config) {
  const nodes = named(config);
  const override = process.env.KIND_EXPERIMENTAL_DOCKER_NETWORK;
  for (const image of new Set(nodes.map((node) => node.image))) ensureImage(program, image, override !== undefined);
  program.reached('image');

  const boxes = nodes.map(() => '📦 ').join('');
  program.err(` • Preparing nodes ${boxes}  ...`);
  startContainers(program, config, nodes, override ?? 'kind');
  program.err(` ✓ Preparing nodes ${boxes}`);
  program.pass(5);
  program.reached('nodes');

  step(program, 'Writing configuration 📜');
  program.err(' • Starting control-plane 🕹️  ...');
  startControlPlane(config, nodes.filter(({ role }) => role === 'control-plane').slice(0, 1));
  program.reached('init');
  change((now) => {
    now.clusters[config.name].tainted = nodes.length > 1;
  });
  program.err(' ✓ Starting control-plane 🕹️');
  program.pass(20);
  if (!config.disableDefaultCNI) step(program, 'Installing CNI 🔌');
  step(program, 'Installing StorageClass 💾');
  change((now) => {
    now.clusters[config.name].storageClass = true;
  });
  program.reached();
  const controlPlanes = nodes.filter(({ role }) => role === 'control-plane').slice(1);
  const workers = nodes.filter(({ role }) => role === 'worker');
  if (controlPlanes.length > 0) join(program, config, 'Joining more control-plane nodes 🎮', controlPlanes);
  if (workers.length > 0) join(program, config, 'Joining worker nodes 🚜', workers);
}

/** @param {import('./program.mjs').Program} program @param {string} text */
function step(program, text) {
  program.err(` • ${text}  ...\n ✓ ${text}`);
}

/** Container names as kind gives them: `c-control-plane`, `c-control-plane2`, `c-worker`, `c-worker2` … @param {Config} config @returns {Node[]} */
function named(config) {
  /** @type {Record<string, number>} */
  const count = {};
  return config.nodes.map((/** @type {Omit<Node, 'name'>} */ node) => {
    const number = (count[node.role] = (count[node.role] ?? 0) + 1);
    return { ...node, name: `${config.name}-${node.role}${number === 1 ? '' : number}` };
  });
}

/** @param {import('./program.mjs').Program} program @param {string} image @param {boolean} overridden */
function ensureImage(program, image, overridden) {
  const text = `Ensuring node image (${image.split('@')[0]}) 🖼`;
  program.err(` • ${text}  ...`);
  if (overridden) {
    program.err('WARNING: Overriding docker network due to KIND_EXPERIMENTAL_DOCKER_NETWORK');
    program.err('WARNING: Here be dragons! This is not supported currently.');
  }
  if (world().images[image] === undefined) {
    try {
      pullImage(image);
    } catch (error) {
      program.err(` ✗ ${text}`);
      const output = /** @type {Failure} */ (error).message;
      throw new Failure(
        `failed to pull image "${image}": command "docker pull ${image}" failed with error: exit status 1\n\nCommand Output: ${output}`,
      );
    }
  }
  program.err(` ✓ ${text}`);
}

/** @param {import('./program.mjs').Program} program @param {Config} config @param {Node[]} nodes @param {string} network */
function startContainers(program, config, nodes, network) {
  const several = nodes.filter(({ role }) => role === 'control-plane').length > 1;
  const balancer = {
    name: `${config.name}-external-load-balancer`,
    role: 'external-load-balancer',
    image: 'kindest/haproxy:v20230606-42a2262b',
  };
  const all = several ? [...nodes, balancer] : nodes;
  change((now) => {
    if (now.networks[network] === undefined)
      createNetwork(now, network, undefined, {}, { 'com.docker.network.bridge.enable_ip_masquerade': 'true' });
    // kind asks for IPv6 too, and docker's order of the two is not fixed
    const { config: subnets } = now.networks[network];
    if (network === 'kind' && subnets.length === 1) subnets.unshift({ Subnet: 'fc00:f853:ccd:e793::/64' });
    for (const { name, role, image } of all) {
      const labels = { 'io.x-k8s.kind.cluster': config.name, 'io.x-k8s.kind.role': role };
      try {
        // the engine copies the image's volumes first; until then the container is on no network
        runContainer(now, { name, image, labels, network: '', ip: '', running: false });
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        throw new Failure(
          `command "docker run --name ${name} …" failed with error: exit status ${error.exit}\n\nCommand Output: ${error.message}`,
        );
      }
    }
  });
  program.reached('made');
  change((now) => {
    for (const { name } of all) {
      const own = addressOf(name, network);
      if (own !== undefined && isTaken(now, network, own))
        throw new Failure(
          `command "docker run --name ${name} …" failed with error: exit status 125\n\nCommand Output: docker: Error response from daemon: Address already in use.`,
        );
      const ip = own ?? freeAddress(now, network);
      Object.assign(now.containers[name], {
        network,
        ip,
        madeAt: ip,
        running: true,
        startedAt: Date.now(),
        createdAt: Date.now(),
      });
      if (own !== undefined) now.containers[name].own = true;
    }
  });
}

/**
 * kind calls the first docker of its PATH. Where that is a program that stands before docker, it is asked what it makes of the
 * call. @param {string} name @param {string} network @returns {string | undefined} the address that it asks for
 */
function addressOf(name, network) {
  const [first = '', ...rest] = (process.env.PATH ?? '').split(':');
  const docker = pathOf(first, 'docker');
  if (!existsSync(docker) || !readFileSync(docker, 'utf8').startsWith('#!/bin/sh')) return undefined;
  const echo = fileURLToPath(new URL('echo', import.meta.url));
  const env = { PATH: [first, echo, ...rest].join(':') };
  const line = execFileSync(docker, ['run', '--name', name, '--hostname', name, '--net', network], { env });
  return /^run --ip (\S+) --name /.exec(String(line))?.[1];
}

/** @param {any} now @param {string} network @param {string} ip */
const isTaken = (now, network, ip) =>
  Object.values(now.containers).some((container) => container.network === network && container.ip === ip);

/** kubeadm has run: from here the API server answers. @param {Config} config @param {Node[]} nodes the first control plane */
function startControlPlane(config, nodes) {
  change((now) => {
    const id = newId(now, 16);
    const apiPort = config.apiServerPort > 0 ? config.apiServerPort : 30000 + (now.serial % 30000);
    const namespaces = ['default', 'kube-node-lease', 'kube-public', 'kube-system', 'local-path-storage'];
    now.clusters[config.name] = {
      ca: Buffer.from(`ca-of-${config.name}-${id}`).toString('base64'),
      apiPort,
      tuned: config.tuned,
      podSubnet: config.podSubnet,
      serviceSubnet: config.serviceSubnet,
      version: /:(v[\d.]+)/.exec(config.nodes[0].image)?.[1] ?? 'v1.27.3',
      // kubeadm's own: kind takes it away from the node of a cluster of one
      tainted: true,
      storageClass: false,
      hasCni: !config.disableDefaultCNI,
      nodes: [],
      namespaces: Object.fromEntries(namespaces.map((name) => [name, newUid(now)])),
      objects: {},
      releases: [],
      addresses: {},
      connected: [],
      looks: {},
    };
  });
  joinNodes(config.name, nodes);
}

/** @param {import('./program.mjs').Program} program @param {Config} config @param {string} text @param {Node[]} nodes */
function join(program, config, text, nodes) {
  program.err(` • ${text}  ...`);
  program.pass(15);
  joinNodes(config.name, nodes);
  program.err(` ✓ ${text}`);
}

/** @param {string} cluster @param {Node[]} nodes */
function joinNodes(cluster, nodes) {
  change((now) => {
    for (const { name, role, labels } of nodes)
      now.clusters[cluster].nodes.push({ name, role, labels, uid: newUid(now) });
  });
}

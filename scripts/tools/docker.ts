import { z } from 'zod';
import type { Network } from '../../lab/lab.ts';
import type { Command } from './command.ts';
import { kindClusterLabel } from './docker-container.ts';
import { readJson } from './json.ts';

/** The labels that say which lab a docker network belongs to, and which folder's lab of that name. */
const labLabel = 'clustermesh-lab';
const ownerLabel = 'clustermesh-lab.owner';

/** Bytes of a network's largest packet, as an option of the network. */
const mtuOption = 'com.docker.network.driver.mtu';

const docker = (...args: string[]): Command => ({ program: 'docker', args });

/** It answers with the id or the name of what it made or removed. */
const quietly = (...args: string[]): Command => ({ ...docker(...args), quiet: true });

export const info = (): Command => docker('info', '--format', '{{json .}}');

export const listNetworks = (): Command => docker('network', 'ls', '--quiet', '--no-trunc');

export const inspectNetworks = (ids: readonly string[]): Command => docker('network', 'inspect', ...ids);

/**
 * @param owner id of the folder that the lab belongs to
 * @param mtu bytes; undefined leaves it to Docker, which takes 1500 whatever its own default network has
 */
export const createNetwork = (
  lab: string,
  owner: string,
  { name, subnet, nodeRange, gateway }: Network,
  mtu?: number,
): Command =>
  quietly(
    ...['network', 'create', '--driver', 'bridge'],
    ...['--label', `${labLabel}=${lab}`, '--label', `${ownerLabel}=${owner}`],
    ...(mtu === undefined ? [] : ['--opt', `${mtuOption}=${mtu}`]),
    ...['--subnet', String(subnet), '--ip-range', String(nodeRange), '--gateway', String(gateway), name],
  );

export const removeNetwork = (name: string): Command => quietly('network', 'rm', name);

/**
 * The engine makes one volume of a name at a time, and a second `create` of that name succeeds and changes nothing: the first
 * one's labels stay (moby volume/service/store.go; seen with 20.10). So whoever finds his own label there has made it.
 */
export const createVolume = (name: string, labels: Readonly<Record<string, string>>): Command =>
  quietly(
    'volume',
    'create',
    ...Object.entries(labels).flatMap(([key, value]) => ['--label', `${key}=${value}`]),
    name,
  );

/** Names of all volumes that have a label. */
export const listVolumes = (label: string): Command => docker('volume', 'ls', '--quiet', '--filter', `label=${label}`);

/** Those that are there are shown, also where the exit code says that one is not. */
export const inspectVolumes = (names: readonly string[]): Command => docker('volume', 'inspect', ...names);

export const removeVolumes = (names: readonly string[]): Command => quietly('volume', 'rm', ...names);

/** Every container of every kind cluster on this machine, running or not. */
export const listKindContainers = (): Command =>
  docker('ps', '--all', '--no-trunc', '--filter', `label=${kindClusterLabel}`, '--format', '{{json .}}');

/** All that the engine knows of some containers. */
export const inspectContainers = (names: readonly string[]): Command => docker('container', 'inspect', ...names);

/** What a node wrote: systemd's start, and the end of the rest. */
export const containerLogs = (name: string): Command =>
  docker('container', 'logs', '--timestamps', '--tail', '1000', name);

/** Versions of command and engine. */
export const version = (): Command => docker('version');

/** Until they run again nothing of them needs CPU or memory. @param seconds until what does not end by itself is killed */
export const stopContainers = (names: readonly string[], seconds: number): Command =>
  // `--time` is deprecated since Docker 28, and `--timeout` unknown before
  quietly('stop', '-t', String(seconds), ...names);

export const startContainers = (names: readonly string[]): Command => quietly('start', ...names);

/** Freezes them: they keep memory and addresses, and answer nothing. */
export const pauseContainers = (names: readonly string[]): Command => quietly('pause', ...names);

export const unpauseContainers = (names: readonly string[]): Command => quietly('unpause', ...names);

/** Names of all containers on a network, running or not, one a line. */
export const listContainersOn = (network: string): Command =>
  docker('ps', '--all', '--no-trunc', '--filter', `network=${network}`, '--format', '{{.Names}}');

/** The names of all containers of this engine, running or not, one a line. */
export const listContainerNames = (): Command => docker('ps', '--all', '--no-trunc', '--format', '{{.Names}}');

export const inspectImage = (image: string): Command => docker('image', 'inspect', '--format', '{{.Id}}', image);

/** A question to the engine's kernel, from a container that has no network of its own and is gone after; never pulls. */
const askFrom = (image: string, program: string, ...args: string[]): Command =>
  docker('run', '--rm', '--pull', 'never', '--network', 'none', '--entrypoint', program, image, ...args);

/** Prints what the engine's kernel was built with, where it keeps that. */
export const kernelConfig = (image: string): Command =>
  askFrom(image, 'gzip', '--decompress', '--stdout', '/proc/config.gz');

/** As `askFrom`, of what needs a right over the container's own network: all that it makes goes with the container. */
const tryFrom = (image: string, ...ip: string[]): Command => {
  const { args } = askFrom(image, 'ip', ...ip);
  return docker('run', '--cap-add', 'NET_ADMIN', ...args.slice(1));
};

/** Fails where the engine's kernel makes no VXLAN devices. */
export const tryVxlan = (image: string): Command =>
  tryFrom(image, ...['link', 'add', 'lab-vxlan', 'type', 'vxlan', 'id', '1', 'dstport', '8472']);

/** Fails where it makes no WireGuard devices. */
export const tryWireguard = (image: string): Command =>
  tryFrom(image, ...['link', 'add', 'lab-wireguard', 'type', 'wireguard']);

/** Fails where it does no IPsec by ESP with the cipher of Cilium's keys; this key is nobody's. */
export const tryEsp = (image: string): Command =>
  tryFrom(
    image,
    ...['xfrm', 'state', 'add', 'src', '127.0.0.1', 'dst', '127.0.0.1', 'proto', 'esp', 'spi', '3', 'mode', 'tunnel'],
    ...['aead', 'rfc4106(gcm(aes))', `0x${'0'.repeat(40)}`, '128'],
  );

export const pull = (image: string): Command => docker('pull', image);

/** An image that was pulled by digest has no name that `save` could keep. */
export const tag = (image: string, name: string): Command => docker('tag', image, name);

/** `platform` is for Docker's containerd image store alone: there an archive of all platforms lacks the others' layers (kind#3795). */
export const save = (image: string, file: string, platform?: string): Command =>
  docker('save', ...(platform === undefined ? [] : ['--platform', platform]), '--output', file, image);

/** Brings the images of an archive, which may be packed by gzip, under the names that it has for them. */
export const loadImages = (archive: string): Command => docker('load', '--input', archive);

/** Takes a name from an image; one that has no other goes. */
export const removeImageName = (name: string): Command => quietly('image', 'rm', name);

/** Copies what is in a folder of this machine into a container, whether or not that runs. @param place a folder there */
export const copyInto = (folder: string, container: string, place: string): Command =>
  quietly('cp', `${folder}/.`, `${container}:${place}`);

/** Prints, a line each, those of the images that the node's containerd holds. */
export const imagesOnNode = (node: string, images: readonly string[]): Command =>
  docker(
    'exec',
    node,
    'ctr',
    '--namespace=k8s.io',
    'images',
    'list',
    '--quiet',
    ...images.map((name) => `name==${name}`),
  );

/** Runs a program in a container. */
export const execIn = (container: string, ...program: string[]): Command => docker('exec', container, ...program);

/** The end of what a unit of systemd wrote in a node. */
export const journal = (node: string, unit: string): Command =>
  execIn(node, 'journalctl', '--unit', unit, '--no-pager', '--lines', '500');

/** As `execIn`, of a program that reads what it does. */
export const execReading = (container: string, input: string, ...program: string[]): Command => ({
  ...docker('exec', '--interactive', container, ...program),
  input,
});

/** MTU of a node's interface on the docker network. */
export const nodeMtu = (node: string): Command => docker('exec', node, 'cat', '/sys/class/net/eth0/mtu');

/** A docker network of this machine, the lab's or another's. */
export interface DockerNetwork {
  readonly name: string;
  /** IPv4 subnets, in CIDR notation; docker's order of IPv4 and IPv6 is not fixed (kuma#10030). */
  readonly subnets: readonly string[];
  readonly ipRange: string | undefined;
  /** Bytes; undefined where the network does not say. */
  readonly mtu: number | undefined;
  /** Name of the lab that made it; undefined for all other networks. */
  readonly lab: string | undefined;
  /** Of a lab's network: the owner written on it. One that was made before owners were has its own id instead, which nobody else has. */
  readonly owner: string | undefined;
  /** Names of the running containers in it. */
  readonly containers: readonly string[];
}

const networksAnswer = z.array(
  z.object({
    Name: z.string(),
    Id: z.string().default(''),
    Labels: z.record(z.string(), z.string()).nullish(),
    Options: z.record(z.string(), z.string()).nullish(),
    IPAM: z.object({ Config: z.array(z.object({ Subnet: z.string(), IPRange: z.string().optional() })).nullish() }),
    Containers: z.record(z.string(), z.object({ Name: z.string() })).nullish(),
  }),
);

export function parseNetworks(json: string): DockerNetwork[] | undefined {
  return readJson(networksAnswer, json)?.map(({ Name, Id, Labels, Options, IPAM, Containers }) => {
    const configs = (IPAM.Config ?? []).filter(({ Subnet }) => Subnet.includes('.'));
    const mtu = Number(Options?.[mtuOption]);
    return {
      name: Name,
      subnets: configs.map(({ Subnet }) => Subnet),
      ipRange: configs[0]?.IPRange,
      mtu: mtu > 0 ? mtu : undefined,
      lab: Labels?.[labLabel],
      owner: Labels?.[labLabel] === undefined ? undefined : (Labels[ownerLabel] ?? Id),
      containers: Object.values(Containers ?? {}).map((container) => container.Name),
    };
  });
}

/** Does an `inspect` complain of nothing but what has gone since it was listed? It has printed the others. */
export const isOnlyGone = (stderr: string): boolean =>
  stderr.trim() !== '' &&
  stderr
    .trim()
    .split('\n')
    .every((line) => /network \S+ not found|No such (network|container)/i.test(line));

const volumesAnswer = z.array(z.object({ Name: z.string(), Labels: z.record(z.string(), z.string()).nullish() }));

/** Labels of volumes, by name; no word counts as no volume. */
export function parseVolumes(json: string): ReadonlyMap<string, Readonly<Record<string, string>>> | undefined {
  const volumes = readJson(volumesAnswer, json.trim() === '' ? '[]' : json);
  return volumes && new Map(volumes.map(({ Name, Labels }) => [Name, Labels ?? {}]));
}

// @ts-check
import { cidrRange, overlap, toText } from './ipv4.mjs';
import { Failure } from './program.mjs';
import { change, machine, newId, world } from './state.mjs';

/** Puts a published image on the machine, or fails as Docker does; kind pulls the same way. @param {string} name */
export function pullImage(name) {
  if (!machine().registry.includes(name)) {
    const known = machine().registry.some((each) => each.split(':')[0] === name.split(':')[0]);
    throw new Failure(
      known
        ? `Error response from daemon: manifest for ${name} not found: manifest unknown: manifest unknown`
        : 'Error response from daemon: Get "https://registry-1.docker.io/v2/": dial tcp: lookup registry-1.docker.io on 10.255.255.53:53: no such host',
    );
  }
  change((now) => {
    now.images[name] = {};
  });
}

/**
 * Adds a network to the world and gives its id; without a subnet it gets the first free 172.x.0.0/16, as docker does it.
 * @param {any} now @param {string} name @param {{ Subnet: string, Gateway?: string } | undefined} given @param {Record<string, string>} labels @param {Record<string, string>} [options]
 * @returns {string}
 */
export function createNetwork(now, name, given, labels, options = {}) {
  if (now.networks[name] !== undefined)
    throw new Failure(`Error response from daemon: network with name ${name} already exists`);
  const taken = Object.values(now.networks)
    .flatMap(({ config }) => config)
    .map(({ Subnet }) => cidrRange(Subnet));
  const isFree = (/** @type {string} */ subnet) =>
    !taken.some((range) => range !== undefined && overlap(range, cidrRange(subnet) ?? [0, 0]));
  const subnet = given?.Subnet ?? Array.from({ length: 14 }, (_, index) => `172.${18 + index}.0.0/16`).find(isFree);
  if (subnet === undefined)
    throw new Failure('Error response from daemon: all predefined address pools have been fully subnetted');
  if (!isFree(subnet))
    throw new Failure('Error response from daemon: Pool overlaps with other one on this address space');
  const [first = 0] = cidrRange(subnet) ?? [];
  const id = newId(now, 64);
  now.networks[name] = {
    id,
    driver: 'bridge',
    labels,
    options,
    config: [{ Gateway: toText(first + 1), ...given, Subnet: subnet }],
  };
  return id;
}

/** The lowest free address for a container, from the `--ip-range` where there is one. @param {any} now @param {string} name @returns {string} */
export function freeAddress(now, name) {
  const { Subnet, IPRange, Gateway } = now.networks[name].config.find((/** @type {{ Subnet: string }} */ each) =>
    each.Subnet.includes('.'),
  );
  const used = new Set([
    Gateway,
    ...Object.values(now.containers)
      .filter(({ network }) => network === name)
      .map(({ ip }) => ip),
  ]);
  const [subnetFirst = 0] = cidrRange(Subnet) ?? [];
  const [first = 0, last = -1] = cidrRange(IPRange ?? Subnet) ?? [];
  for (let address = Math.max(first, subnetFirst + 1); address <= last; address += 1) {
    if (!used.has(toText(address))) return toText(address);
  }
  throw new Failure(
    `docker: Error response from daemon: no available IPv4 addresses on this network's address pools: ${name} (${now.networks[name].id})`,
    125,
  );
}

/** A new container of a kind node; a name is given once. @param {any} now the world, to be changed @param {{ name: string, image: string, labels: Record<string, string>, network: string, ip: string }} given */
export function runContainer(now, { name, ...given }) {
  const there = now.containers[name];
  if (there !== undefined)
    throw new Failure(
      `docker: Error response from daemon: Conflict. The container name "/${name}" is already in use by container "${there.id}". You have to remove (or rename) that container to be able to reuse that name.\nSee 'docker run --help'.`,
      125,
    );
  now.containers[name] = { id: newId(now, 64), running: true, images: [], ...given };
}

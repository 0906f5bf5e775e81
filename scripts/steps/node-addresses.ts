import { Ipv4 } from '../../lab/cidr.ts';
import type { Network } from '../../lab/lab.ts';
import type { Queries } from '../observe/queries.ts';
import { placesOf } from '../observe/places.ts';
import { listContainersOn } from '../tools/docker.ts';

/**
 * Chooses the addresses of new nodes. Each node is made with its own: Docker would deal them anew at each start, in the order
 * in which the containers start, and a region whose control plane gets another address does not come back.
 */
export class NodeAddresses {
  /** Chosen in this run, perhaps not in use yet. */
  readonly #chosen = new Set<string>();

  /**
   * The lowest free ones of the network's node range, in the order of the names.
   * @returns by name; undefined where there are too few
   */
  async choose(
    queries: Queries,
    network: Network,
    names: readonly string[],
  ): Promise<ReadonlyMap<string, string> | undefined> {
    const taken = await takenOn(queries, network.name);
    const free = lowestFree(network, new Set([...taken, ...this.#chosen]), names.length);
    if (free.length < names.length) return undefined;
    for (const address of free) this.#chosen.add(address);
    return new Map(names.map((name, index) => [name, free[index] ?? '']));
  }
}

/** As Docker counts: the subnet's first address names the subnet. Pure. */
export function lowestFree(
  { subnet, gateway, nodeRange }: Network,
  taken: ReadonlySet<string>,
  count: number,
): string[] {
  const free: string[] = [];
  const { value: last } = nodeRange.last;
  for (
    let value = Math.max(nodeRange.first.value, subnet.first.value + 1);
    value <= last && free.length < count;
    value++
  ) {
    const address = String(Ipv4.of(value));
    if (value !== gateway.value && !taken.has(address)) free.push(address);
  }
  return free;
}

/** Addresses of the containers on a network, and of those that are stopped and have their own. */
async function takenOn(queries: Queries, network: string): Promise<string[]> {
  const names = (await queries.ask(listContainersOn(network))).split('\n').filter((name) => name !== '');
  const places = await placesOf(queries, names);
  return places.flatMap(({ addresses }) => addresses.get(network)?.address ?? []);
}

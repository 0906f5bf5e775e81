import { type KnownAddresses, withKnown } from './addresses.ts';
import { podSubnetSizes, poolPlaces, serviceSubnetSizes } from './check-addresses.ts';
import { meshSize } from './check-regions.ts';
import { Cidr, contains, IpRange, overlap, type Span } from './cidr.ts';
import { pathText } from './problems.ts';
import type { LabInput } from './schema.ts';

/** What an earlier synth gave to each region, by name; dist/ alone keeps it. */
export type Memory = ReadonlyMap<string, KnownAddresses>;

/** What a lab makes of a memory. */
export interface Recollection {
  /** For each region in turn: what it had before and still fits; undefined for a region that is not remembered. */
  readonly regions: readonly (KnownAddresses | undefined)[];
  /** All that any region of the lab had before, fitting or not. */
  readonly held: readonly Span[];
}

/**
 * What of a memory still fits the lab: what lab.yaml leaves out and could give just as well, inside network.pods and beside
 * everything that it does give. Of two regions that remember the same, as after a merge of two branches, the first keeps it.
 *
 * A pool moves along with network.subnet. It keeps its first addresses where `loadBalancer.addressesPerRegion` is less than
 * it has; where that is more, it does not fit.
 */
export function recall(input: LabInput, memory: Memory): Recollection {
  const known = input.regions.map(({ name }) => memory.get(name));
  const adapted = known.map((region) => region && { ...region, pool: adaptedPool(region.pool, input) });
  const refused = refusedPlaces({ ...input, regions: input.regions.map((given, at) => withKnown(given, adapted[at])) });
  const claims = claimsBeside(input);
  const regions = input.regions.map((given, index) => {
    const had = adapted[index];
    if (had === undefined) return undefined;
    const fitting = <T>(key: keyof KnownAddresses, value: T | undefined, claim: (value: T) => boolean) => {
      if (value === undefined || given[key] !== undefined) return undefined;
      return !refused.has(pathText(['regions', index, key])) && claim(value) ? value : undefined;
    };
    return {
      id: fitting('id', had.id, claims.id),
      podSubnet: fitting('podSubnet', had.podSubnet, claims.subnet),
      serviceSubnet: fitting('serviceSubnet', had.serviceSubnet, claims.subnet),
      pool: fitting('pool', had.pool, claims.pool),
    };
  });
  return { regions, held: known.flatMap(spansOf) };
}

function adaptedPool(pool: IpRange | undefined, { network, loadBalancer }: LabInput): IpRange | undefined {
  if (pool === undefined) return undefined;
  const { first, last } = moved(pool, network.subnet);
  const size = last.value - first.value + 1;
  const wanted = loadBalancer.addressesPerRegion ?? size;
  return wanted > size ? undefined : IpRange.of(first, first.plus(wanted - 1));
}

/** A pool that lies outside the docker subnet, at the same distance from the start as it had in a subnet of that size. */
function moved(pool: IpRange, subnet: Cidr): IpRange {
  const former = Cidr.around(pool.first, subnet.prefix);
  if (contains(subnet, pool) || !contains(former, pool)) return pool;
  const first = subnet.first.plus(pool.first.value - former.first.value);
  return IpRange.of(first, first.plus(pool.size - 1));
}

/** Where lab.yaml would be refused if it gave what is remembered; overlaps aside. */
function refusedPlaces(input: LabInput): ReadonlySet<string> {
  const laws = [meshSize, podSubnetSizes, serviceSubnetSizes, poolPlaces];
  return new Set(laws.flatMap((law) => law(input)).map(({ path }) => pathText(path)));
}

/** Takes an id, a subnet or a pool for a region, and says whether it was still to be had. */
function claimsBeside({ regions, network }: LabInput) {
  const ids = new Set(regions.map(({ id }) => id));
  const beside = (taken: (Span | undefined)[]) => (span: Span) => {
    if (taken.some((other) => other !== undefined && overlap(other, span))) return false;
    taken.push(span);
    return true;
  };
  const given = regions.flatMap(({ podSubnet, serviceSubnet }) => [podSubnet, serviceSubnet]);
  const besideSubnets = beside([network.subnet, ...given]);
  return {
    id: (id: number) => {
      if (ids.has(id)) return false;
      ids.add(id);
      return true;
    },
    subnet: (subnet: Cidr) => contains(network.pods, subnet) && besideSubnets(subnet),
    pool: beside(regions.map(({ pool }) => pool)),
  };
}

function spansOf(known: KnownAddresses = {}): Span[] {
  return [known.podSubnet, known.serviceSubnet, known.pool].filter((span) => span !== undefined);
}

import { allocate, type RegionAddresses } from './addresses.ts';
import { check } from './check.ts';
import { ungivenAddresses } from './lb-ipam.ts';
import type { Lab, Network, Region, Source, Sources } from './lab.ts';
import { type Memory, recall } from './memory.ts';
import { apiServerHost, nodeNames } from './nodes.ts';
import { mirrorsOf } from './mirrors.ts';
import {
  mirroredName,
  publishedCache,
  type Registry,
  type RegistryMirrors,
  registriesOf,
  registryMirrorsOf,
} from './registries.ts';
import type { Problem } from './problems.ts';
import { askedFor, databaseImage, type PodImage, preloadOf, probeImage } from './preload.ts';
import { publishedChart, publishedManifest } from './published.ts';
import type { Scenarios } from './scenarios.ts';
import type { LabInput, RegionInput } from './schema.ts';
import { resolveStack, type Stack } from './stacks.ts';
import type { Switches } from './switches.ts';
import { linksByRegion } from './topology.ts';
import { mergeValues, valueAt } from './values.ts';

/**
 * Checks what lab.yaml gives and decides the rest: pure and total.
 * @param memory what regions had before, which they keep where it fits; nothing by default
 */
export function resolveLab(input: LabInput, memory: Memory = new Map()): { lab: Lab } | { problems: Problem[] } {
  const problems = check(input);
  if (problems.length > 0) return { problems };
  const { regions: remembered, held } = recall(input, memory);
  const plan = allocate({
    regions: input.regions.map((region, index) => ({
      ...region,
      nodes: region.controlPlanes + region.workers,
      remembered: remembered[index],
    })),
    pods: input.network.pods,
    subnet: input.network.subnet,
    addressesPerRegion: input.loadBalancer.addressesPerRegion,
    held,
  });
  if ('problems' in plan) return plan;
  const stack = resolveStack(input.stack, input.versions);
  const ungiven = input.loadBalancer.by === 'cilium' ? ungivenAddresses(input.regions, plan.regions, stack) : [];
  if (ungiven.length > 0) return { problems: ungiven };
  const links = linksByRegion(input);
  const regions = input.regions.flatMap((region, index) => {
    const addresses = plan.regions[index];
    return addresses === undefined ? [] : [regionOf(region, addresses, links.get(region.name) ?? [], input, stack)];
  });
  return {
    lab: {
      name: input.name,
      stack,
      sources: sourcesOf(input, stack),
      mirrors: mirrorsOf(input.mirrors),
      network: networkOf(input),
      nativeRoutingCidr: input.network.pods,
      maxConnectedClusters: input.mesh.maxConnectedClusters ?? (regions.some(({ id }) => id > 255) ? 511 : 255),
      meshMethod: input.mesh.method,
      loadBalancer: input.loadBalancer.by,
      imagesBy: input.sources.images.by,
      registries: askedRegistries(input),
      cacheImage: input.sources.images.cache ?? mirroredName(publishedCache, mirrorsIn(input)),
      probeImage: askedFor(probeImage(input.sources.images)),
      scenarios: scenariosOf(input),
      expected: input.expect,
      profiles: new Map(Object.entries(input.degrade)),
      switches: switchesOf(input),
      testOnly: input.test.only,
      regions,
    },
  };
}

function regionOf(
  region: RegionInput,
  addresses: RegionAddresses,
  links: readonly string[],
  input: LabInput,
  stack: Stack,
): Region {
  const values = mergeValues(input.cilium.values, region.cilium.values);
  return {
    name: region.name,
    id: addresses.id,
    context: `kind-${region.name}`,
    links,
    controlPlanes: region.controlPlanes,
    workers: region.workers,
    nodes: nodeNames(region.name, region),
    apiServerHost: apiServerHost(region.name, region),
    nodeImage: region.nodeImage ?? input.sources.nodeImage ?? mirroredName(stack.nodeImage, mirrorsIn(input)),
    podSubnet: addresses.podSubnet,
    serviceSubnet: addresses.serviceSubnet,
    pool: addresses.pool,
    meshAddress: addresses.pool.first.plus(1),
    hubbleUi: input.cilium.hubble && valueAt(values, ['hubble', 'ui', 'enabled']) !== false,
    preload: preloadOf(input.sources.images, values, stack.versions.cilium, podImages(region, input)),
    values,
  };
}

const mirrorsIn = ({ mirrors, sources }: LabInput): RegistryMirrors => registryMirrorsOf(mirrors, sources.mirrors);

function askedRegistries(input: LabInput): Registry[] {
  const all = registriesOf(mirrorsIn(input));
  return input.sources.images.by === 'cache' ? all : all.filter(({ url, upstream }) => url !== upstream);
}

function switchesOf({ cilium, mcs, tuning }: LabInput): Switches {
  const { encryption, routing, hubble, kvstoremesh } = cilium;
  return { encryption, routing, hubble, kvstoremesh, mcs, tuned: tuning === 'lab' };
}

/** What an option of a scenario leaves to the regions of the lab. */
function scenariosOf({ scenarios, regions: [first], sources, mesh }: LabInput): Scenarios {
  const { policy, 'shared-services': shared, 'stateful-split': split, ...others } = scenarios;
  const name = first?.name ?? '';
  const image = askedFor(databaseImage(sources.images));
  return {
    ...others,
    ...(policy && { policy: { allow: policy.allow ?? [name] } }),
    ...(shared && { 'shared-services': { hub: shared.hub ?? mesh.hub ?? name } }),
    ...(split && { 'stateful-split': { region: split.region ?? name, image } }),
  };
}

/** Of the pods that the lab makes in a region. */
function podImages({ name }: RegionInput, input: LabInput): PodImage[] {
  const hasDatabase = scenariosOf(input)['stateful-split']?.region === name;
  const { images } = input.sources;
  return [probeImage(images), ...(hasDatabase ? [databaseImage(images)] : [])];
}

function networkOf({ name, network }: LabInput): Network {
  const { subnet } = network;
  return {
    name: network.name ?? name,
    subnet,
    gateway: subnet.first.plus(1),
    nodeRange: subnet.part(subnet.prefix + 1, 0),
  };
}

function sourcesOf({ sources, loadBalancer }: LabInput, { versions }: Stack): Sources {
  return {
    ciliumChart: sourceOf(sources.ciliumChart) ?? publishedChart(versions.cilium),
    metallbManifest:
      loadBalancer.by === 'cilium'
        ? undefined
        : (sourceOf(sources.metallbManifest) ?? publishedManifest(versions.metallb)),
  };
}

/** A URL may say what the bytes must be: `https://…/cilium.tgz#sha256=HEX`. */
function sourceOf(given: string | undefined): Source | undefined {
  if (given === undefined || !/^https?:\/\//.test(given)) return given === undefined ? undefined : { place: given };
  const [url = '', sha256] = given.split(/#sha256=/i);
  return { url, sha256: sha256?.toLowerCase() };
}

import {
  overlaps,
  networkOutsidePods,
  podSubnetSizes,
  podSubnetsCovered,
  poolPlaces,
  reservedAddresses,
  serviceSubnetSizes,
  subnetSize,
} from './check-addresses.ts';
import { partsOfHubble } from './check-hubble.ts';
import { unfitForIpsec } from './check-ipsec.ts';
import { profilesFit } from './check-degrade.ts';
import { withoutOperator } from './check-operator.ts';
import { switchesFit } from './check-switches.ts';
import { announcing, versionsFit } from './check-versions.ts';
import { ids, meshSize, names, nodeRoom, schedulable } from './check-regions.ts';
import { scenarioLinks, scenarioRegions } from './check-scenarios.ts';
import type { Values } from './lab.ts';
import { topologyFits } from './topology.ts';
import { isWithin, type Path, type Problem } from './problems.ts';
import type { LabInput } from './schema.ts';
import { ownedValues } from './value-owners.ts';

/** One law that values of lab.yaml must keep together. */
interface Check {
  /** What it reads beside the regions: where the schema refused one of these, the answer would only confuse. */
  readonly reads: readonly Path[];
  readonly find: (input: LabInput) => Problem[];
}

const subnet: Path = ['network', 'subnet'];
const pods: Path = ['network', 'pods'];

const checks: readonly Check[] = [
  { reads: [], find: names },
  { reads: [], find: ids },
  { reads: [['stack'], ['versions', 'cilium'], ['mesh', 'maxConnectedClusters']], find: meshSize },
  { reads: [['stack'], ['versions']], find: versionsFit },
  { reads: [['stack'], ['versions'], ['loadBalancer', 'by']], find: announcing },
  {
    reads: [
      ['mesh', 'topology'],
      ['mesh', 'hub'],
      ['mesh', 'pairs'],
    ],
    find: topologyFits,
  },
  { reads: [['stack'], ['versions'], ['mcs'], ['cilium', 'encryption']], find: switchesFit },
  { reads: [['mesh', 'method']], find: valuesOfTheLab },
  { reads: [], find: operators },
  { reads: [['cilium', 'hubble']], find: hubble },
  { reads: [['cilium', 'encryption']], find: ipsec },
  { reads: [], find: schedulable },
  { reads: [], find: reservedAddresses },
  { reads: [subnet], find: subnetSize },
  { reads: [subnet, pods], find: networkOutsidePods },
  { reads: [subnet], find: nodeRoom },
  { reads: [], find: podSubnetSizes },
  { reads: [], find: serviceSubnetSizes },
  { reads: [pods], find: podSubnetsCovered },
  { reads: [subnet], find: overlaps },
  { reads: [subnet], find: poolPlaces },
  { reads: [['scenarios']], find: scenarioRegions },
  { reads: [['scenarios'], ['mesh']], find: scenarioLinks },
  { reads: [['degrade']], find: profilesFit },
];

/** `cilium.values` of the lab and of each region, with their places. */
export function givenValues({ cilium, regions }: LabInput): readonly { values: Values; path: Path }[] {
  return [
    { values: cilium.values, path: ['cilium', 'values'] },
    ...regions.map((region, index) => ({
      values: region.cilium.values,
      path: ['regions', index, 'cilium', 'values'],
    })),
  ];
}

/** Nothing in `cilium.values` that the lab or the Cilium CLI decides. */
function valuesOfTheLab(input: LabInput): Problem[] {
  return givenValues(input).flatMap(({ values, path }) => ownedValues(values, input.mesh.method, path));
}

/** An operator of Cilium in every region. */
function operators(input: LabInput): Problem[] {
  return givenValues(input).flatMap(({ values, path }) => withoutOperator(values, path));
}

/** No part of Hubble where there is none. */
function hubble(input: LabInput): Problem[] {
  if (input.cilium.hubble) return [];
  return givenValues(input).flatMap(({ values, path }) => partsOfHubble(values, path));
}

/** Nothing that IPsec cannot bear. */
function ipsec(input: LabInput): Problem[] {
  if (input.cilium.encryption !== 'ipsec') return [];
  return givenValues(input).flatMap(({ values, path }) => unfitForIpsec(values, path));
}

/**
 * What is wrong with what lab.yaml gives, all at once; what it leaves out is allocated later, around the given.
 * @param refused places that the schema refused: nothing is said about them again, nor concluded from them.
 */
export function check(input: LabInput, refused: readonly Path[] = []): Problem[] {
  return checks
    .filter(
      ({ reads }) => !reads.some((path) => refused.some((place) => isWithin(path, place) || isWithin(place, path))),
    )
    .flatMap(({ find }) => find(input))
    .filter(({ path }) => !refused.some((place) => isWithin(path, place)));
}

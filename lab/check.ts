import {
  overlaps,
  podSubnetSizes,
  podSubnetsCovered,
  poolPlaces,
  serviceSubnetSizes,
  subnetSize,
} from './check-addresses.ts';
import { ids, meshSize, names, nodeRoom, schedulable } from './check-regions.ts';
import { isWithin, type Path, type Problem } from './problems.ts';
import type { LabInput } from './schema.ts';

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
  { reads: [['stack'], ['versions', 'cilium']], find: meshSize },
  { reads: [], find: schedulable },
  { reads: [subnet], find: subnetSize },
  { reads: [subnet], find: nodeRoom },
  { reads: [], find: podSubnetSizes },
  { reads: [], find: serviceSubnetSizes },
  { reads: [pods], find: podSubnetsCovered },
  { reads: [subnet], find: overlaps },
  { reads: [subnet], find: poolPlaces },
];

/**
 * What is wrong with what lab.yaml gives, all at once; what it leaves out is allocated later, around the given.
 * @param refused places that the schema refused: nothing is said about them again, nor concluded from them.
 */
export function check(input: LabInput, refused: readonly Path[] = []): Problem[] {
  return checks
    .filter(({ reads }) => !reads.some((path) => refused.some((place) => isWithin(path, place))))
    .flatMap(({ find }) => find(input))
    .filter(({ path }) => !refused.some((place) => isWithin(path, place)));
}

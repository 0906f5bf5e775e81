/**
 * That a cluster is being created is on record where the cluster is: a docker volume stands for it from before `kind create` until
 * after it. A cluster with such a volume is half-built; of one without it nothing is concluded, whatever it looks like.
 */
export const intentLabel = 'clustermesh-lab.creating';

const prefix = (owner: string): string => `clustermesh-lab-creating-${owner}-`;

/** Name of the volume that says so of a region. */
export const intentVolume = (owner: string, region: string): string => `${prefix(owner)}${region}`;

/** The owner's regions among the volumes with that label. Pure. */
export function creatingRegions(volumes: readonly string[], owner: string | undefined): string[] {
  if (owner === undefined) return [];
  return volumes.filter((name) => name.startsWith(prefix(owner))).map((name) => name.slice(prefix(owner).length));
}

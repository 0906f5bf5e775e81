import type { Region } from '../../lab/lab.ts';

/** What something takes of the engine's machine, in bytes. */
export interface Need {
  readonly memory: number;
  readonly disk: number;
}

const megabytes = 1e6;

/**
 * What a lab takes, by its parts; the docs follow this file.
 *
 * Memory: resident and kernel memory of the nodes' cgroups, in a lab of the stack `current` that `npm run test:e2e` had connected, two
 * regions of one control plane and one worker: control planes 1022 and 1067 MB, workers 615 and 599 MB, of which the kernel has 185
 * to 200 MB a node (eBPF maps). And two regions of one control plane and three workers took 5.1 GB (docs/performance.md): pods that
 * come once a region (the mesh, MetalLB, Hubble) are the region's, on whatever node they are.
 * Disk: an estimate. A node image that holds the lab's images is 0.96 GB (stack `article`) or 1.29 GB (`current`) larger than one that does
 * not, and so grows a node that pulls them; a control plane has etcd's files and those of more pods beside.
 */
export const needs: Readonly<Record<'region' | 'controlPlane' | 'worker', Need>> = {
  region: { memory: 360 * megabytes, disk: 0 },
  controlPlane: { memory: 825 * megabytes, disk: 1500 * megabytes },
  worker: { memory: 475 * megabytes, disk: 1200 * megabytes },
};

/** Below this many bytes of disk a node no node comes up: etcd and the container runtime write more at their start. */
export const leastDisk = 100 * megabytes;

/** More nodes than this on a core, and waits come near their deadlines: eight on two cores took five minutes. */
export const nodesPerCore = 6;

/** What these regions take together. */
export function needOf(regions: readonly Region[]): Need {
  const sum = (of: (need: Need) => number): number =>
    regions.reduce(
      (total, { controlPlanes, workers }) =>
        total + of(needs.region) + controlPlanes * of(needs.controlPlane) + workers * of(needs.worker),
      0,
    );
  return { memory: sum(({ memory }) => memory), disk: sum(({ disk }) => disk) };
}

export const nodesOf = (regions: readonly Region[]): number =>
  regions.reduce((count, { nodes }) => count + nodes.length, 0);

import type { Region } from '../../lab/lab.ts';

/** Every pair of a list once, the earlier first. */
export function pairsOf<T>(list: readonly T[]): (readonly [T, T])[] {
  return list.flatMap((one, index) => list.slice(index + 1).map((other) => [one, other] as const));
}

/** Regions side by side in lab.yaml: enough to see every region's data path from another one. */
export function neighbours(regions: readonly Region[]): (readonly [Region, Region])[] {
  return regions.flatMap((region, index) => {
    const next = regions[index + 1];
    return next === undefined ? [] : [[region, next] as const];
  });
}

/** `region-athens--region-hurup` */
export const pairName = (one: Region, other: Region): string => `${one.name}--${other.name}`;

import type { Region } from '../../lab/lab.ts';

/** Two regions that are to be connected, the earlier in lab.yaml first. */
export type Link = readonly [Region, Region];

/** The links between these regions, each once. */
export function linksAmong(regions: readonly Region[]): Link[] {
  return regions.flatMap((one, place) => {
    const links = new Set(one.links);
    return regions.slice(place + 1).flatMap((other) => (links.has(other.name) ? [[one, other] as const] : []));
  });
}

/** How many links there are between these regions. */
export function countLinks(regions: readonly Region[]): number {
  const names = new Set(regions.map(({ name }) => name));
  const ends = regions.reduce((sum, { links }) => sum + links.filter((name) => names.has(name)).length, 0);
  return ends / 2;
}

/** Is each of these regions connected to all others? */
export const isFullMesh = (regions: readonly Region[]): boolean =>
  countLinks(regions) === (regions.length * (regions.length - 1)) / 2;

/** Links by the region that has most of them, then by the one that has most of the rest: as few stars as may be. */
export function starsOf(links: readonly Link[]): (readonly [Region, readonly Region[]])[] {
  const remotes = new Map<Region, Region[]>();
  const add = (one: Region, other: Region): void => void remotes.set(one, [...(remotes.get(one) ?? []), other]);
  for (const [one, other] of links) {
    add(one, other);
    add(other, one);
  }
  const [most] = [...remotes].toSorted(([, some], [, more]) => more.length - some.length);
  return most === undefined ? [] : [most, ...starsOf(links.filter((link) => !link.includes(most[0])))];
}

/**
 * Links enough to see every region's data path from another one: of each region that to the nearest one before it in lab.yaml,
 * and of one that has none before it, and that nobody chose, its first.
 */
export function neighbours(regions: readonly Region[]): Link[] {
  const links = linksAmong(regions);
  const [before, first] = [new Map<Region, Link>(), new Map<Region, Link>()];
  for (const link of links) {
    const [one, other] = link;
    before.set(other, link);
    if (!first.has(one)) first.set(one, link);
  }
  const chosen = new Set(before.values());
  const ends = new Set([...chosen].flat());
  for (const [one, link] of first) if (!ends.has(one)) chosen.add(link);
  return links.filter((link) => chosen.has(link));
}

/** `region-athens--region-hurup` */
export const pairName = (one: Region, other: Region): string => `${one.name}--${other.name}`;

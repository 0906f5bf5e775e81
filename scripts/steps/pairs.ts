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

/** Is each of these regions connected to all others? */
export const isFullMesh = (regions: readonly Region[]): boolean =>
  linksAmong(regions).length === (regions.length * (regions.length - 1)) / 2;

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
  // of several links of one end, the last is that to the nearest
  const before = new Set(new Map(links.map((link) => [link[1], link])).values());
  const chosen = new Set([...before].flat());
  const first = new Map(links.toReversed().map((link) => [link[0], link]));
  return links.filter((link) => before.has(link) || (!chosen.has(link[0]) && first.get(link[0]) === link));
}

/** `region-athens--region-hurup` */
export const pairName = (one: Region, other: Region): string => `${one.name}--${other.name}`;

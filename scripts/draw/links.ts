import type { Lab } from '../../lab/lab.ts';
import type { Layout, Point } from './layout.ts';
import { shape, words } from './svg.ts';

const PORT_RADIUS = 5;
/** Height on the card of the ClusterMesh API server's line, where a link between neighbours ends. */
const MESH_LINE = 242;
const LABEL = { width: 104, height: 24 };

/** Two regions that are to be connected, by their places in lab.yaml, the earlier first. */
export type DrawnLink = readonly [number, number];

/** The links of a lab, each once. */
export function linksOf({ regions }: Lab): DrawnLink[] {
  return regions.flatMap((region, from) => {
    const links = new Set(region.links);
    return regions.flatMap(({ name }, to) => (to > from && links.has(name) ? [[from, to] as const] : []));
  });
}

function port(at: Point): string {
  return shape('circle', { cx: at.x, cy: at.y, r: PORT_RADIUS, class: 'port' });
}

function link(from: Point, to: Point, leave: number, arrive: number, isThere: boolean): string {
  const d = `M ${from.x} ${from.y} C ${from.x} ${from.y + leave}, ${to.x} ${to.y + arrive}, ${to.x} ${to.y}`;
  return shape('path', { d, class: isThere ? 'link' : 'link unwell' });
}

function label(centre: Point): string[] {
  return [
    shape('rect', {
      x: centre.x - LABEL.width / 2,
      y: centre.y - LABEL.height / 2,
      width: LABEL.width,
      height: LABEL.height,
      rx: LABEL.height / 2,
      class: 'label',
    }),
    words('text', { x: centre.x, y: centre.y + 4, class: 'label-text' }, 'ClusterMesh'),
  ];
}

function between(left: Point, right: Point, layout: Layout, isThere: boolean): string[] {
  const from = { x: left.x + layout.card.width, y: left.y + MESH_LINE };
  const to = { x: right.x, y: right.y + MESH_LINE };
  return [link(from, to, 0, 0, isThere), port(from), port(to), ...label({ x: (from.x + to.x) / 2, y: from.y })];
}

/** Links in the band between two rows: an arc to a card of the same row, a curve across to one of the other. */
function facing(layout: Layout, links: readonly DrawnLink[], isThere: IsThere): string[] {
  const { card, places, size } = layout;
  const band = size.height - 2 * card.height;
  const ports = places.map((place) => ({ x: place.x + card.width / 2, y: place.y === 0 ? card.height : place.y }));
  const curves = links.flatMap((ends) => {
    const [from, to] = ends.map((place) => ports[place]);
    if (from === undefined || to === undefined) return [];
    if (from.y !== to.y) return [link(from, to, band / 2, -band / 2, isThere(ends))];
    const columns = Math.abs(to.x - from.x) / card.width;
    const bend = (from.y === card.height ? 1 : -1) * band * Math.min(0.9, 0.25 + 0.2 * columns);
    return [link(from, to, bend, bend, isThere(ends))];
  });
  const linked = ports.filter((_, place) => links.some((ends) => ends.includes(place)));
  return [...curves, ...linked.map(port), ...label({ x: size.width / 2, y: size.height / 2 })];
}

/** Does it stand, in a living lab? */
type IsThere = (link: DrawnLink) => boolean;

/** The mesh: a line for each link, or none where a grid has no room for them. */
export function drawLinks(layout: Layout, links: readonly DrawnLink[], isThere: IsThere): string[] {
  const [first, second] = layout.places;
  if (links.length === 0) return [];
  if (layout.arrangement === 'facing') return facing(layout, links, isThere);
  if (layout.arrangement === 'row' && first !== undefined && second !== undefined)
    return between(first, second, layout, isThere([0, 1]));
  return [];
}

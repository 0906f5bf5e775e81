import type { Lab } from '../../lab/lab.ts';
import { markLine } from '../../lab/own-place.ts';
import { counted } from '../events/reporters/text.ts';
import { drawCard, drawSmallCard } from './card.ts';
import { layoutOf, type Size } from './layout.ts';
import { type DrawnLink, drawLinks, linksOf } from './links.ts';
import type { Live } from './live.ts';
import { STYLE } from './style.ts';
import { around, shape, words } from './svg.ts';
import { fontToFit, nodesOf } from './wording.ts';

const MARGIN = 24;
const HEADER = 96;
const TITLE_SIZE = 22;
const TEXT_SIZE = 13;
const PADDING = 28;
const NETWORK_HEADER = 70;
/** Room for the words of the head, also where one region stands alone. */
const LEAST_WIDTH = 620;

/** The same picture in words, for those who do not see it. */
function description(lab: Lab): string {
  const regions = lab.regions.map(
    (region) =>
      `${region.name} (id ${region.id}) has ${nodesOf(region)}, pods in ${String(region.podSubnet)}, ` +
      `services in ${String(region.serviceSubnet)}, LoadBalancer addresses ${String(region.pool)}.`,
  );
  return (
    `Docker network ${lab.network.name}, ${String(lab.network.subnet)}, ` +
    `nodes in ${String(lab.network.nodeRange)}. ${regions.join(' ')}${meshOf(lab)}`
  );
}

function meshOf(lab: Lab): string {
  const links = linksOf(lab);
  if (links.length === 0) return '';
  const all = (lab.regions.length * (lab.regions.length - 1)) / 2;
  if (links.length === all) return ' ClusterMesh links every region to every other.';
  const named = links.map((link) => link.map((place) => lab.regions[place]?.name).join(' with '));
  return ` ClusterMesh links ${named.join(', ')}.`;
}

function header(lab: Lab, width: number): string[] {
  const { kind, kubernetes, cilium, metallb } = lab.stack.versions;
  const balancer = lab.loadBalancer === 'metallb' ? `MetalLB ${metallb}` : 'LB-IPAM';
  const mesh = `${counted(lab.regions.length, 'region')}, ${counted(linksOf(lab).length, 'mesh link')}`;
  const versions = `kind ${kind} · Kubernetes ${kubernetes} · Cilium ${cilium} · ${balancer}`;
  return [
    words('text', { x: MARGIN + 4, y: 48, class: 'title', style: fontToFit(lab.name, TITLE_SIZE, width) }, lab.name),
    words('text', { x: MARGIN + 4, y: 72, class: 'muted' }, `${mesh} · ${versions}`),
  ];
}

function network(lab: Lab, size: Size): string[] {
  const { name, subnet, nodeRange, gateway } = lab.network;
  const title = `Docker network ${name}`;
  const right = size.width - PADDING;
  return [
    shape('rect', { width: size.width, height: size.height, rx: 16, class: 'network' }),
    words(
      'text',
      { x: PADDING, y: 30, class: 'strong', style: fontToFit(title, TEXT_SIZE, right - PADDING - 170) },
      title,
    ),
    words('text', { x: PADDING, y: 49, class: 'muted small' }, `gateway ${String(gateway)}`),
    words('text', { x: right, y: 30, class: 'mono end' }, String(subnet)),
    words('text', { x: right, y: 49, class: 'mono muted end' }, `nodes ${String(nodeRange)}`),
  ];
}

/**
 * The lab as an SVG picture: its docker network, a card for each region, the mesh between them. The same lab always
 * gives the same text, byte for byte; nothing in it is fetched from elsewhere.
 * @param live how it is; where that is not said, as it is to be
 */
export function drawLab(lab: Lab, live?: Live): string {
  const layout = layoutOf(lab.regions.length);
  const frame = {
    width: Math.max(LEAST_WIDTH, layout.size.width + 2 * PADDING),
    height: NETWORK_HEADER + layout.size.height + PADDING,
  };
  const page = { width: frame.width + 2 * MARGIN, height: HEADER + frame.height + MARGIN };
  const left = (frame.width - layout.size.width) / 2;
  const draw = layout.arrangement === 'grid' ? drawSmallCard : drawCard;
  const cards = layout.places.flatMap((at, index) => {
    const region = lab.regions[index];
    return region === undefined ? [] : [draw({ region, index, at, size: layout.card, live })];
  });
  const isThere = ([from, to]: DrawnLink): boolean =>
    live === undefined || live.isLinked(lab.regions[from]?.name ?? '', lab.regions[to]?.name ?? '');
  const svg = around(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      viewBox: `0 0 ${page.width} ${page.height}`,
      width: page.width,
      height: page.height,
      role: 'img',
      'aria-labelledby': 'title description',
    },
    [
      words('title', { id: 'title' }, `The lab ${lab.name}: ${counted(lab.regions.length, 'region')}`),
      words('desc', { id: 'description' }, description(lab)),
      around('style', {}, STYLE.split('\n')),
      shape('rect', { width: page.width, height: page.height, rx: 16, class: 'page' }),
      ...header(lab, frame.width),
      around('g', { transform: `translate(${MARGIN} ${HEADER})` }, [
        ...network(lab, frame),
        around('g', { transform: `translate(${left} ${NETWORK_HEADER})` }, [
          ...cards,
          ...drawLinks(layout, linksOf(lab), isThere),
        ]),
      ]),
    ],
  );
  return `${markLine('picture')}\n${svg}\n`;
}

import type { Region } from '../../lab/lab.ts';
import type { Point, Size } from './layout.ts';
import type { Live } from './live.ts';
import { accentClass } from './style.ts';
import { around, shape, words } from './svg.ts';
import { fontToFit, nodesOf } from './wording.ts';

const PADDING = 16;
const NODE = 14;
const NODE_STEP = 20;
const MOST_NODES = 12;

const NAME_WIDTH = 204;
const NAME_SIZE = 16;

/** What a region's card shows, and where. */
export interface Card {
  readonly region: Region;
  readonly live: Live | undefined;
  /** Place of the region in lab.yaml, from 0: its colour. */
  readonly index: number;
  readonly at: Point;
  readonly size: Size;
}

function name(text: string, x: number, y: number, width: number): string {
  return words('text', { x, y, class: 'name', style: fontToFit(text, NAME_SIZE, width) }, text);
}

function badge(id: number, x: number, y: number): string {
  return [
    shape('rect', { x, y, width: 36, height: 36, rx: 10, class: 'badge' }),
    words('text', { x: x + 18, y: y + 23, class: 'badge-text' }, String(id)),
  ].join('\n');
}

function nodes(region: Region, x: number, y: number): string[] {
  const shown = region.nodes.length > MOST_NODES ? MOST_NODES - 1 : MOST_NODES;
  const more = region.nodes.length - shown;
  const boxes = region.nodes.slice(0, shown).map((node, place) =>
    around('g', {}, [
      words('title', {}, node),
      shape('rect', {
        x: x + place * NODE_STEP,
        y,
        width: NODE,
        height: NODE,
        rx: 3,
        class: place < region.controlPlanes ? 'control-plane' : 'worker',
      }),
    ]),
  );
  const rest = { x: x + shown * NODE_STEP, y: y + NODE - 2, class: 'muted small' };
  return more > 0 ? [...boxes, words('text', rest, `+${more}`)] : boxes;
}

/** `✓ up`, where it is known. */
function state({ region, live }: Card, right: number, y: number): string[] {
  const seen = live?.states.get(region.name);
  if (seen === undefined) return [];
  const { word, ok } = seen;
  return [words('text', { x: right, y, class: `small end ${ok ? 'well' : 'unwell'}` }, `${ok ? '✓' : '✗'} ${word}`)];
}

function fact(label: string, value: string, left: number, right: number, y: number): string[] {
  return [
    words('text', { x: left, y, class: 'muted' }, label),
    words('text', { x: right, y, class: 'mono end' }, value),
  ];
}

function placed(card: Card, children: readonly string[]): string {
  const { width, height } = card.size;
  return around('g', { class: accentClass(card.index), transform: `translate(${card.at.x} ${card.at.y})` }, [
    shape('rect', { width, height, rx: 12, class: 'card' }),
    ...children,
  ]);
}

/** A card with the region's name, id, nodes, subnets, and what stands on its LoadBalancer addresses. */
export function drawCard(card: Card): string {
  const { region, size } = card;
  const right = size.width - PADDING;
  const inner = { left: PADDING + 12, right: right - 12 };
  return placed(card, [
    badge(region.id, PADDING, PADDING),
    name(region.name, PADDING + 48, 32, NAME_WIDTH),
    words('text', { x: PADDING + 48, y: 49, class: 'muted small' }, nodesOf(region)),
    ...state(card, right, 80),
    ...nodes(region, PADDING, 68),
    ...fact('Pods', String(region.podSubnet), PADDING, right, 110),
    ...fact('Services', String(region.serviceSubnet), PADDING, right, 134),
    shape('rect', { x: PADDING, y: 152, width: right - PADDING, height: 108, rx: 8, class: 'balancer' }),
    words('text', { x: inner.left, y: 174, class: 'strong small' }, 'LoadBalancer addresses'),
    words('text', { x: inner.left, y: 194, class: 'mono' }, String(region.pool)),
    ...[...(region.hubbleUi ? [['Hubble UI', 'port 80']] : []), ['ClusterMesh API server', 'port 2379']].flatMap(
      ([label = '', port = ''], row) => fact(label, port, inner.left, inner.right, 222 + row * 24),
    ),
  ]);
}

/** A card for a lab of many regions: name, id, pods and pool. */
export function drawSmallCard(card: Card): string {
  const { region, size } = card;
  return placed(card, [
    badge(region.id, 12, 12),
    name(region.name, 58, 28, size.width - 70),
    words('text', { x: 58, y: 45, class: 'muted small' }, nodesOf(region)),
    ...state(card, size.width - 12, 85),
    words('text', { x: 12, y: 68, class: 'mono' }, String(region.podSubnet)),
    words('text', { x: 12, y: 85, class: 'mono muted' }, String(region.pool)),
  ]);
}

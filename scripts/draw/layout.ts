/** Upper left corner of something, in pixels. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Width and height, in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * `row`: one or two cards, the link between them. `facing`: two rows of cards, all links in the band between the rows, so
 * that no link crosses a card. `grid`: small cards, too many to draw links.
 */
type Arrangement = 'row' | 'facing' | 'grid';

/** Where the regions' cards stand, measured from the upper left corner of the space that they share. */
export interface Layout {
  readonly arrangement: Arrangement;
  readonly card: Size;
  /** One per region, in the order of lab.yaml. */
  readonly places: readonly Point[];
  readonly size: Size;
}

const CARD: Size = { width: 288, height: 276 };
const SMALL_CARD: Size = { width: 232, height: 96 };
const LINK_GAP = 184;
const BAND = 136;
const GAP = 28;
const SMALL_GAP = 16;
const GRID_COLUMNS = 4;
const MOST_FACING = 8;

function widthOf(cards: number, card: Size, gap: number): number {
  return cards * card.width + (cards - 1) * gap;
}

function rowOf(cards: number, card: Size, gap: number, left: number, y: number): Point[] {
  return Array.from({ length: cards }, (_, column) => ({ x: left + column * (card.width + gap), y }));
}

function row(count: number): Layout {
  const size = { width: widthOf(count, CARD, LINK_GAP), height: CARD.height };
  return { arrangement: 'row', card: CARD, places: rowOf(count, CARD, LINK_GAP, 0, 0), size };
}

function facing(count: number): Layout {
  const upper = Math.ceil(count / 2);
  const width = widthOf(upper, CARD, GAP);
  const left = (width - widthOf(count - upper, CARD, GAP)) / 2;
  const band = BAND + (upper - 2) * GAP;
  const places = [...rowOf(upper, CARD, GAP, 0, 0), ...rowOf(count - upper, CARD, GAP, left, CARD.height + band)];
  return { arrangement: 'facing', card: CARD, places, size: { width, height: 2 * CARD.height + band } };
}

function grid(count: number): Layout {
  const rows = Math.ceil(count / GRID_COLUMNS);
  const places = Array.from({ length: rows }, (_, line) =>
    rowOf(GRID_COLUMNS, SMALL_CARD, SMALL_GAP, 0, line * (SMALL_CARD.height + SMALL_GAP)),
  );
  const height = rows * SMALL_CARD.height + (rows - 1) * SMALL_GAP;
  const size = { width: widthOf(GRID_COLUMNS, SMALL_CARD, SMALL_GAP), height };
  return { arrangement: 'grid', card: SMALL_CARD, places: places.flat().slice(0, count), size };
}

/** Places for that many regions' cards (1 or more). */
export function layoutOf(count: number): Layout {
  if (count <= 2) return row(count);
  return count <= MOST_FACING ? facing(count) : grid(count);
}

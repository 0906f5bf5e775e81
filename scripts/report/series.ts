import { accentClass } from '../draw/style.ts';
import { Html, markup } from './html.ts';

/** How a region's answers are drawn: in its colour, and by a shape, for those who do not see colours. */
interface Series {
  readonly region: string;
  readonly accent: string;
  /** Index of its shape. */
  readonly shape: number;
}

/** Shapes around 0,0, of about 4 pixels. */
const SHAPES: readonly Html[] = [
  '<circle class="dot" r="1.7"/>',
  '<rect class="dot" x="-1.6" y="-1.6" width="3.2" height="3.2"/>',
  '<path class="dot" d="M0-2.2 2.1 1.6H-2.1z"/>',
  '<path class="dot" d="M0-2.4 2.4 0 0 2.4-2.4 0z"/>',
  '<circle class="hollow" r="1.7" stroke-width="0.9"/>',
  '<path class="dot" d="M0 2.2 2.1-1.6H-2.1z"/>',
  '<path class="hollow" d="M-2 0H2M0-2V2" stroke-width="1.1"/>',
  '<rect class="hollow" x="-1.5" y="-1.5" width="3" height="3" stroke-width="0.9"/>',
].map((text) => new Html(text));

/** A series for each region, in the order of lab.yaml: the ninth has the colour of the first, and the shape of the second. */
export const seriesOf = (regions: readonly string[]): Series[] =>
  regions.map((region, index) => ({
    region,
    accent: accentClass(index),
    shape: (index + Math.floor(index / SHAPES.length)) % SHAPES.length,
  }));

/** Shapes that all plots of the page refer to, each in the colour of its region. */
export const markers = (all: readonly Series[]): Html => markup`<svg class="hidden" aria-hidden="true"><defs>
${all.map(({ accent, shape }, index) => markup`<marker id="m${index}" class="${accent}" markerUnits="userSpaceOnUse" markerWidth="6" markerHeight="6" viewBox="-3 -3 6 6" overflow="visible">${SHAPES[shape]}</marker>`)}
<marker id="failure" markerUnits="userSpaceOnUse" markerWidth="6" markerHeight="6" viewBox="-3 -3 6 6" overflow="visible"><path class="failure" d="M-2-2 2 2M-2 2 2-2"/></marker>
</defs></svg>`;

/** What the shapes of the plots mean. */
export const key = (all: readonly Series[]): Html => markup`<ul class="key">
${all.map(({ region, accent, shape }) => markup`<li class="${accent}"><svg viewBox="-4 -4 8 8" aria-hidden="true">${SHAPES[shape]}</svg><span>answered by ${region}</span></li>`)}
<li><svg viewBox="-4 -4 8 8" aria-hidden="true"><path class="failure" d="M-2-2 2 2M-2 2 2-2"/></svg><span>failed</span></li>
<li><svg viewBox="0 0 8 8" aria-hidden="true"><rect class="band" width="8" height="8"/></svg><span>while the fault lasts</span></li>
<li><svg viewBox="0 0 8 8" aria-hidden="true"><rect class="command" x="2" width="3" height="8"/></svg><span>the commands that bring it about, and undo it</span></li>
<li><svg viewBox="0 0 8 8" aria-hidden="true"><path class="late" d="M0 4h8"/></svg><span>the client was late itself</span></li>
</ul>`;

import { scaleLinear } from 'd3-scale';
import type { Failure } from '../events/failures.ts';
import { duration } from '../events/reporters/text.ts';
import type { RecordedEvent } from '../files/run-record.ts';
import { type Html, markup } from './html.ts';

/** A step of a run, as it was. Seconds since the first step could start. */
export interface Bar {
  /** `region-athens/cilium`, `connect`; of a try before the last with its number: `region-athens/cilium-try-1` */
  readonly id: string;
  readonly step: string;
  /** None: a step of the whole lab. */
  readonly region: string | undefined;
  readonly from: number;
  readonly to: number;
  /** `tried again`: it failed, and another plan was to mend that. `cut off`: the run ended before it did. */
  readonly outcome: 'done' | 'failed' | 'tried again' | 'cut off';
  readonly isCritical: boolean;
  /** Why it was not skipped, and what it has found. */
  readonly reason: string;
  readonly result: string | undefined;
  readonly failure: Failure | undefined;
  /** Its commands, and what they said. */
  readonly log: string | undefined;
}

/** The steps of a run in the order of their starts, each try of one for itself. Pure. */
export function barsOf(events: readonly RecordedEvent[]): Bar[] {
  const tries: Bar[] = [];
  const bars = new Map<string, Bar>();
  const critical = new Set(events.flatMap((event) => (event.event === 'finished' ? event.criticalPath : [])));
  const last = events.reduce((most, event) => ('at' in event ? Math.max(most, event.at) : most), 0);
  const change = (key: string, by: Partial<Bar>): void => {
    const bar = bars.get(key);
    if (bar !== undefined) bars.set(key, { ...bar, ...by });
  };
  for (const event of events) {
    if (!('step' in event)) continue;
    const id = idOf(event);
    if (event.event === 'step-started') {
      const before = bars.get(id);
      if (before !== undefined) {
        const earlier = tries.filter((bar) => bar.step === before.step && bar.region === before.region);
        tries.push({ ...before, id: `${id}-try-${earlier.length + 1}` });
        bars.delete(id);
      }
      bars.set(id, {
        ...{ id, step: event.step, region: event.region, from: event.at, to: last, outcome: 'cut off' },
        ...{ isCritical: critical.has(id), reason: event.reason },
        ...{ result: undefined, failure: undefined, log: undefined },
      });
    } else if (event.event === 'step-done') change(id, { to: event.at, outcome: 'done', result: event.result });
    else if (event.event === 'step-again') change(id, { to: event.at, outcome: 'tried again', failure: event.failure });
    else if (event.event === 'step-failed') change(id, { to: event.at, outcome: 'failed', failure: event.failure });
    else if (event.event === 'log') change(id, { log: event.text });
  }
  return [...tries, ...bars.values()].toSorted((one, other) => one.from - other.from);
}

const idOf = ({ step, region }: { readonly step: string; readonly region?: string }): string =>
  region === undefined ? step : `${region}/${step}`;

/** Bars one under the other where they overlap, as few rows as that takes. Pure. */
export function lanesOf(bars: readonly Bar[]): Bar[][] {
  const lanes: Bar[][] = [];
  for (const bar of bars.toSorted((one, other) => one.from - other.from)) {
    const free = lanes.find((lane) => (lane.at(-1)?.to ?? 0) <= bar.from);
    if (free === undefined) lanes.push([bar]);
    else free.push(bar);
  }
  return lanes;
}

const WIDTH = 1000;
const RIGHT = 12;
const TOP = 24;
const BAR = 20;
const LANE = 24;
const GAP = 10;

/** Width of a letter. */
const LETTER = 7;

const THE_LAB = 'the lab';

/** The run as a picture, a row a region; each bar leads to what is told of its step. */
export function timeline(bars: readonly Bar[], regions: readonly string[]): Html {
  const end = Math.max(1, ...bars.map(({ to }) => to));
  // one may have left lab.yaml since
  const known = [...new Set([undefined, ...regions, ...bars.map(({ region }) => region)])];
  const left = 14 + LETTER * Math.max(...known.map((region) => (region ?? THE_LAB).length));
  const x = scaleLinear([0, end], [left, WIDTH - RIGHT]);
  const rows = known.map((region) => ({
    name: region ?? THE_LAB,
    lanes: lanesOf(bars.filter((bar) => bar.region === region)),
  }));
  const shown = rows.filter(({ lanes }) => lanes.length > 0);
  const tops = shown.map((_, index) =>
    shown.slice(0, index).reduce((sum, { lanes }) => sum + lanes.length * LANE + GAP, TOP),
  );
  const height = shown.reduce((sum, { lanes }) => sum + lanes.length * LANE + GAP, TOP);
  const ticks = x.ticks(Math.min(10, end)).map(
    (
      seconds,
    ) => markup`<g><line class="rule" x1="${at(x(seconds))}" x2="${at(x(seconds))}" y1="${TOP - 6}" y2="${height - GAP}"/>
<text class="axis" x="${at(x(seconds))}" y="12" text-anchor="middle">${clock(seconds)}</text></g>`,
  );
  const drawn = shown.map(({ name, lanes }, index) => {
    const top = tops[index] ?? TOP;
    return markup`<text x="0" y="${top + 14}">${name}</text>
${lanes.map((lane, row) => lane.map((bar) => drawBar(bar, x, top + row * LANE)))}`;
  });
  return markup`<svg class="timeline" viewBox="0 0 ${WIDTH} ${height}" role="group" aria-label="The deploy, step by step; the list below says the same">
<g aria-hidden="true">${ticks}</g>
${drawn}
</svg>`;
}

function drawBar(bar: Bar, x: (seconds: number) => number, y: number): Html {
  const [left, right] = [x(bar.from), x(bar.to)];
  const width = Math.max(2, right - left);
  const name = bar.outcome === 'failed' ? `✗ ${bar.step}` : bar.step;
  const isWide = name.length * LETTER < width;
  const kind = bar.outcome === 'failed' ? 'bar failed' : bar.isCritical ? 'bar critical' : 'bar';
  return markup`<a href="#${anchorOf(bar)}" aria-label="${wordsOf(bar)}"><title>${wordsOf(bar)}</title>
<rect class="${kind}" x="${at(left)}" y="${y}" width="${at(width)}" height="${BAR}" rx="3"/>${isWide && markup`<text x="${at(left + 5)}" y="${y + 14}">${name}</text>`}</a>`;
}

/** Where on the page its step is told. */
export const anchorOf = ({ id }: Bar): string => `step-${id.replace('/', '-')}`;

/** `cilium in region-athens: 41 s, from 0:12 on, on the critical path` */
export function wordsOf({ step, region, from, to, outcome, isCritical }: Bar): string {
  const where = region === undefined ? '' : ` in ${region}`;
  const end = outcome === 'done' ? '' : `, ${outcome}`;
  return `${step}${where}: ${duration(to - from)}, from ${clock(from)} on${end}${isCritical ? ', on the critical path' : ''}`;
}

/** `1:05` */
function clock(seconds: number): string {
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}

const at = (pixels: number): string => String(Math.round(pixels * 10) / 10);

import { scaleLinear, scaleLog } from 'd3-scale';
import { area, curveStepAfter, stack } from 'd3-shape';
import type { Marks } from '../events/failover-event.ts';
import { type Bucket, bucketsOf, isKnown } from '../failover/figures.ts';
import type { Request } from '../failover/requests.ts';
import { type Html, markup } from './html.ts';
import { seriesOf } from './series.ts';

/** One client in one run. Times in milliseconds, from the start of the baseline. */
export interface Plotted {
  readonly client: string;
  /** `run 1` */
  readonly run: string;
  readonly marks: Marks;
  readonly requests: readonly Request[];
  /** Milliseconds from one request to the next, and after which one is given up. */
  readonly every: number;
  readonly timeout: number;
}

const WIDTH = 440;
const LEFT = 44;
const RIGHT = 8;
/** Where failures lie, above the latencies. */
const FAILURES = 12;
const TOP = 24;
const BOTTOM = 132;
const SHARES = { top: 142, bottom: 176 };
const HEIGHT = 196;

/** Milliseconds of the lowest line. */
const LEAST = 0.5;

/** Milliseconds over which answers are counted: in a tenth of it there are too few to be a share. */
const SECOND = 1000;

/** Every request of a client as a dot, what failed on a line above; beneath, who answered in every second. */
export function plot({ client, run, marks, requests, ...reading }: Plotted, regions: readonly string[]): Html {
  const { timeout } = reading;
  const own = from0(marks);
  const x = scaleLinear([0, own.until], [LEFT, WIDTH - RIGHT]);
  const y = scaleLog([LEAST, Math.max(timeout, 1)], [BOTTOM, TOP]).clamp(true);
  const measured = requests.filter(({ due }) => due >= 0 && due < own.until);
  const shown = measured.filter((request) => isKnown(request, own, reading));
  const failed = shown.filter(({ outcome }) => outcome !== 'ok');
  const series = seriesOf(regions);
  const dots = series.map(({ region }, index) => {
    const answered = shown.filter((request) => request.outcome === 'ok' && request.region === region);
    return dotted(
      `m${index}`,
      answered.map(({ due, done }) => [x(due), y(done - due)]),
    );
  });
  return markup`<figure><figcaption>${client}, ${run}</figcaption>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${wordsOf(client, run, shown.length, failed.length)}">
${bands(own, x)}
${axes(own, x, y, timeout)}
${shares(bucketsOf(measured, own, reading, SECOND), x, series)}
${lateness(bucketsOf(measured, own, reading), reading.every, x)}
${dots}
${dotted(
  'failure',
  failed.map(({ due }) => [x(due), FAILURES]),
)}
</svg></figure>`;
}

const wordsOf = (client: string, run: string, sent: number, failed: number): string =>
  `${client}, ${run}: ${sent} requests by time and latency, ${failed} of them failed; the tables have the figures`;

/** The marks from the start of the baseline on. */
function from0({ from, fault, repair, until }: Marks): Marks {
  const span = ({ begin, end }: Marks['fault']): Marks['fault'] => ({ begin: begin - from, end: end - from });
  return { from: 0, fault: span(fault), repair: span(repair), until: until - from };
}

type Scale = (value: number) => number;

/** While the fault lasts; and the commands by which it comes and goes, which take their time. */
function bands({ fault, repair }: Marks, x: Scale): Html {
  const rect = (kind: string, from: number, to: number): Html =>
    markup`<rect class="${kind}" x="${short(x(from))}" width="${short(Math.max(1, x(to) - x(from)))}" y="4" height="${SHARES.bottom - 4}"/>`;
  const strip = ({ begin, end }: Marks['fault']): Html =>
    markup`<rect class="command" x="${short(x(begin))}" width="${short(Math.max(1.5, x(end) - x(begin)))}" y="0" height="4"/>`;
  return markup`${rect('band', fault.begin, repair.end)}${strip(fault)}${strip(repair)}`;
}

/** Seconds from the start of the fault; milliseconds of latency. */
function axes({ fault, until }: Marks, x: Scale, y: Scale, timeout: number): Html {
  const seconds = scaleLinear([-fault.begin / 1000, (until - fault.begin) / 1000], [0, 1]).ticks(6);
  const latencies = [1, 10, 100, 1000, 10_000].filter((each) => each <= timeout);
  return markup`<g aria-hidden="true">${latencies.map((each) => markup`<line class="rule" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${short(y(each))}" y2="${short(y(each))}"/><text class="axis" x="${LEFT - 5}" y="${short(y(each) + 4)}" text-anchor="end">${each < 1000 ? `${each} ms` : `${each / 1000} s`}</text>`)}
<text class="axis" x="${LEFT - 5}" y="${FAILURES + 4}" text-anchor="end">failed</text>
<text class="axis" x="${LEFT - 5}" y="${SHARES.bottom - 12}" text-anchor="end">shares</text>
${seconds.map((each) => markup`<text class="axis" x="${short(x(each * 1000 + fault.begin))}" y="${HEIGHT - 6}" text-anchor="middle">${each} s</text>`)}</g>`;
}

/**
 * Points of one kind, on every second pixel: those that would cover each other are drawn once, which looks the same, and each is told by
 * its distance from the one before, which takes less.
 */
function dotted(marker: string, points: readonly (readonly [x: number, y: number])[]): Html | undefined {
  const even = (value: number): number => 2 * Math.round(value / 2);
  const pixels = [...new Map(points.map(([x, y]) => [`${even(x)},${even(y)}`, [even(x), even(y)] as const])).values()];
  if (pixels.length === 0) return undefined;
  const steps = pixels.map(([x, y], index) => {
    const [left, top] = pixels[index - 1] ?? [0, 0];
    return `${x - left}${y - top < 0 ? '' : ' '}${y - top}`;
  });
  const url = `url(#${marker})`;
  return markup`<path class="dots" d="m${steps.join(' ')}" marker-start="${url}" marker-mid="${url}" marker-end="${url}"/>`;
}

/** Who answered, one region above the other. */
function shares(buckets: readonly Bucket[], x: Scale, series: ReturnType<typeof seriesOf>): Html[] {
  const height = scaleLinear([0, 1], [SHARES.bottom, SHARES.top]);
  const layers = stack<Bucket>()
    .keys(series.map(({ region }) => region))
    .value(({ answers }, region) => (answers.get(region) ?? 0) / Math.max(1, sum([...answers.values()])))(buckets);
  const shape = area<(typeof layers)[number][number]>()
    .x(({ data }) => x(data.at))
    .y0(([low]) => height(low))
    .y1(([, high]) => height(high))
    .curve(curveStepAfter)
    .digits(0);
  return layers.map((layer, index) => markup`<path class="share ${series[index]?.accent}" d="${shape(layer) ?? ''}"/>`);
}

const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);

/** Where the client was late itself. */
function lateness(buckets: readonly Bucket[], every: number, x: Scale): Html | undefined {
  const late = buckets.filter(({ lag }) => lag > every).map(({ at }) => at);
  if (late.length === 0) return undefined;
  const dashes = late.map((at) => `M${short(x(at))} ${SHARES.bottom + 4}h${short(Math.max(1, x(100) - x(0)))}`);
  return markup`<path class="late" d="${dashes.join('')}"/>`;
}

/** Half pixels. */
const short = (value: number): string => String(Math.round(value * 2) / 2);

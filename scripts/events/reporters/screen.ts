import type { DownloadEvent } from '../supply-event.ts';
import { megabytes, place } from './lines.ts';
import { counted, duration, type Style } from './text.ts';

/** A step at work, as the screen shows it. */
export interface AtWork {
  readonly step: string;
  /** None: a step of the whole lab. */
  readonly region?: string;
  /** Seconds. */
  readonly seconds: number;
  /** What it does, then what it waits for or its program says, the newest last; never empty. */
  readonly said: readonly string[];
}

/** What the changing part of a terminal shows. */
export interface Screen {
  readonly spinner: string;
  readonly columns: number;
  readonly rows: number;
  /** Letters of the longest region name. */
  readonly width: number;
  /** Regions in the order in which they stand. */
  readonly regions: readonly string[];
  readonly atWork: readonly AtWork[];
  /** Programs that come from the web. */
  readonly downloads: readonly DownloadEvent[];
  /** Seconds since the look at what exists began; undefined once it has ended. */
  readonly looking: number | undefined;
  /** Steps that are done, of those to run, after so many seconds; undefined where there is no plan. */
  readonly progress: { readonly done: number; readonly planned: number; readonly seconds: number } | undefined;
  /** A step has failed: what runs is awaited. */
  readonly isFailed: boolean;
  /** The step whose last lines are shown. */
  readonly watched: AtWork | undefined;
}

/** Blanks in the place of the clock and the spinner. */
const margin = ' '.repeat(7);

/** Most lines of the watched step. */
const mostLines = 4;

/**
 * The lines below what is done: a row for each step at work, the lab's first and then each region in its place; how much of
 * the plan is done; and, where there is room, what the watched step has said last. None is wider than the terminal. Pure.
 */
export function screenLines(screen: Screen, style: Style): string[] {
  const { spinner, columns, looking, progress, isFailed } = screen;
  if (looking !== undefined) {
    return [
      cut(`${spinner} ${since(looking).padEnd(5)}looking at the programs, dist/ and what exists`, columns),
      ...screen.downloads.map((each) => style.dim(cut(`${margin}${downloadRow(each)}`, columns))),
    ];
  }
  if (screen.atWork.length === 0)
    return screen.downloads.map((each) => cut(`${spinner} ${downloadRow(each)}`, columns));
  const room = Math.max(1, screen.rows - 4);
  const all = inPlaces(screen).map((each) => row(each, screen, style));
  // the last line that fits says how many do not
  const shown = all.length > room ? all.slice(0, room - 1) : all;
  const rest = all.length === shown.length ? [] : [style.dim(`${margin}and ${all.length - shown.length} more`)];
  const awaited = isFailed ? '; a step failed: what runs is awaited, nothing new starts' : '';
  const overall =
    progress === undefined
      ? []
      : [`${margin}${progress.done} of ${counted(progress.planned, 'step')}, ${whole(progress.seconds)}${awaited}`];
  return [
    ...shown,
    ...rest,
    ...overall.map((line) => style.dim(cut(line, columns))),
    ...tail(screen, room - all.length, style),
  ];
}

/** `kubectl v1.27.3  40 %, 19.8 MB` */
function downloadRow({ what, url, percent, bytes }: DownloadEvent): string {
  const size = megabytes(bytes);
  return `${what}  ${bytes === 0 ? url : percent === 0 ? size : `${percent} %, ${size}`}`;
}

function row({ step, region, seconds, said }: AtWork, { spinner, columns, width }: Screen, style: Style): string {
  const where = place({ step, ...(region === undefined ? {} : { region }) }, width);
  const head = `${spinner} ${since(seconds).padEnd(5)}${where}  `;
  const room = columns - head.length;
  return room > 10 ? head + style.dim(cut(said.at(-1) ?? '', room)) : cut(head.trimEnd(), columns);
}

/** What the watched step has said before; what it says now stands in its row, cut there where the row is too short. */
function tail({ watched, columns }: Screen, room: number, style: Style): string[] {
  // its first line is what it does
  const lines = watched?.said.slice(1).slice(-Math.min(mostLines, room - 2)) ?? [];
  if (watched === undefined || room < 4 || lines.length < 2) return [];
  const { region, step } = watched;
  const name = region === undefined ? step : `${region}: ${step}`;
  return ['', `${margin}${name}`, ...lines.map((line) => `${margin}│ ${line}`)].map((line) =>
    style.dim(cut(line, columns)),
  );
}

function inPlaces({ atWork, regions }: Screen): AtWork[] {
  const places = new Map(regions.map((name, index) => [name, index]));
  const of = ({ region }: AtWork): number => (region === undefined ? -1 : (places.get(region) ?? places.size));
  return atWork.toSorted((one, other) => of(one) - of(other));
}

/** `7 s`, `4 min 40 s` */
function whole(seconds: number): string {
  return seconds < 60 ? since(seconds) : duration(Math.floor(seconds));
}

/** Fits the clock's column, which is five wide: `7 s`, `59 s`, `1:07`, `12 m` */
function since(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  const rest = Math.floor(seconds % 60);
  if (minutes === 0) return `${rest} s`;
  return minutes < 10 ? `${minutes}:${String(rest).padStart(2, '0')}` : `${minutes} m`;
}

function cut(text: string, columns: number): string {
  return text.length < columns ? text : `${text.slice(0, columns - 2)}…`;
}

/** A program's line without what is two columns wide on some terminals and one on others, and without its margin. */
export function calm(line: string): string {
  return line
    .replaceAll(/\p{Extended_Pictographic}|\ufe0f|\u200d/gu, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

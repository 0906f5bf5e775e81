import { basename, delimiter } from 'node:path';
import { quote } from '../../tools/command.ts';
import type { AccessEvent, DriverEvent, PlannedLine, StoppedEvent } from '../events.ts';
import type { BundleEvent, DownloadEvent } from '../supply-event.ts';
import type { Failure } from '../failures.ts';
import { counted, duration, fold, type Style, table, timeText } from './text.ts';

/** Paths as the user would type them. */
export type ShowPath = (path: string) => string;

/** What the lines of a run have in common. */
export interface Layout {
  /** Letters of the longest region name. */
  readonly width: number;
  /** What the steps do, by their names. */
  readonly titles: ReadonlyMap<string, string>;
  /** Columns of the terminal, at which sentences are folded. @default - without end */
  readonly columns?: number;
}

/** The lines that an event puts on a terminal for good; none for what only live output shows. */
export function linesOf(event: DriverEvent, style: Style, { width, titles, columns = Infinity }: Layout): string[] {
  const at = (step: { step: string; region?: string }): string => place(step, width);
  switch (event.event) {
    case 'started':
      return [`${style.bold(event.lab)}: ${counted(event.regions.length, 'region')}, stack ${event.stack}`];
    case 'nothing-there':
      return [`${event.lab}: nothing is there`];
    case 'warning':
      return warningLines(event.message, style, columns);
    case 'download':
      return isTenth(event) ? [downloadLine(event, style)] : [];
    case 'pruned':
      return ['', `${megabytes(event.bytes)} freed in ${event.folder}`];
    case 'bundle':
      return bundleLines(event);
    case 'planned':
      return planSummary(event.steps);
    case 'step-started':
      return [`${clock(event.at)}  ${at(event)}  … ${doing(event, titles)}`];
    case 'step-progress':
      return [];
    case 'step-takes-long':
      return takesLong(event, at(event), style, columns);
    case 'step-done':
      return [`${clock(event.at)}  ${at(event)}  ${style.good('✓')} ${duration(event.seconds)}${found(event)}`];
    case 'step-failed':
      return [`${clock(event.at)}  ${at(event)}  ${style.bad('✗')} ${event.failure.reason}`];
    case 'step-again':
      return again(event, at(event), style, columns);
    case 'stopped':
      return stopped(event, style);
    case 'evidence':
    case 'finished':
    case 'tools':
    case 'caches':
    case 'caches-pruned':
    case 'status':
    case 'verify':
    case 'failover':
    case 'degraded':
    case 'doctor':
    case 'report':
    case 'scenarios':
    case 'failed':
      return [];
    case 'access':
      return access(event, style);
  }
}

/** `still at work after 2 min`, and what is not up below it. */
function takesLong(
  { at, seconds, call, said, notUp }: Extract<DriverEvent, { event: 'step-takes-long' }>,
  where: string,
  style: Style,
  columns: number,
): string[] {
  const about = [
    ...(call === undefined ? [] : [call]),
    ...(said === undefined ? [] : [`last said: ${said.trim()}`]),
    ...notUp,
  ];
  const lines = about.flatMap((line) => fold(`         ${line}`, columns, 11));
  return [`${clock(at)}  ${where}  ${style.warn('!')} still at work after ${duration(seconds)}`, ...lines];
}

/** Why it failed, and that it is not the end. */
function again(
  { at, failure }: Extract<DriverEvent, { event: 'step-again' }>,
  where: string,
  style: Style,
  columns: number,
): string[] {
  const cause = `${failure.cause ?? failure.reason}: looks and plans once more`;
  return [`${clock(at)}  ${where}  ${style.warn('!')} ${failure.reason}`, ...fold(`         ${cause}`, columns, 9)];
}

/** `: 56 paths` */
const found = ({ result }: { result?: string }): string => (result === undefined ? '' : `: ${result}`);

/** `48.2 MB` */
export const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

/** @param columns of the terminal, at which it is folded; a word never is */
export function warningLines(message: string, style: Style, columns: number): string[] {
  const [first = '', ...rest] = fold(`! ${message}`, columns, 2);
  return [first.replace('!', style.warn('!')), ...rest];
}

/** Every tenth percent is enough where lines stay. */
export const isTenth = ({ percent }: DownloadEvent): boolean => percent % 10 === 0;

/** `kubectl v1.27.3  40 %` */
function downloadLine({ what, url, state, bytes, percent }: DownloadEvent, style: Style): string {
  const size = megabytes(bytes);
  if (state === 'done') return `${what}  ${style.good('✓')} ${size}`;
  return `${what}  ${percent === 0 ? `… ${url}` : `${percent} %`}`;
}

/** `region-athens  cilium`, in columns of their own. */
export function place({ step, region }: { step: string; region?: string }, width: number): string {
  return `${(region ?? 'lab').padEnd(width)}  ${step.padEnd(8)}`;
}

/** `install Cilium by Helm: not installed`: what a step does, and why. */
function doing({ step, reason }: { step: string; reason: string }, titles: Layout['titles']): string {
  const title = titles.get(step);
  return title === undefined ? reason : `${title}: ${reason}`;
}

/** One row a step, regions side by side in the order of the plan: `+` is to run, `=` is as it should be. */
export function planTable(steps: readonly PlannedLine[], style: Style): string[] {
  const rows = table(steps.map(({ step, region, action, reason }) => [step, region ?? 'lab', action, reason]));
  return rows.map((row, index) =>
    steps[index]?.action === 'skip' ? style.dim(`= ${row}`) : `${style.good('+')} ${row}`,
  );
}

/** @param columns of the terminal, at which sentences are folded; what may be copied never is */
export function failureLines(
  where: { step: string; region?: string },
  failure: Failure,
  style: Style,
  show: ShowPath,
  columns = Infinity,
): string[] {
  const name = where.region === undefined ? where.step : `${where.region}: ${where.step}`;
  const fact = (label: string, text: string | undefined, at: number): string[] =>
    text === undefined ? [] : fold(`  ${label.padEnd(6)}  ${text}`, at, 10);
  return [
    '',
    `${style.bad('✗')} ${style.bold(`${name} failed`)}: ${failure.reason}`,
    ...(failure.command === undefined ? [] : ['', `  ${failure.command}`]),
    ...(failure.lastLines.length === 0 ? [] : ['', ...failure.lastLines.map((line) => style.dim(`  │ ${line}`))]),
    '',
    ...(failure.notUp ?? []).flatMap((line) => fact('not up', line, columns)),
    ...fact('cause', failure.cause, columns),
    ...fact('remedy', failure.remedy, columns),
    ...fact('log', failure.log && show(failure.log), Infinity),
  ];
}

/** Whether a plan has anything to do beside the last look, which runs always. */
export function hasWork(steps: readonly PlannedLine[]): boolean {
  return steps.some(({ step, action }) => action === 'run' && step !== 'verify');
}

function planSummary(steps: readonly PlannedLine[]): string[] {
  const running = steps.filter(({ action }) => action === 'run');
  const skipped = steps.length - running.length;
  if (!hasWork(steps)) return [`nothing to do: all ${skipped} steps are done`];
  const rest = skipped === 0 ? '' : `, ${skipped} ${skipped === 1 ? 'needs' : 'need'} nothing`;
  return [`${counted(running.length, 'step')} to run${rest}`, ''];
}

function stopped({ exists, look, goOn, cleanUp }: StoppedEvent, style: Style): string[] {
  const what =
    exists === undefined
      ? `docker could not be asked in time: ${look} shows what exists`
      : exists.length === 0
        ? 'nothing was made'
        : `what exists: ${exists.join(', ')}`;
  // a destroy goes on by cleaning up
  const next = goOn === cleanUp ? [] : [`  clean up:  ${cleanUp}`];
  return ['', `${style.warn('stopped')}; ${what}`, `  go on:     ${goOn}`, ...next];
}

function bundleLines({ state, file, bytes, lab, made, platform, images }: BundleEvent): string[] {
  const what = `${counted(images, 'image')} for ${platform}, ${megabytes(bytes)}`;
  return state === 'written'
    ? ['', `wrote ${file}: ${what}`, `where there is no network: npm run deploy -- --bundle ${quote(file)}`]
    : [`${file}: ${what}, made for ${lab} at ${timeText(Date.parse(made))}; each part is as it was written`];
}

/**
 * The line that points kubectl, helm and cilium at the regions.
 * @param bin folder of the programs that the PATH lacks
 */
export function exportLine(kubeconfigs: readonly string[], bin?: string): string {
  const path = bin === undefined ? '' : ` PATH=${quote(bin)}${delimiter}"$PATH"`;
  return `export KUBECONFIG=${quote(kubeconfigs.join(delimiter))}${path}`;
}

/** The README's example is written for the two regions of the article. */
const canTry = (kubeconfigs: readonly string[]): boolean =>
  ['region-athens', 'region-hurup'].every((name) => kubeconfigs.some((file) => basename(file) === name));

function access({ hubbleUi, kubeconfig, bin, look, cleanUp }: AccessEvent, style: Style): string[] {
  const rows = table(Object.entries(hubbleUi).map(([region, address]) => [`  ${region}`, `http://${address}`]));
  const next = [
    ['  look:', look],
    ['  clean up:', cleanUp],
    ...(!canTry(kubeconfig) ? [] : [['  try it:', 'README.md#try-the-mesh, with the line below']]),
  ];
  return [
    ...(rows.length === 0 ? [] : ['', style.bold('Hubble UI'), ...rows]),
    ...['', style.bold('Next'), ...table(next)],
    ...['', exportLine(kubeconfig, bin)],
  ];
}

/** Minutes and seconds since the start: `04:40` */
function clock(seconds: number): string {
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  return `${two(seconds / 60)}:${two(seconds % 60)}`;
}

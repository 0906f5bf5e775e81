import type { DriverEvent, PlannedLine } from '../events.ts';
import type { Failure } from '../failures.ts';
import { duration, type Style, table } from './text.ts';

/** Paths as the user would type them. */
export type ShowPath = (path: string) => string;

/** The lines that an event puts on a terminal for good; none for what only live output shows. */
export function linesOf(event: DriverEvent, style: Style): string[] {
  switch (event.event) {
    case 'started':
      return [`${style.bold(event.lab)}: ${counted(event.regions.length, 'region')}, stack ${event.stack}`];
    case 'nothing-there':
      return [`${event.lab}: nothing is there`];
    case 'warning':
      return [`${style.warn('!')} ${event.message}`];
    case 'planned':
      return planSummary(event.steps);
    case 'step-started':
      return [`${clock(event.at)}  ${place(event)}  … ${event.reason}`];
    case 'step-progress':
      return [];
    case 'step-done':
      return [`${clock(event.at)}  ${place(event)}  ${style.good('✓')} ${duration(event.seconds)}`];
    case 'step-failed':
      return [`${clock(event.at)}  ${place(event)}  ${style.bad('✗')} ${event.failure.reason}`];
    case 'stopped':
      return stopped(event, style);
    case 'finished':
      return [];
    case 'access':
      return access(event.hubbleUi, event.kubeconfig, style);
  }
}

/** `region-athens  cilium`, wide enough for most names. */
export function place({ step, region }: { step: string; region?: string }): string {
  return `${(region ?? 'lab').padEnd(14)}  ${step.padEnd(8)}`;
}

/** One row a step, regions side by side in the order of the plan. */
export function planTable(steps: readonly PlannedLine[], style: Style): string[] {
  const rows = table(steps.map(({ step, region, action, reason }) => [step, region ?? 'lab', action, reason]));
  return rows.map((row, index) => (steps[index]?.action === 'skip' ? style.dim(row) : row));
}

export function failureLines(
  where: { step: string; region?: string },
  failure: Failure,
  style: Style,
  show: ShowPath,
): string[] {
  const name = where.region === undefined ? where.step : `${where.region}: ${where.step}`;
  const facts: [string, string | undefined][] = [
    ['cause', failure.cause],
    ['remedy', failure.remedy],
    ['log', failure.log === undefined ? undefined : show(failure.log)],
  ];
  return [
    '',
    `${style.bad('✗')} ${style.bold(`${name} failed`)}: ${failure.reason}`,
    ...(failure.command === undefined ? [] : ['', `  ${failure.command}`]),
    ...(failure.lastLines.length === 0 ? [] : ['', ...failure.lastLines.map((line) => style.dim(`  │ ${line}`))]),
    '',
    ...facts.flatMap(([label, text]) => (text === undefined ? [] : [`  ${label.padEnd(6)}  ${text}`])),
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
  const rest = skipped === 0 ? '' : `, ${skipped} need nothing`;
  return [`${counted(running.length, 'step')} to run${rest}`, ''];
}

function stopped({ exists, goOn, cleanUp }: Extract<DriverEvent, { event: 'stopped' }>, style: Style): string[] {
  const what = exists.length === 0 ? 'nothing was made' : `what exists: ${exists.join(', ')}`;
  return ['', `${style.warn('stopped')}; ${what}`, `  go on:     ${goOn}`, `  clean up:  ${cleanUp}`];
}

function access(hubbleUi: Readonly<Record<string, string>>, kubeconfig: string, style: Style): string[] {
  const rows = table(Object.entries(hubbleUi).map(([region, address]) => [`  ${region}`, `http://${address}`]));
  return [...(rows.length === 0 ? [] : ['', style.bold('Hubble UI'), ...rows]), '', kubeconfig];
}

/** Minutes and seconds since the start: `04:40` */
function clock(seconds: number): string {
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  return `${two(seconds / 60)}:${two(seconds % 60)}`;
}

export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { faultNames } from '../../lab/failover.ts';
import { readText } from '../../lab/text-file.ts';
import type { FailoverEvent } from '../events/failover-event.ts';
import type { Paths } from '../files/paths.ts';
import { replaceFile } from '../files/replace-file.ts';
import { bucketsOf, type Reading } from './figures.ts';
import type { Measured } from './measure.ts';
import { readRequests, type Request } from './requests.ts';

/** Bytes of one file, and more: an hour at a thousand requests a second. */
const LARGEST = 2 ** 28;

/** In the folder of a series: the answer of `failover`, all figures of it. */
const FIGURES = 'figures.json';

const folderOf = ({ failover }: Pick<Paths, 'failover'>, series: string): string => join(failover, series);

const runFolder = (paths: Pick<Paths, 'failover'>, series: string, run: number): string =>
  join(folderOf(paths, series), `run-${run}`);

/** Names of regions have no dot: none is that of another file. */
const csvOf = (client: string, what = ''): string => `${client.replaceAll(/[^\w-]+/g, '.')}${what}.csv`;

/** What was measured in that series before goes: a new measurement begins. */
export function forgetRuns(paths: Pick<Paths, 'failover'>, series: string): void {
  rmSync(folderOf(paths, series), { recursive: true, force: true });
}

/**
 * Keeps every request of a run, from which all figures are made: `.lab/NAME/failover/SERIES/run-1/`, a file for each client, with
 * times in milliseconds from the start of the baseline.
 */
export function keepRun(
  paths: Pick<Paths, 'failover'>,
  series: string,
  run: number,
  measured: Pick<Measured, 'marks' | 'series'>,
  reading: Reading,
): void {
  const { marks } = measured;
  const folder = runFolder(paths, series, run);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'marks.json'), `${JSON.stringify(marks, undefined, 1)}\n`);
  for (const { client, requests } of measured.series) {
    const rows = requests.map(({ due, sent, done, outcome, region = '', pod = '' }) =>
      [...[due, sent, done].map((at) => (at - marks.from).toFixed(1)), outcome, region, pod].join(','),
    );
    writeFileSync(join(folder, csvOf(client)), ['due_ms,sent_ms,done_ms,outcome,region,pod', ...rows, ''].join('\n'));
    const buckets = bucketsOf(requests, marks, reading);
    const regions = [...new Set(buckets.flatMap(({ answers }) => [...answers.keys()]))].toSorted();
    const lines = buckets.map(({ at, answers, failed, unknown, lag }) =>
      [at, ...regions.map((region) => answers.get(region) ?? 0), failed, unknown, lag.toFixed(1)].join(','),
    );
    const head = ['from_ms', ...regions, 'failed', 'unknown', 'lag_ms'].join(',');
    writeFileSync(join(folder, csvOf(client, '.by-100-ms')), [head, ...lines, ''].join('\n'));
  }
}

/** Keeps the figures of a fault beside its runs. */
export function keepFigures(paths: Pick<Paths, 'failover'>, event: FailoverEvent): void {
  const folder = folderOf(paths, event.series);
  mkdirSync(folder, { recursive: true });
  replaceFile(join(folder, FIGURES), `${JSON.stringify(event)}\n`);
}

/** The figures that are kept, in the order of the faults. Of what is damaged the name alone is known: whoever tells of it minds that. */
export function readFigures(paths: Pick<Paths, 'failover'>): FailoverEvent[] {
  return faultNames.flatMap((fault) =>
    seriesIn(paths)
      .filter((series) => series.split('.')[0] === fault)
      .flatMap((series) => {
        const file = join(folderOf(paths, series), FIGURES);
        if (!existsSync(file)) return [];
        try {
          return [{ ...(JSON.parse(readText(file, LARGEST).text ?? '') as FailoverEvent), fault, series }];
        } catch {
          return [{ fault, series } as FailoverEvent];
        }
      }),
  );
}

function seriesIn({ failover }: Pick<Paths, 'failover'>): string[] {
  try {
    return readdirSync(failover).toSorted();
  } catch {
    return []; // nothing was measured
  }
}

/** The requests of a client in a run, with times in milliseconds from the start of the baseline; none where they are not kept. */
export function readKept(
  paths: Pick<Paths, 'failover'>,
  series: string,
  run: number,
  client: string,
): readonly Request[] {
  return readRequests(readText(join(runFolder(paths, series, run), csvOf(client)), LARGEST).text ?? '').requests;
}

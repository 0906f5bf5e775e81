import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Paths } from '../files/paths.ts';
import { bucketsOf } from './figures.ts';
import type { Measured } from './measure.ts';

/**
 * Keeps every request of a run, from which all figures are made: `.lab/NAME/failover/FAULT-RUN/`, a file for each client, with
 * times in milliseconds from the start of the baseline. The former run of that name goes.
 */
export function keepRun({ failover }: Pick<Paths, 'failover'>, name: string, { marks, series }: Measured): void {
  const folder = join(failover, name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'marks.json'), `${JSON.stringify(marks, undefined, 1)}\n`);
  for (const { client, requests } of series) {
    const file = join(folder, client.replaceAll(/[^\w-]+/g, '-'));
    const rows = requests.map(({ due, sent, done, outcome, region = '', pod = '' }) =>
      [...[due, sent, done].map((at) => (at - marks.from).toFixed(1)), outcome, region, pod].join(','),
    );
    writeFileSync(`${file}.csv`, ['due_ms,sent_ms,done_ms,outcome,region,pod', ...rows, ''].join('\n'));
    const buckets = bucketsOf(requests, marks);
    const regions = [...new Set(buckets.flatMap(({ answers }) => Object.keys(answers)))].toSorted();
    const lines = buckets.map(({ at, answers, failed }) =>
      [at, ...regions.map((region) => answers[region] ?? 0), failed].join(','),
    );
    writeFileSync(`${file}-by-100-ms.csv`, [['from_ms', ...regions, 'failed'].join(','), ...lines, ''].join('\n'));
  }
}

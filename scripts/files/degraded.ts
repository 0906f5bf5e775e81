import { existsSync, readFileSync, rmSync } from 'node:fs';
import { z } from 'zod';
import { readJson } from '../tools/json.ts';
import type { Paths } from './paths.ts';
import { replaceFile } from './replace-file.ts';

/** Which worse network is on: the nodes have what it does, and no name of it. */
const degraded = z.object({
  /** Its profile in lab.yaml, as it was. */
  profile: z.string(),
  /** The regions that it is between. */
  pairs: z.array(z.array(z.string())),
  /** All of lab.yaml that it was made of. */
  network: z.string(),
  /** False from before it is put on until all nodes have it. */
  whole: z.boolean(),
});

export type DegradedRecord = z.infer<typeof degraded>;

type Where = Pick<Paths, 'degraded'>;

export function rememberDegraded(paths: Where, record: DegradedRecord): void {
  replaceFile(paths.degraded, `${JSON.stringify(record)}\n`);
}

export function forgetDegraded(paths: Where): void {
  rmSync(paths.degraded, { force: true });
}

/** Undefined where none is. */
export function readDegraded(paths: Where): DegradedRecord | undefined {
  return existsSync(paths.degraded) ? readJson(degraded, readFileSync(paths.degraded, 'utf8')) : undefined;
}

import { readFileSync } from 'node:fs';

/** A program of the folder `probe/`, which runs in pods of the probe's image. */
export type ProbeProgram = 'serve.mjs' | 'ask.mjs' | 'front.mjs' | 'load.mjs';

/** Its text. */
export function probeProgram(name: ProbeProgram): string {
  return readFileSync(new URL(`../probe/${name}`, import.meta.url), 'utf8');
}

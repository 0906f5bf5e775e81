import { readFileSync } from 'node:fs';

/** Text of a program of the folder `probe/`, which runs in pods of the probe's image. */
export function probeProgram(name: 'serve.mjs' | 'ask.mjs'): string {
  return readFileSync(new URL(`../probe/${name}`, import.meta.url), 'utf8');
}

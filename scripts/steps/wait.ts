import type { Work } from './step.ts';

/** A wait whose deadline passed: what for, how long, and the last thing seen. */
export class WaitError extends Error {
  readonly what: string;
  readonly lastSeen: string;

  constructor(what: string, seconds: number, lastSeen: string) {
    super(`still waiting for ${what} after ${seconds} s; last seen: ${lastSeen}`);
    this.name = 'WaitError';
    this.what = what;
    this.lastSeen = lastSeen;
  }
}

/** Waits for all of them to end, also after one has failed. @throws the first failure */
export async function allOf<Results extends readonly unknown[]>(works: {
  readonly [Index in keyof Results]: Promise<Results[Index]>;
}): Promise<Results> {
  await Promise.allSettled(works);
  return await Promise.all(works);
}

/**
 * Looks until there is nothing left to wait for: soon again at first, then once a second, and where the machine is so busy that
 * a look takes long, less often, so that looking does not keep it busy. Never blind: each look says what it saw, which the
 * reader sees too.
 * @param look answers with what is still missing, or `undefined` when done
 * @param normal what the reader sees in its place, where it would read as an alarm; @default - what was seen
 * @throws WaitError after the step's deadline
 */
export async function waitFor(
  work: Pick<Work, 'progress' | 'pause' | 'timeoutSeconds'>,
  what: string,
  look: () => Promise<string | undefined>,
  normal?: string,
): Promise<void> {
  const deadline = Date.now() + work.timeoutSeconds * 1000;
  for (let pause = 0.1; ; pause = Math.min(1, 2 * pause)) {
    const began = performance.now();
    const missing = await look();
    const took = (performance.now() - began) / 1000;
    if (missing === undefined) return;
    work.progress(`${waitingFor(work, what)}: ${normal ?? missing}`);
    if (Date.now() > deadline) throw new WaitError(what, work.timeoutSeconds, missing);
    await work.pause(Math.max(pause, Math.min(3, 2 * took)));
  }
}

/** `waiting up to 15 min for MetalLB's CRDs`: said before a program that waits by itself, and may be silent meanwhile. */
export function waitingFor({ timeoutSeconds }: Pick<Work, 'timeoutSeconds'>, what: string): string {
  return `waiting up to ${span(timeoutSeconds)} for ${what}`;
}

/** `60 s`, `15 min` */
export function span(seconds: number): string {
  return seconds > 60 && seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
}

import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { readText } from '../../lab/text-file.ts';
import type { VerifyEvent } from '../events/verify-event.ts';
import type { Paths } from './paths.ts';
import { replaceFile } from './replace-file.ts';

/** Every path between the regions as it was last seen. Milliseconds since 1970. */
export interface Verified {
  readonly time: number;
  readonly event: VerifyEvent;
}

/** Kept for a report. Never throws: an answer is worth more than its record. */
export function keepVerified({ verified }: Pick<Paths, 'verified'>, event: VerifyEvent, now = Date.now()): void {
  try {
    mkdirSync(dirname(verified), { recursive: true });
    replaceFile(verified, `${JSON.stringify({ time: now, event } satisfies Verified)}\n`);
  } catch {
    // the report shows an older one, or none
  }
}

/** Bytes of it in a lab of 64 regions, and more. */
const LARGEST = 2 ** 26;

/** undefined where nothing was verified, or that cannot be read */
export function readVerified({ verified }: Pick<Paths, 'verified'>): Verified | undefined {
  const { text } = readText(verified, LARGEST);
  try {
    return text === undefined ? undefined : (JSON.parse(text) as Verified);
  } catch {
    return undefined;
  }
}

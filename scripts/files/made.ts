import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Paths } from './paths.ts';

/** Puts a region on record before its creation, so that it can be destroyed when lab.yaml has lost it. */
export function recordRegion(paths: Paths, region: string): void {
  mkdirSync(paths.made, { recursive: true });
  writeFileSync(join(paths.made, region), '');
}

/** Regions that deploys of this lab made or began, also those that lab.yaml has lost since. */
export function recordedRegions({ made }: Paths): string[] {
  try {
    return readdirSync(made);
  } catch {
    return []; // nothing was made here
  }
}

import { readText } from './text-file.ts';

/** MetalLB's own has a tenth of it. */
const MOST_BYTES = 2 ** 20;

/** What can be told of a manifest of MetalLB that lies on this machine. */
export interface Manifest {
  /** By the image of its controller: `v0.13.7`; undefined where that has no such tag. */
  readonly version?: string | undefined;
  /** Why it cannot be applied, to go on where its name ends: `is a folder, not a file`. */
  readonly problem?: string | undefined;
}

/** Reads a manifest by its path; nothing is told of a URL, or of a path where nothing lies yet. */
export function readManifest(source: string | undefined): Manifest {
  if (source === undefined || source.includes('://')) return {};
  const read = readText(source, MOST_BYTES);
  if (read.problem !== undefined) return read.isMissing ? {} : { problem: read.problem };
  return { version: /^[ -]*image:.*\bcontroller:(v\d+\.\d+\.\d+)/m.exec(read.text)?.[1] };
}

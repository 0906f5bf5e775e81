import { dirname, join, resolve } from 'node:path';
import { loadLab } from '../../lab/load.ts';
import { OutputError, ownPlace } from '../../lab/own-place.ts';
import { drawLab } from '../draw/picture.ts';
import { exitCode } from '../events/errors.ts';
import { replaceFile } from '../files/replace-file.ts';
import type { Io } from './io.ts';

export interface DrawOptions {
  readonly lab: string;
  /** undefined: beside the lab file */
  readonly dist?: string;
  /** undefined: `lab.svg` beside the lab */
  readonly out?: string;
}

/**
 * Draws a lab as an SVG picture.
 * @throws LabError
 * @throws OutputError where the place is not draw's to replace, or cannot be written
 */
export function draw({ lab, dist, out = join(dirname(lab), 'lab.svg') }: DrawOptions, io: Io): number {
  const picture = drawLab(loadLab(lab, dist));
  const around = { cwd: io.cwd, home: io.home(), labFile: resolve(io.cwd, lab) };
  const place = ownPlace({ path: out, by: '--out' }, 'picture', around);
  try {
    replaceFile(place, picture);
  } catch (error) {
    throw new OutputError(`cannot write ${out}: ${(error as Error).message}. It is as it was.`, { cause: error });
  }
  io.stdout.write(`drew ${lab} as ${out}\n`);
  return exitCode.done;
}

import { writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { Command, CommanderError } from 'commander';
import { loadLab } from '../lab/load.ts';
import { OutputError, ownPlace } from '../lab/own-place.ts';
import { LabError } from '../lab/problems.ts';
import { drawLab } from './draw/picture.ts';

// Draws a lab as an SVG picture. Exit codes: 0 done, 2 where the lab or the command line is wrong and nothing was written.

interface Options {
  readonly lab: string;
  readonly out?: string;
}

const command = new Command('npm run draw --')
  .description('Draws a lab as an SVG picture: its docker network, a card for each region, the mesh between them.')
  .option('--lab <file>', 'the lab', 'lab.yaml')
  .option('--out <file>', 'the picture to write (default: lab.svg beside the lab)')
  .exitOverride();

try {
  const { lab, out = join(dirname(lab), 'lab.svg') } = command.parse().opts<Options>();
  const picture = drawLab(loadLab(lab));
  const around = { cwd: process.cwd(), home: homedir(), labFile: resolve(lab) };
  const place = ownPlace({ path: out, by: '--out' }, 'picture', around);
  try {
    writeFileSync(place, picture);
  } catch (error) {
    throw new OutputError(`cannot write ${out}: ${(error as Error).message}. It is as it was.`, { cause: error });
  }
  console.log(`drew ${lab} as ${out}`);
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else if (error instanceof LabError || error instanceof OutputError) {
    console.error(error.message);
    process.exitCode = 2;
  } else throw error;
}

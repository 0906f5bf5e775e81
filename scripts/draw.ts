import { writeFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { loadLab } from '../lab/load.ts';
import { LabError } from '../lab/problems.ts';
import { drawLab } from './draw/picture.ts';

// Draws a lab as an SVG picture. Exit codes: 0 done, 2 where the lab or the command line is wrong and nothing was written.

interface Options {
  readonly lab: string;
  readonly out: string;
}

const command = new Command('npm run draw --')
  .description('Draws a lab as an SVG picture: its docker network, a card for each region, the mesh between them.')
  .option('--lab <file>', 'the lab', 'lab.yaml')
  .option('--out <file>', 'the picture to write', 'docs/lab.svg')
  .exitOverride();

try {
  const { lab, out } = command.parse().opts<Options>();
  writeFileSync(out, drawLab(loadLab(lab)));
  console.log(`drew ${lab} as ${out}`);
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else if (error instanceof LabError) {
    console.error(error.message);
    process.exitCode = 2;
  } else throw error;
}

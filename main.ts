import { resolve } from 'node:path';
import { checkText, isSame, writtenText } from './constructs/comparison.ts';
import { synthesize } from './constructs/lab-app.ts';
import { compare, type Synthesized, write } from './constructs/write.ts';
import { loadLab } from './lab/load.ts';
import type { Named } from './lab/own-place.ts';
import { distBeside } from './lab/read-memory.ts';
import { start } from './scripts/commands/entry.ts';
import { program } from './scripts/commands/flags.ts';
import type { Io } from './scripts/commands/io.ts';
import { runProgram } from './scripts/commands/program.ts';
import { exitCode } from './scripts/events/errors.ts';
import { plainCommand } from './scripts/files/paths.ts';

// The composition root of the cdk8s app: lab.yaml -> Lab -> YAML -> the output folder. Exit codes: 0 done, 1 with --check
// where something would change, 2 where nothing could be done.

interface Options {
  readonly lab: string;
  readonly out?: string;
  readonly check?: true;
  readonly adopt?: true;
}

await start(
  (io) =>
    runProgram(io, (_, done) =>
      program(
        'clustermesh-lab synth',
        'Writes the YAML of a lab: in a folder for each region, kind.yaml, cilium-values.yaml, and a file each for the address pool and its announcement.',
      )
        .option('--lab <file>', 'the lab', 'lab.yaml')
        .option(
          '--out <folder>',
          'the folder to write, as a whole; regions keep the addresses that it has (default: dist/ beside the lab)',
        )
        .option('--check', 'write nothing; exit 1 and name the files that would change')
        .option(
          '--adopt',
          'take over the folder of another lab, as after a new name; regions keep the addresses that it has',
        )
        .action((options: Options) => {
          done(synth(options, io));
        }),
    ),
  { inOneGo: true },
);

function synth(options: Options, io: Io): number {
  const named = outputOf(options, io.env);
  // as it was typed, so that it is the same lab and the same folder
  const typed = io.argv.filter((option) => option !== '--check');
  const place = named.by === 'CDK8S_OUTDIR' ? ['--out', named.path] : [];
  const out = { ...named, adopt: plainCommand('synth', ...typed, ...place, '--adopt') };
  const around = { cwd: io.cwd, home: io.home(), labFile: resolve(options.lab) };
  const make = (): Synthesized => {
    const lab = loadLab(options.lab, out.path);
    return { lab: lab.name, files: synthesize(lab), adopt: options.adopt ?? false };
  };
  if (options.check) {
    const comparison = compare(out, make(), around);
    io.stdout.write(`${checkText(out.path, comparison)}\n`);
    return isSame(comparison) ? exitCode.done : exitCode.failed;
  }
  const tell = (message: string): void => void io.stderr.write(`${message}\n`);
  const { made, different } = write(out, make, around, { tell });
  io.stdout.write(`${writtenText(out.path, made.files.keys(), different)}\n`);
  return exitCode.done;
}

/** Given on the command line, or by `cdk8s synth`, which names its output folder in CDK8S_OUTDIR; else beside the lab. */
function outputOf({ lab, out }: Options, { CDK8S_OUTDIR }: Io['env']): Named {
  if (out !== undefined) return { path: out, by: '--out' };
  if (CDK8S_OUTDIR !== undefined) return { path: CDK8S_OUTDIR, by: 'CDK8S_OUTDIR' };
  return { path: distBeside(lab), by: '--out' };
}

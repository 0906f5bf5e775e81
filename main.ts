import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { Command, CommanderError } from 'commander';
import { checkText, isSame, writtenText } from './constructs/comparison.ts';
import { synthesize } from './constructs/lab-app.ts';
import { compare, write } from './constructs/write.ts';
import { loadLab } from './lab/load.ts';
import { type Named, OutputError } from './lab/own-place.ts';
import { LabError } from './lab/problems.ts';

// The composition root of the cdk8s app: lab.yaml -> Lab -> YAML -> the output folder. Exit codes: 0 done, 1 with --check
// where something would change, 2 where nothing could be done.

interface Options {
  readonly lab: string;
  readonly out?: string;
  readonly check?: true;
}

const command = new Command('npm run synth --')
  .description(
    'Writes the YAML of a lab: in a folder for each region, kind.yaml, cilium-values.yaml, ipaddresspool.yaml and l2advertisement.yaml.',
  )
  .option('--lab <file>', 'the lab', 'lab.yaml')
  .option('--out <folder>', 'the folder to write, as a whole (default: dist/ beside the lab)')
  .option('--check', 'write nothing; exit 1 and name the files that would change')
  .exitOverride();

try {
  run(command.parse().opts<Options>());
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else if (error instanceof LabError || error instanceof OutputError) fail(error.message);
  else throw error;
}

function run(options: Options): void {
  const out = outputOf(options, process.env);
  const around = { cwd: process.cwd(), home: homedir(), labFile: resolve(options.lab) };
  const files = synthesize(loadLab(options.lab));
  if (options.check) {
    const comparison = compare(out, files, around);
    console.log(checkText(out.path, comparison));
    process.exitCode = isSame(comparison) ? 0 : 1;
  } else {
    console.log(writtenText(out.path, files.keys(), write(out, files, around)));
  }
}

/** Given on the command line, or by `cdk8s synth`, which names its output folder in CDK8S_OUTDIR; else beside the lab. */
function outputOf({ lab, out }: Options, { CDK8S_OUTDIR }: NodeJS.ProcessEnv): Named {
  if (out !== undefined) return { path: out, by: '--out' };
  if (CDK8S_OUTDIR !== undefined) return { path: CDK8S_OUTDIR, by: 'CDK8S_OUTDIR' };
  return { path: join(dirname(lab), 'dist'), by: '--out' };
}

function fail(message: string): void {
  console.error(message);
  process.exitCode = 2;
}

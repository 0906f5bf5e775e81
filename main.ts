import { dirname, join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { checkText, isSame, writtenText } from './constructs/comparison.ts';
import { synthesize } from './constructs/lab-app.ts';
import { compare, OutputError, write } from './constructs/write.ts';
import { loadLab } from './lab/load.ts';
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
  // `cdk8s synth` names its output folder in CDK8S_OUTDIR.
  const out = options.out ?? process.env.CDK8S_OUTDIR ?? join(dirname(options.lab), 'dist');
  const files = synthesize(loadLab(options.lab));
  if (options.check) {
    const comparison = compare(out, files);
    console.log(checkText(out, comparison));
    process.exitCode = isSame(comparison) ? 0 : 1;
  } else {
    console.log(writtenText(out, files.keys(), write(out, files)));
  }
}

function fail(message: string): void {
  console.error(message);
  process.exitCode = 2;
}

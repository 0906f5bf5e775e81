import { Command } from 'commander';
import { availableParallelism } from 'node:os';
import { start } from './commands/entry.ts';
import { runProgram } from './commands/program.ts';
import { benchDeploy, type BenchDeployOptions } from './bench/deploy.ts';

const program = new Command('npm run bench:deploy --')
  .description(
    'Time a deploy by both mesh methods, and the same commands typed one after the other as the article has them.',
  )
  .requiredOption(
    '--lab <file>',
    'a lab whose sources, stack and regions are taken; it is built under other names and destroyed again',
  )
  .option('--rounds <count>', 'how often each way is taken', '1')
  .option('--note <text>', 'said above the table', `${availableParallelism()} cores`)
  .exitOverride();

await start((io) => runProgram(program, io, (parsed) => benchDeploy(parsed.opts<BenchDeployOptions>(), io)));

import { availableParallelism } from 'node:os';
import { Option } from 'commander';
import { start } from './commands/entry.ts';
import * as flags from './commands/flags.ts';
import { runProgram } from './commands/program.ts';
import { benchDeploy, ways, type BenchDeployOptions } from './bench/deploy.ts';

await start((io) =>
  runProgram(io, (_, done) =>
    flags
      .program(
        'bench:deploy',
        'Time a deploy by both mesh methods, and the same commands typed one after the other as the article has them.',
      )
      .requiredOption(
        '--lab <file>',
        'a lab whose sources, stack and regions are taken; it is built under other names and destroyed again',
      )
      .option('--rounds <count>', 'how often each way is taken', '1')
      .addOption(new Option('--way <way...>', 'those that are taken').choices(ways).default([...ways], 'all of them'))
      .option('--note <text>', 'said above the table', `${availableParallelism()} cores`)
      .action(async (given: BenchDeployOptions) => {
        done(await benchDeploy(given, io));
      }),
  ),
);

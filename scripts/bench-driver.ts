import { start } from './commands/entry.ts';
import * as flags from './commands/flags.ts';
import { runProgram } from './commands/program.ts';
import { benchDriver, measureDriver } from './bench/driver.ts';

await start((io) =>
  runProgram(io, (_, done) =>
    flags
      .program(
        'bench:driver',
        'Time what the driver does itself: deploys of 2 to 511 regions whose steps do nothing, each in a process of its own.',
      )
      .option('--one <regions>', 'one lab of so many regions, in this process, as JSON', flags.wholeNumber(511))
      .action(async ({ one }: { one?: number }) => {
        done(await (one === undefined ? benchDriver(io) : measureDriver(one, io)));
      }),
  ),
);

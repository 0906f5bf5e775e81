import { destroy } from './commands/destroy.ts';
import { start } from './commands/entry.ts';
import * as options from './commands/options.ts';
import { runProgram } from './commands/program.ts';

const program = options
  .command('destroy', "Remove the lab's clusters, network and files, and nothing else.")
  .addOption(options.regionOption())
  .addOption(options.yesOption('do not ask'));

await start((io) => runProgram(program, io, (parsed) => destroy(parsed.opts<options.DestroyOptions>(), io)));

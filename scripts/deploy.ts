import { deploy } from './commands/deploy.ts';
import { start } from './commands/entry.ts';
import * as options from './commands/options.ts';
import { runProgram } from './commands/program.ts';

const program = options
  .command('deploy', 'Build the lab: observe what exists, plan what is missing, run it. Safe to run again at any time.')
  .addOption(options.regionOption())
  .addOption(options.skipTestOption())
  .addOption(options.yesOption('accept another subnet where the one of lab.yaml is taken'))
  .addOption(options.timeoutOption())
  .addOption(options.concurrencyOption());

await start((io) => runProgram(program, io, (parsed) => deploy(parsed.opts<options.DeployOptions>(), io)));

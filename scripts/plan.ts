import { start } from './commands/entry.ts';
import * as options from './commands/options.ts';
import { showPlan } from './commands/plan.ts';
import { runProgram } from './commands/program.ts';

const program = options
  .command('plan', 'Print each step of a deploy with run or skip and why. Touches nothing.')
  .addOption(options.regionOption())
  .addOption(options.skipTestOption());

await start((io) => runProgram(program, io, (parsed) => showPlan(parsed.opts<options.DeployOptions>(), io)));

import { start } from './driver/entry.ts';
import * as options from './driver/options.ts';
import { showPlan } from './driver/show-plan.ts';
import { runProgram } from './driver/program.ts';

const program = options
  .command('plan', 'Print each step of a deploy with run or skip and why. Touches nothing.')
  .addOption(options.regionOption())
  .addOption(options.skipTestOption());

await start((io) => runProgram(program, io, (parsed) => showPlan(parsed.opts<options.DeployOptions>(), io)));

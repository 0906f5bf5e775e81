import { start } from './commands/entry.ts';
import * as options from './commands/options.ts';
import { runProgram } from './commands/program.ts';
import { showStatus } from './commands/status.ts';

const program = options.command(
  'status',
  'Show the whole lab on one screen: regions, nodes, Cilium, addresses, mesh. Touches nothing.',
);

await start((io) => runProgram(program, io, (parsed) => showStatus(parsed.opts<options.CommonOptions>(), io)));

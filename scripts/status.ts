import { start } from './driver/entry.ts';
import * as options from './driver/options.ts';
import { runProgram } from './driver/program.ts';
import { showStatus } from './driver/status.ts';

const program = options.command(
  'status',
  'Show the whole lab on one screen: regions, nodes, Cilium, addresses, mesh. Touches nothing.',
);

await start((io) => runProgram(program, io, (parsed) => showStatus(parsed.opts<options.CommonOptions>(), io)));

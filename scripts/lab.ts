import { commandLine } from './commands/command-line.ts';
import { start } from './commands/entry.ts';
import { runProgram } from './commands/program.ts';

await start((io) => runProgram(io, commandLine));

import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Program } from '../../../scripts/tools/command.ts';

/** A folder that is the whole PATH: what is not put into it is not installed. */
export interface ProgramFolder {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  file(name: string): string;
  /** A program that is Node itself: `kind -e CODE`. */
  addNode(program: Program): void;
  /** A program that is a POSIX shell script. */
  addScript(program: Program, body: string): void;
  dispose(): void;
}

export function makeProgramFolder(): ProgramFolder {
  const folder = mkdtempSync(join(tmpdir(), 'programs-'));
  const file = (name: string): string => join(folder, name);
  return {
    folder,
    env: { PATH: folder },
    file,
    addNode: (program) => {
      symlinkSync(process.execPath, file(program));
    },
    addScript: (program, body) => {
      writeFileSync(file(program), `#!/bin/sh\n${body}\n`);
      chmodSync(file(program), 0o755);
    },
    dispose: () => {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

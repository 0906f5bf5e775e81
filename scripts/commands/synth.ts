import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import type { Io } from './program.ts';
import type { Paths } from '../files/paths.ts';
import { UserError } from '../events/errors.ts';

const main = fileURLToPath(new URL('../../main.ts', import.meta.url));
const loader = import.meta.resolve('tsx');

/**
 * Is dist/ what lab.yaml says? The driver never loads cdk8s itself: it asks `synth`, as a program.
 * @throws UserError naming the files that differ
 */
export async function checkDist(paths: Paths, env: Readonly<Record<string, string>>): Promise<void> {
  const { exitCode, stdout, stderr } = await synth(paths, env, ['--check']);
  if (exitCode === 0) return;
  const command = paths.command('synth');
  const said = (stdout || stderr).trim().replaceAll(paths.dist, paths.show(paths.dist));
  throw new UserError(`${said}\nReview what changes: ${command} && git diff ${paths.show(paths.dist)}`);
}

/** `clustermesh-lab synth`: main.ts as a program of its own, with these arguments and this terminal. */
export async function passToSynth(args: readonly string[], { cwd }: Io): Promise<number> {
  const { exitCode = 1 } = await execa(process.execPath, ['--import', loader, main, ...args], {
    cwd,
    reject: false,
    stdio: 'inherit',
  });
  return exitCode;
}

/** Writes dist/ anew. */
export async function writeDist(paths: Paths, env: Readonly<Record<string, string>>): Promise<void> {
  const { exitCode, stderr } = await synth(paths, env, []);
  if (exitCode !== 0) throw new UserError(stderr.trim());
}

function synth(
  paths: Paths,
  env: Readonly<Record<string, string>>,
  options: readonly string[],
): Promise<{ exitCode?: number; stdout: string; stderr: string }> {
  return execa(process.execPath, ['--import', loader, main, '--lab', paths.labFile, '--out', paths.dist, ...options], {
    env: { ...env },
    extendEnv: false,
    reject: false,
    stdin: 'ignore',
  });
}

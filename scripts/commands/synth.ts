import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { distSum, isChecked, keepChecked } from '../files/checked-dist.ts';
import type { Io } from './io.ts';
import type { Paths } from '../files/paths.ts';
import { exitCode as codes, UserError } from '../events/errors.ts';
import { type ProcessEnd, runProcess } from '../tools/process.ts';
import type { Session } from './session.ts';

const program = fileURLToPath(new URL('../../bin/synth.mjs', import.meta.url));

/** The largest lab, of 511 regions, takes some ten seconds. */
const timeoutSeconds = 120;

/** What is asked about, and whether the answer may be kept. */
type Checked = Pick<Session, 'lab' | 'paths' | 'env' | 'touches'>;

/**
 * Is dist/ what lab.yaml says? The driver never loads cdk8s itself: it asks `synth`, as a program, unless that has said yes to the
 * very same files before.
 * @throws UserError naming the files that differ
 */
export async function checkDist({ lab, paths, env, touches }: Checked, signal: AbortSignal): Promise<void> {
  const { ciliumChart } = lab.sources;
  const sumNow = (): string | undefined => distSum(paths, 'place' in ciliumChart ? ciliumChart.place : undefined);
  const sum = sumNow();
  if (sum !== undefined && isChecked(paths, sum)) return;
  const { exitCode, stdout, stderr } = await synth(paths, env, signal, ['--check']);
  if (exitCode === 0) {
    // unless somebody has changed them meanwhile
    if (touches && sum !== undefined && sum === sumNow()) keepChecked(paths, sum);
    return;
  }
  const said = (stdout || stderr).trim().replaceAll(paths.dist, paths.show(paths.dist));
  // 1: it would change; 2: it cannot be looked at, and says so
  if (exitCode !== 1) throw new UserError(said);
  const remedy = `Review what changes: ${paths.command('synth')} && git diff ${paths.show(paths.dist)}`;
  throw new UserError(`${said}\n${remedy}`, codes.usage, [{ cause: said, remedy }]);
}

/** `clustermesh-lab synth`: synth as a program of its own, with these arguments and this terminal; it is stopped as this one is. */
export async function passToSynth(args: readonly string[], { cwd, signal }: Io): Promise<number> {
  const child = spawn(process.execPath, [program, ...args], { cwd, stdio: 'inherit' });
  signal.addEventListener('abort', () => child.kill());
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? codes.stopped;
}

/** Writes dist/ anew. @throws UserError where synth refuses */
export async function writeDist(
  paths: Paths,
  env: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<void> {
  const { exitCode, stderr } = await synth(paths, env, signal, []);
  if (exitCode !== 0) throw new UserError(stderr.trim());
}

/** @throws UserError after its deadline; the signal's reason where it was stopped */
async function synth(
  paths: Paths,
  env: Readonly<Record<string, string>>,
  signal: AbortSignal,
  options: readonly string[],
): Promise<ProcessEnd> {
  const args = [program, '--lab', paths.labFile, '--out', paths.dist, ...options];
  const end = await runProcess(process.execPath, args, { env, signal, timeoutSeconds });
  if (end.ended === 'canceled') signal.throwIfAborted();
  if (end.ended === 'deadline') {
    throw new UserError(
      `synth has not ended after ${timeoutSeconds} s and was stopped. Run it by hand to see why: ${paths.command('synth')}`,
      codes.failed,
    );
  }
  return end;
}

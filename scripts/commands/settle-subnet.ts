import { readFileSync, realpathSync, statSync } from 'node:fs';
import type { Cidr } from '../../lab/cidr.ts';
import { withSubnet } from '../../lab/load.ts';
import { confirm } from './confirm.ts';
import { exitCode, UserError } from '../events/errors.ts';
import type { Reporter } from '../events/events.ts';
import { replaceFile } from '../files/replace-file.ts';
import { observe } from '../observe/observe.ts';
import type { Observed } from '../observe/observed.ts';
import { asTyped, type DeployOptions } from './options.ts';
import type { Seen } from './prepare.ts';
import type { Io } from './io.ts';
import { openSession, type Session } from './session.ts';
import { findTaken } from '../plan/subnet.ts';
import { writeDist } from './synth.ts';

/** A subnet that is taken is the first thing that a newcomer may meet: propose a free one, and take it if told to. */
export async function settleSubnet(
  session: Session,
  observed: Observed,
  options: DeployOptions,
  io: Io,
  reporter: Reporter,
): Promise<Seen> {
  const taken = findTaken(session.lab, observed);
  if (taken === undefined) return { session, observed };
  const { subnet } = session.lab.network;
  const cause = `${options.lab}: network.subnet ${subnet} is taken by ${taken.taker}`;
  if (taken.free === undefined) {
    const remedy = 'give network.subnet one of your own';
    throw new UserError(`${cause}. No free subnet of this size was found; ${remedy}.`, exitCode.usage, [
      { cause, remedy },
    ]);
  }
  const remedy = `${taken.free} is free`;
  reporter.pause();
  if (
    !options.yes &&
    !(await confirm(io, `${cause}.\n${remedy}: write it into ${options.lab} and synthesize again?`))
  ) {
    const put = `${remedy}: put it into network.subnet of ${options.lab}, or let deploy do it: ${session.paths.command('deploy', ...asTyped(options), '--yes')}`;
    throw new UserError(`${cause}.\n  ${put}`, exitCode.usage, [{ cause, remedy: put }]);
  }
  await moveSubnet(session, taken.free);
  reporter.report({ event: 'warning', message: `${cause}; ${options.lab} now says ${taken.free}` });
  const { adopts } = session;
  const opened = openSession(options, io, true, (event) => {
    reporter.report(event);
  });
  const moved = { ...opened, ...(adopts && { adopts }) };
  return { session: moved, observed: await observe(moved, adopts?.owner) };
}

/** Writes another subnet into lab.yaml, comments kept, and synthesizes again; a lab that it does not fit stays as it was. */
async function moveSubnet({ paths, env, runner }: Session, subnet: Cidr): Promise<void> {
  const before = readFileSync(paths.labFile, 'utf8');
  replaceText(paths.labFile, withSubnet(before, subnet));
  try {
    await writeDist(paths, env, runner.signal);
  } catch (error) {
    replaceText(paths.labFile, before);
    throw error;
  }
}

/** Whole or not at all: a stop in the middle must not cut the user's file short. Follows a link, keeps the mode. */
function replaceText(file: string, text: string): void {
  const real = realpathSync(file);
  replaceFile(real, text, statSync(real).mode);
}

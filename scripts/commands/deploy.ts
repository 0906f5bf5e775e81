import { rmSync } from 'node:fs';
import { exitCode } from '../events/errors.ts';
import { execute } from '../run/execute.ts';
import type { Reporter } from '../events/events.ts';
import { accessEvent } from './access.ts';
import { drawOwner, readOwner } from '../files/owner.ts';
import { observe } from '../observe/observe.ts';
import type { Patience } from '../observe/cluster.ts';
import type { Observed } from '../observe/observed.ts';
import type { Lock } from '../run/lock.ts';
import type { DeployOptions } from './options.ts';
import { planLines } from '../plan/plan.ts';
import { prepare, warningsOf } from './prepare.ts';
import { checkMachine } from './preflight.ts';
import { type Io, makeReporter } from './program.ts';
import { adopt, lockLab } from './own.ts';
import { openSession, selectRegions, type Session } from './session.ts';
import { createCa, type SharedCa, writeCa } from '../files/shared-ca.ts';
import { openStateFolder } from '../files/state-folder.ts';
import { settleSubnet } from './settle-subnet.ts';
import { removeLog } from '../tools/log.ts';
import { signalGroup } from '../tools/process.ts';
import { checkDist } from './synth.ts';
import { stoppedEvent } from './what-exists.ts';

/** Observe, plan, run: `npm run deploy`. */
export async function deploy(options: DeployOptions, io: Io): Promise<number> {
  const session = openSession(options, io, true, (message) => {
    reporter.report({ event: 'warning', message });
  });
  selectRegions(session.lab, options);
  await openStateFolder({ ...session, signal: io.signal });
  const warnings = await checkMachine(session.lab, session.runner, session.env);
  const lock = await lockLab('deploy', session);
  removeLog(session.paths.log('observe'));
  const reporter = makeReporter(options.output, io, (path) => session.paths.show(path));
  try {
    return await deployLocked(session, options, io, reporter, { lock, warnings });
  } catch (error) {
    if (io.signal.aborted) reporter.report(await stoppedEvent(session));
    throw error;
  } finally {
    reporter.close();
    await lock.release();
  }
}

async function deployLocked(
  first: Session,
  options: DeployOptions,
  io: Io,
  reporter: Reporter,
  { lock, warnings }: { lock: Lock; warnings: readonly string[] },
): Promise<number> {
  const {
    lab: { name, stack, regions: all },
  } = first;
  reporter.report({ event: 'started', lab: name, regions: all.map((region) => region.name), stack: stack.name });
  const warn = (messages: readonly string[]): void => {
    for (const message of messages) reporter.report({ event: 'warning', message });
  };
  // in a copy of another folder they would be that folder's
  const stopped = readOwner(first.paths) === undefined ? [] : await first.children.stopLeftovers(signalGroup);
  warn(stopped.map((command) => `an earlier run was killed and had left this running, now stopped: ${command}`));
  if (options.adopt) warn(await adopt(first));
  const patience: Patience = {
    seconds: Math.min(60, options.timeout ?? 60),
    tell: (message) => {
      warn([message]);
    },
  };
  const [, firstLook] = await Promise.all([
    checkDist(first.paths, first.env, io.signal),
    observe(first.queries, first.paths, first.lab, patience),
  ]);
  const { session, observed } = await settleSubnet(first, firstLook, options, io, reporter);
  warn([...warnings, ...warningsOf(session.lab, observed, session.paths.command)]);

  const { regions, desired, plan } = prepare(session, selectRegions(session.lab, options), observed, options.skipTest);
  reporter.report({ event: 'planned', steps: planLines(plan) });
  await lock.verify();
  const outcome = await execute(plan, {
    ...session,
    regions,
    desired,
    observed,
    owner: drawOwner(session.paths),
    ca: await sharedCa(session, observed),
    concurrency: options.concurrency,
    timeoutSeconds: options.timeout,
    report: (event) => {
      reporter.report(event);
    },
  });
  if (io.signal.aborted) {
    reporter.report(await stoppedEvent(session));
    return exitCode.stopped;
  }
  if (outcome === 'failed') return exitCode.failed;
  // half a gigabyte, and every node has it now
  rmSync(session.paths.images, { recursive: true, force: true });
  reporter.report(await accessEvent(session, regions));
  return exitCode.done;
}

async function sharedCa(session: Session, observed: Observed): Promise<SharedCa> {
  const ca = observed.ca ?? (await createCa(session.lab.name, new Date()));
  writeCa(session.paths, ca);
  return ca;
}

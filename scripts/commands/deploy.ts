import { rmSync } from 'node:fs';
import { exitCode } from '../events/errors.ts';
import type { Reporter } from '../events/events.ts';
import { copyApplied } from '../files/applied.ts';
import { createCa } from '../files/create-ca.ts';
import { createIpsecKey, writeIpsecKey } from '../files/ipsec-key.ts';
import { drawOwner, readOwner } from '../files/owner.ts';
import { type SharedCa, writeCa } from '../files/shared-ca.ts';
import type { Patience } from '../observe/cluster.ts';
import type { Observed } from '../observe/observed.ts';
import { planLines } from '../plan/plan.ts';
import { execute } from '../run/execute.ts';
import { clusterLock, labLock } from '../run/lock.ts';
import { steps } from '../steps/index.ts';
import { removeLog } from '../tools/log.ts';
import { signalGroup } from '../tools/process.ts';
import { accessEvent } from './access.ts';
import { checkIgnored } from './ignored.ts';
import type { Io } from './io.ts';
import { asTyped, type DeployOptions } from './options.ts';
import { adopting, takeOver, type LabLock } from './own.ts';
import { decide, prepare } from './prepare.ts';
import { selectRegions, type Session } from './session.ts';
import { settleSubnet } from './settle-subnet.ts';
import { stoppedEvent } from './what-exists.ts';
import { workOn } from './work-on.ts';

/** Observe, plan, run: `npm run deploy`. */
export async function deploy(options: DeployOptions, io: Io): Promise<number> {
  return workOn(
    {
      name: 'deploy',
      typed: asTyped(options),
      titles: new Map(steps.map(({ name, title }) => [name, title])),
      check: ({ lab }) => {
        selectRegions(lab, options);
        checkIgnored(options.ignore);
      },
      work: (session, reporter, lock) => deployLocked(session, options, io, reporter, lock),
    },
    options,
    io,
  );
}

async function deployLocked(
  opened: Session,
  options: DeployOptions,
  io: Io,
  reporter: Reporter,
  lock: LabLock,
): Promise<number> {
  const { name, stack, regions: all } = opened.lab;
  removeLog(opened.paths.log('observe'));
  reporter.report({ event: 'started', lab: name, regions: all.map((region) => region.name), stack: stack.name });
  const warn = (messages: readonly string[]): void => {
    for (const message of messages) reporter.report({ event: 'warning', message });
  };
  // in a copy of another folder they would be that folder's
  const stopped = readOwner(opened.paths) === undefined ? [] : await opened.children.stopLeftovers(signalGroup);
  warn(stopped.map((command) => `an earlier run was killed and had left this running, now stopped: ${command}`));
  const patience: Patience = {
    seconds: Math.min(60, options.timeout ?? 60),
    tell: (message) => {
      warn([message]);
    },
  };
  const first = options.adopt ? await adopting('deploy', opened, lock) : opened;
  const prepared = await prepare(first, options, patience, (session, seen) =>
    settleSubnet(session, seen, options, io, reporter),
  );
  const { observed, regions } = prepared;
  // what follows is written: nothing stands against it
  await lock.verify();
  warn(takeOver(prepared.session, observed.engine.id));
  const { lab, paths, around } = prepared.session;
  const owner = drawOwner(paths, observed.engine.id);
  await lock.add(labLock(owner));
  const session = { ...prepared.session, paths: copyApplied(lab, paths, around) };
  const { plan, desired } = decide({ ...prepared, session }, options);
  warn(prepared.warnings);
  reporter.report({ event: 'planned', steps: planLines(plan) });
  keepIpsecKey(session, observed);
  const outcome = await execute(plan, {
    ...session,
    ...{ regions, observed, desired, owner },
    ca: await sharedCa(session, observed),
    holdCluster: (cluster) => lock.hold(clusterLock(cluster)),
    concurrency: options.concurrency,
    timeoutSeconds: options.timeout,
    report: (event) => {
      reporter.report(event);
    },
  });
  if (io.signal.aborted) {
    reporter.report(await stoppedEvent(session, 'deploy', asTyped(options)));
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

function keepIpsecKey({ lab, paths }: Session, observed: Observed): void {
  if (lab.switches.encryption === 'ipsec') writeIpsecKey(paths, observed.ipsecKey ?? createIpsecKey());
}

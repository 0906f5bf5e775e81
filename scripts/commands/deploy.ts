import { rmSync } from 'node:fs';
import { exitCode } from '../events/errors.ts';
import type { Reporter } from '../events/events.ts';
import { copyApplied } from '../files/applied.ts';
import { createCa } from '../files/create-ca.ts';
import { createIpsecKey, writeIpsecKey } from '../files/ipsec-key.ts';
import { drawOwner } from '../files/owner.ts';
import { writeCa } from '../files/shared-ca.ts';
import { isAsleep, isComingUp, type Observed } from '../observe/observed.ts';
import { planLines } from '../plan/plan.ts';
import { execute } from '../run/execute.ts';
import { Journal } from '../run/journal.ts';
import { clusterLock, labLock } from '../run/lock.ts';
import { steps } from '../steps/index.ts';
import { start, wake } from '../steps/start.ts';
import { removeLog } from '../tools/log.ts';
import { accessEvent } from './access.ts';
import { checkIgnored } from './ignored.ts';
import type { Io } from './io.ts';
import { asTyped, type DeployOptions } from './options.ts';
import { adopting, takeOver, type LabLock } from './own.ts';
import { decide, prepare } from './prepare.ts';
import { look, type Looked } from './look.ts';
import { stopLeftovers } from './leftovers.ts';
import { onNodes } from './nodes.ts';
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
      titles: new Map([start, ...steps].map(({ name, title }) => [name, title])),
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
  await stopLeftovers(opened, reporter);
  const stopped = async (session: Session): Promise<number> => {
    reporter.report(await stoppedEvent(session, 'deploy', asTyped(options)));
    return exitCode.stopped;
  };
  const first = options.adopt ? await adopting('deploy', opened, lock) : opened;
  const looking = (): Promise<Looked> => look(first, selectRegions(first.lab, options));
  let looked = await looking();
  let journal: Journal | undefined;
  const { observed: found, regions: asked } = looked.facts;
  const waking = asked.filter(({ name }) => isAsleep(found.regions.get(name)) || isComingUp(found.regions.get(name)));
  // what is taken over stays as it is until nothing stands against it
  if (waking.length > 0 && first.adopts === undefined) {
    warn([`${waking.map(({ name }) => name).join(', ')} not up yet: waits for what was there, then looks again`]);
    const work = { session: first, observed: looked.facts.observed, options, reporter, lock };
    journal = new Journal((event) => {
      reporter.report(event);
    }, first.runner.signal);
    const outcome = await onNodes('deploy', { ...work, step: wake, journal });
    if (io.signal.aborted) return stopped(first);
    if (outcome === 'failed') return exitCode.failed;
    looked = await looking();
  }
  const prepared = await prepare(first, looked, options, (session, seen) =>
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
  await keepCa(session, observed);
  keepIpsecKey(session, observed);
  const outcome = await execute(plan, {
    ...session,
    ...{ regions, observed, desired, owner },
    holdCluster: (cluster) => lock.hold(clusterLock(cluster)),
    concurrency: options.concurrency,
    timeoutSeconds: options.timeout,
    ...(journal && { journal }),
    report: (event) => {
      reporter.report(event);
    },
  });
  if (io.signal.aborted) return stopped(session);
  if (outcome === 'failed') return exitCode.failed;
  // half a gigabyte, and every node has it now
  rmSync(session.paths.images, { recursive: true, force: true });
  reporter.report(await accessEvent(session, regions));
  return exitCode.done;
}

async function keepCa({ lab, paths }: Session, observed: Observed): Promise<void> {
  writeCa(paths, observed.ca ?? (await createCa(lab.name, new Date())));
}

function keepIpsecKey({ lab, paths }: Session, observed: Observed): void {
  if (lab.switches.encryption === 'ipsec') writeIpsecKey(paths, observed.ipsecKey ?? createIpsecKey());
}

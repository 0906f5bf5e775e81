import { rmSync } from 'node:fs';
import { exitCode } from '../events/errors.ts';
import type { Reporter } from '../events/events.ts';
import { hasWork } from '../events/reporters/lines.ts';
import { copyApplied } from '../files/applied.ts';
import { createCa } from '../files/create-ca.ts';
import { createIpsecKey, writeIpsecKey } from '../files/ipsec-key.ts';
import { drawOwner } from '../files/owner.ts';
import { writeCa } from '../files/shared-ca.ts';
import { isAsleep, isComingUp, type Observed } from '../observe/observed.ts';
import { planLines } from '../plan/plan.ts';
import { type Ending, execute } from '../run/execute.ts';
import { Journal } from '../run/journal.ts';
import { labLock } from '../run/lock.ts';
import { steps } from '../steps/index.ts';
import type { Bundle } from '../supply/bundle.ts';
import { start, wake } from '../steps/start.ts';
import { info } from '../tools/docker.ts';
import { removeLog } from '../tools/log.ts';
import { accessEvent } from './access.ts';
import { checkIgnored } from './ignored.ts';
import type { Io } from './io.ts';
import { asTyped, type DeployOptions } from './options.ts';
import { adopting, holdsOf, type LabLock, takeOver } from './own.ts';
import { decide, prepare } from './prepare.ts';
import { look, type Looked } from './look.ts';
import { settleFault, stopLeftovers } from './leftovers.ts';
import { onNodes } from './nodes.ts';
import { selectRegions, type Session } from './session.ts';
import { settleSubnet } from './settle-subnet.ts';
import { stoppedEvent } from './what-exists.ts';
import { checkBundle, takeBundle } from './take-bundle.ts';
import { workOn } from './work-on.ts';

/** Observe, plan, run: `npm run deploy`. */
export async function deploy(options: DeployOptions, io: Io): Promise<number> {
  return workOn(
    {
      name: 'deploy',
      typed: asTyped(options),
      titles: new Map([start, ...steps].map(({ name, title }) => [name, title])),
      check: (session) => {
        selectRegions(session.lab, options);
        checkIgnored(options.ignore);
        if (options.bundle !== undefined) checkBundle(session, options.bundle, io.cwd);
      },
      work: async (session, reporter, lock) => {
        try {
          return await deployLocked(session, options, io, reporter, lock);
        } finally {
          // a gigabyte
          rmSync(session.paths.bundle, { recursive: true, force: true });
        }
      },
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
  const { name, stack, regions } = opened.lab;
  removeLog(opened.paths.log('observe'));
  reporter.report({ event: 'started', lab: name, regions: regions.map((region) => region.name), stack: stack.name });
  await stopLeftovers(opened, reporter);
  const bundle = options.bundle === undefined ? undefined : await takeBundle(opened, options.bundle, io.cwd, reporter);
  const session = options.adopt ? await adopting('deploy', opened, lock) : opened;
  let journal: Journal | undefined;
  const means: Means = {
    ...{ options, io, reporter, lock, bundle, told: new Set<string>() },
    journal: () =>
      (journal ??= new Journal((event) => {
        reporter.report(event);
      }, session.runner.signal)),
  };
  const first = await deployOnce(session, means);
  const last = first.ending === 'again' ? await onceMore(first.session, means) : first;
  if (io.signal.aborted) {
    reporter.report(await stoppedEvent(last.session, 'deploy', asTyped(options)));
    return exitCode.stopped;
  }
  if (last.ending !== 'done') return exitCode.failed;
  if (options.region === undefined) settleFault(last.session);
  // half a gigabyte, and every node has it now
  rmSync(last.session.paths.images, { recursive: true, force: true });
  reporter.report(await accessEvent(last.session, selectRegions(last.session.lab, options), last.still));
  return exitCode.done;
}

/** By what a deploy is done, once or twice. */
interface Means {
  readonly options: DeployOptions;
  readonly bundle: Bundle | undefined;
  readonly io: Io;
  readonly reporter: Reporter;
  readonly lock: LabLock;
  /** Its time begins when it is first asked for: when the first step can start. */
  readonly journal: () => Journal;
  /** Warnings that were told. */
  readonly told: Set<string>;
}

/** How it ended, and with which session: a lab whose subnet was moved has another one. */
interface Once {
  readonly ending: Ending;
  readonly session: Session;
  /** What was observed, where nothing was done since. */
  readonly still?: Observed;
}

/** Observes, plans, and runs. @param isLast what fails is not tried again */
async function deployOnce(first: Session, means: Means, isLast = false): Promise<Once> {
  const { options, io, reporter, lock, journal, bundle, told } = means;
  const warn = (messages: readonly string[]): void => {
    for (const message of messages.filter((each) => !told.has(each))) {
      told.add(message);
      reporter.report({ event: 'warning', message });
    }
  };
  const looking = (): Promise<Looked> => look(first, selectRegions(first.lab, options));
  let looked = await looking();
  const { observed: found, regions: asked } = looked.facts;
  const waking = asked.filter(({ name }) => isAsleep(found.regions.get(name)) || isComingUp(found.regions.get(name)));
  // what is taken over stays as it is until nothing stands against it
  if (waking.length > 0 && first.adopts === undefined) {
    warn([`${waking.map(({ name }) => name).join(', ')} not up yet: waits for what was there, then looks again`]);
    const work = { session: first, observed: found, options, reporter, lock, journal: journal() };
    const ending = await onNodes('deploy', { ...work, step: wake, triesAgain: !isLast });
    if (ending !== 'done' || io.signal.aborted) return { ending, session: first };
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
  // the second time it is the copy already
  const session = { ...prepared.session, paths: paths.isApplied ? paths : copyApplied(lab, paths, around) };
  const { plan, desired } = decide({ ...prepared, session }, options);
  warn(prepared.warnings);
  const lines = planLines(plan);
  journal().goOn();
  reporter.report({ event: 'planned', steps: lines });
  await keepCa(session, observed);
  keepIpsecKey(session, observed);
  session.secrets.look();
  const ending = await execute(plan, {
    ...session,
    ...{ regions, observed, desired, owner, bundle, journal: journal() },
    ...holdsOf(lock),
    concurrency: options.concurrency,
    timeoutSeconds: options.timeout,
    // what was taken over is this folder's own by the next run
    triesAgain: !isLast && session.adopts === undefined,
    report: (event) => {
      reporter.report(event);
    },
  });
  return { ending, session, ...(!hasWork(lines) && { still: observed }) };
}

/** Deploys a second time what a second deploy mends: looks and plans anew, as soon as a Docker Engine that was restarted answers. */
async function onceMore(session: Session, means: Means): Promise<Once> {
  const { queries } = session;
  const until = Date.now() + ENGINE_SECONDS * 1000;
  const isUp = async (): Promise<boolean> => (await queries.attempt(info())).exitCode === 0;
  try {
    while (!(await isUp()) && Date.now() < until) await queries.pause(1);
    return await deployOnce(session, means, true);
  } catch (error) {
    if (means.io.signal.aborted) return { ending: 'failed', session };
    // there is no second plan, so what it was to mend has failed
    means.journal().lose();
    means.journal().finish('failed', 0, [], []);
    throw error;
  }
}

/** Seconds in which a restart of Docker is over. */
const ENGINE_SECONDS = 60;

async function keepCa({ lab, paths }: Session, observed: Observed): Promise<void> {
  writeCa(paths, observed.ca ?? (await createCa(lab.name, new Date())));
}

function keepIpsecKey({ lab, paths }: Session, observed: Observed): void {
  if (lab.switches.encryption === 'ipsec') writeIpsecKey(paths, observed.ipsecKey ?? createIpsecKey());
}

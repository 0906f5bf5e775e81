import { basename, dirname } from 'node:path';
import { OutputError, ownPlace } from '../../lab/own-place.ts';
import type { Lab } from '../../lab/lab.ts';
import { loadBalancerImage } from '../../lab/node-images.ts';
import { exitCode, UserError } from '../events/errors.ts';
import type { DriverEvent, Reporter } from '../events/events.ts';
import type { BundleEvent } from '../events/supply-event.ts';
import { checkWritable, makeFolders } from '../files/make-folders.ts';
import { readDesired } from '../files/desired.ts';
import { readOwner } from '../files/owner.ts';
import { observe } from '../observe/observe.ts';
import { planLines, type PlannedStep } from '../plan/plan.ts';
import { engineRefusals } from '../plan/refusals.ts';
import { execute } from '../run/execute.ts';
import { bundleStep } from '../steps/bundle.ts';
import { run } from '../steps/step.ts';
import type { BundleList } from '../supply/bundle.ts';
import { variableOf } from '../supply/programs.ts';
import { publishedPrograms } from '../supply/published.ts';
import type { Io } from './io.ts';
import { stopLeftovers } from './leftovers.ts';
import type { BundleOptions } from './options.ts';
import { holdsOf, type LabLock } from './own.ts';
import { refuse } from './refuse.ts';
import type { Session } from './session.ts';
import { checkDist } from './synth.ts';
import { stoppedEvent } from './what-exists.ts';
import { workOn } from './work-on.ts';

/** `npm run bundle -- FILE`: one file with all that the lab is made of. */
export async function bundle(options: BundleOptions, io: Io): Promise<number> {
  return workOn(
    {
      name: 'bundle',
      typed: [options.file],
      titles: new Map([['bundle', 'write the bundle']]),
      check: (session) => {
        placeOf(session, options);
        checkCached(session, 'bundle');
        checkBalancer(session.lab);
      },
      work: (session, reporter, lock) => write(session, options, io, reporter, lock),
    },
    options,
    io,
  );
}

/** @throws OutputError where that may not be written, or goes with something else of the lab */
function placeOf({ around, paths }: Session, { file }: BundleOptions): string {
  const by = 'npm run bundle -- FILE';
  const refuse = (why: string): OutputError =>
    new OutputError(`${file} ${why}. Choose another place with ${by}. Nothing was touched.`);
  if (/[/\\]$/.test(file)) throw refuse('names a folder');
  const place = ownPlace({ path: file, by }, 'bundle', around);
  const isIn = (folder: string): boolean => place.startsWith(`${folder}/`);
  if (isIn(paths.dist)) throw refuse('lies in the synthesized YAML, which synth replaces as a whole');
  if (isIn(dirname(paths.state))) throw refuse('lies in .lab/, which goes with the lab');
  try {
    checkWritable(place);
  } catch (error) {
    throw refuse(`cannot be written: ${(error as Error).message}`);
  }
  return place;
}

/** @throws UserError where images of the lab come another way than through caches */
export function checkCached({ lab, paths }: Pick<Session, 'lab' | 'paths'>, asked: string): void {
  if (lab.imagesBy === 'cache') return;
  throw UserError.refusing([
    {
      cause: `${asked}: what comes out of a bundle comes through caches, and sources.images.by is ${lab.imagesBy}`,
      remedy: `write sources: { images: { by: cache } } in ${paths.show(paths.labFile)}, then ${paths.command('synth')}`,
    },
  ]);
}

/** @throws UserError where nobody knows what kind puts before several control planes */
function checkBalancer({ regions, stack }: Lab): void {
  const { kind } = stack.versions;
  if (loadBalancerImage(kind) !== undefined || regions.every(({ controlPlanes }) => controlPlanes === 1)) return;
  throw UserError.refusing([
    {
      cause: `the image that kind ${kind} puts before several control planes is not known here`,
      remedy: 'leave versions.kind out of lab.yaml, or give each region one control plane',
    },
  ]);
}

async function write(
  session: Session,
  options: BundleOptions,
  io: Io,
  reporter: Reporter,
  lock: LabLock,
): Promise<number> {
  const { lab, programs } = session;
  const file = placeOf(session, options);
  await stopLeftovers(session, reporter);
  const [observed] = await Promise.all([observe(session), checkDist(session, session.runner.signal)]);
  refuse(engineRefusals(lab.regions, observed));
  await lock.verify();
  const files = await Promise.all(publishedPrograms.map((program) => programs.publishedFiles(program)));
  const given = publishedPrograms.filter((_, index) => files[index]?.length === 0);
  if (given.length > 0)
    reporter.report({
      event: 'warning',
      message: `not in it, since you give them yourself: ${given.map((each) => `${each} (${variableOf(each)})`).join(', ')}`,
    });
  const names = lab.regions.map(({ name }) => name);
  reporter.report({ event: 'started', lab: lab.name, regions: names, stack: lab.stack.name });
  makeFolders(dirname(file));
  let done: BundleEvent | undefined;
  const step = bundleStep({
    file,
    programs: files.flat(),
    written: (list, bytes) => {
      done = bundleEvent('written', file, list, bytes);
    },
  });
  const plan: PlannedStep[] = [{ id: step.name, step, region: undefined, after: [], ...run(`into ${basename(file)}`) }];
  reporter.report({ event: 'planned', steps: planLines(plan) });
  const outcome = await execute(plan, {
    ...session,
    ...{
      regions: lab.regions,
      observed,
      desired: readDesired(lab, session.paths),
      owner: readOwner(session.paths) ?? '',
    },
    ...holdsOf(lock),
    concurrency: 1,
    timeoutSeconds: options.timeout,
    report: (event: DriverEvent) => {
      reporter.report(event);
    },
  });
  if (io.signal.aborted) {
    reporter.report(await stoppedEvent(session, 'bundle', [options.file]));
    return exitCode.stopped;
  }
  if (outcome !== 'done' || done === undefined) return exitCode.failed;
  reporter.report(done);
  return exitCode.done;
}

export function bundleEvent(state: BundleEvent['state'], file: string, list: BundleList, bytes: number): BundleEvent {
  const { lab, made, platform, archives, images } = list;
  return { event: 'bundle', state, file, bytes, lab, made, platform, images: archives.length + images.length };
}

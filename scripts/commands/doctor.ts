import type { Region } from '../../lab/lab.ts';
import { examine, isFatal, refused } from '../doctor/checks.ts';
import type { Facts } from '../doctor/facts.ts';
import { gather } from '../doctor/gather.ts';
import { nodesOf } from '../doctor/need.ts';
import { exitCode, UserError } from '../events/errors.ts';
import type { Finding } from '../events/doctor-event.ts';
import { describeFailure } from '../events/failures.ts';
import { doctorLines } from '../events/reporters/doctor.ts';
import { counted } from '../events/reporters/text.ts';
import type { Refusal } from '../plan/refusal.ts';
import { isResting } from '../observe/observed.ts';
import { engineRefusals } from '../plan/refusals.ts';
import { findTaken, takenRefusal } from '../plan/subnet.ts';
import { CommandError } from '../tools/command-error.ts';
import { checkStateFolder } from '../files/state-folder.ts';
import { OutputError } from '../../lab/own-place.ts';
import { fileErrorText } from './file-error.ts';
import { checkIgnored } from './ignored.ts';
import type { Io } from './io.ts';
import { lookAround, lookAtThisHost } from './look.ts';
import type { DoctorOptions } from './options.ts';
import { columnsOf, printJson, styleOf } from './output.ts';
import { checkMachine } from './preflight.ts';
import { standing } from './prepare.ts';
import { openSession, type Session } from './session.ts';

/** `npm run doctor`: will the lab work on this machine, and if not, what to type. */
export async function doctor(options: DoctorOptions, io: Io): Promise<number> {
  checkIgnored(options.ignore);
  const session = openSession(options, io, false, () => undefined, false);
  const { lab } = session;
  const findings = await findingsOf(session, options, io);
  const ok = !findings.some(isFatal);
  if (options.output === 'json') printJson(io, { event: 'doctor', lab: lab.name, ok, findings });
  else {
    const style = styleOf(io, io.stdout);
    const nodes = counted(nodesOf(lab.regions), 'node');
    const head = `${style.bold(lab.name)}: ${counted(lab.regions.length, 'region')}, ${nodes}, stack ${lab.stack.name}`;
    io.stdout.write(`${[head, '', ...doctorLines(findings, style, columnsOf(io.stdout))].join('\n')}\n`);
  }
  return ok ? exitCode.done : exitCode.failed;
}

/** All that is found, about the machine, its programs, and what exists. */
export async function findingsOf(
  session: Session,
  options: Pick<DoctorOptions, 'lab' | 'ignore'>,
  io: Pick<Io, 'signal'>,
): Promise<Finding[]> {
  // before anything in it is read: what is not the lab's own may name programs to be executed
  const state = await judgeState(session, io);
  const looking = state.length > 0 ? factsWithoutEngine(session) : factsOf(session);
  const [programs, facts] = await Promise.all([judgePrograms(session), looking]);
  return [
    ...examine(session.lab, facts, options.ignore),
    ...programs.filter(({ seen }) => seen !== facts.unreachable?.cause),
    ...judgeLab(session, facts, options.lab),
    ...state,
  ];
}

/** All that can be known, with a Docker Engine or without. */
async function factsOf(session: Session): Promise<Facts> {
  try {
    return await lookAround(session, session.lab.regions);
  } catch (error) {
    return factsWithoutEngine(session, await whyUnreachable(error, session));
  }
}

/** What this machine tells by itself. @param unreachable why no engine answers; undefined where none was asked */
function factsWithoutEngine(session: Session, unreachable?: Refusal): Promise<Facts> {
  return gather(session.queries, session.lab, {
    ...{ regions: session.lab.regions, unreachable, host: lookAtThisHost(session), line: session.paths.command },
    ...{ observed: undefined, containers: undefined },
  });
}

/**
 * Why no engine answers; undefined where a program is missing that its clusters are asked by.
 * @throws what is no such reason, as where a program answers something odd
 */
async function whyUnreachable(error: unknown, { programs }: Session): Promise<Refusal | undefined> {
  if (error instanceof UserError && error.refusals.length > 0)
    return (await refusalsOf(programs.haveAll(['docker'])))[0];
  if (!(error instanceof CommandError) || error.outcome.ended === 'canceled') throw error;
  const { command } = error.outcome;
  if (command.program !== 'docker') throw error;
  const { cause, reason, lastLines, remedy } = describeFailure(error, undefined);
  return { cause: cause ?? [`docker failed: ${reason}`, ...lastLines].join('; '), remedy };
}

async function judgePrograms(session: Session): Promise<Finding[]> {
  const checking = checkMachine(session);
  const refusals = await refusalsOf(checking);
  if (refusals.length > 0) return refused('programs', refusals, '');
  const { others, missing } = await checking;
  const found = others.map((seen): Finding => ({ name: 'programs', level: 'warning', seen }));
  const there = "kind, helm, kubectl and cilium in the stack's versions";
  if (missing.length === 0 && found.length > 0) return found;
  return [
    ...found,
    ...refused('programs', [], missing.length > 0 ? `a deploy downloads ${missing.join(', ')}` : there),
  ];
}

/** What a check refuses. @throws what is no refusal */
async function refusalsOf(check: Promise<unknown>): Promise<readonly Refusal[]> {
  try {
    await check;
    return [];
  } catch (error) {
    if (error instanceof UserError && error.refusals.length > 0) return error.refusals;
    throw error;
  }
}

/** Whether `.lab/NAME` is the lab's own; nothing is said where it is. @throws what is no refusal of it */
async function judgeState(session: Session, { signal }: Pick<Io, 'signal'>): Promise<Finding[]> {
  try {
    await checkStateFolder({ ...session, signal });
    return [];
  } catch (error) {
    const isRefused = error instanceof OutputError || error instanceof UserError;
    const seen = isRefused ? error.message : fileErrorText(error);
    if (seen === undefined) throw error;
    return [{ name: 'state', level: 'fatal', seen }];
  }
}

/** What a deploy refuses by itself. */
function judgeLab(session: Session, { observed, regions }: Facts, labFile: string): Finding[] {
  if (observed === undefined) return [];
  const { lab, paths } = session;
  const store = engineRefusals(regions, observed);
  // what rests, or comes up just now, a deploy waits for, and judges then
  const resting = regions.filter(({ name }) => isResting(observed.regions.get(name)));
  const awake = regions.filter((region) => !resting.includes(region));
  const others = standing(session, observed, awake).filter(
    ({ cause }) => !store.some((refusal) => refusal.cause === cause),
  );
  const taken = findTaken(lab, observed);
  const subnet = taken === undefined ? [] : [takenRefusal(lab, taken, labFile, paths.command('deploy'))];
  const kind = observed.engine.containerdImageStore ? "containerd's" : 'the classic one';
  return [
    ...refused('image-store', store, kind),
    ...refused('subnet', subnet, `${lab.network.subnet}`),
    ...(resting.length === 0 ? [] : [restingFinding(resting, paths)]),
    ...(resting.length === 0 || others.length > 0
      ? refused('lab', others, 'nothing that exists stands against it')
      : []),
  ];
}

function restingFinding(resting: readonly Region[], { command }: Session['paths']): Finding {
  const seen = `${resting.map(({ name }) => name).join(', ')} not up`;
  const needed = 'a deploy starts what rests, and looks at it then';
  return { name: 'lab', level: 'warning', seen, needed, remedy: command('resume') };
}

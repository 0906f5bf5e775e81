import type { Marks, Span } from '../events/failover-event.ts';
import type { Undoing } from '../files/left-fault.ts';
import type { Work } from '../steps/step.ts';
import { CommandError } from '../tools/command-error.ts';
import type { Command } from '../tools/command.ts';
import type { Client, Rate } from './clients.ts';
import type { Fault, Where } from './faults.ts';
import type { Look, Watch } from './links.ts';
import { now } from './now.ts';
import { readRequests, type Recorded } from './requests.ts';
import { undoAll } from './undo.ts';

/** What one measurement needs of the driver. */
export interface Means extends Pick<Work, 'attempt' | 'farewell' | 'pause' | 'progress'> {
  run(command: Command): Promise<unknown>;
  /** Keeps on disk how the fault is undone, before it is brought about, for whoever comes after a run that was killed. */
  remember(undo: readonly Undoing[]): void;
  /** It is undone. */
  forget(): void;
  /** Begins to ask agents what they think of their links. */
  watch(): Watch;
}

/** Seconds of each part. */
export interface Schedule {
  /** Thrown away. */
  readonly warmUp: number;
  /** Without a fault: nothing may fail here. */
  readonly baseline: number;
  /** From the end of the commands that bring the fault about to their undoing. */
  readonly hold: number;
  /** From the end of the repair. */
  readonly after: number;
}

/** What one client recorded. */
interface Series extends Recorded {
  readonly client: string;
}

/** One run. */
export interface Measured {
  readonly marks: Marks;
  readonly series: readonly Series[];
  /** Before the first client was started, and when all were read: what they say was earlier or later was not. Milliseconds since 1970. */
  readonly began: number;
  readonly read: number;
  /** What agents said of their links. */
  readonly looks: readonly Look[];
}

/**
 * Brings a fault about under load, and undoes it, whatever happens.
 * @throws CommandError where a client cannot be started, or a command of the fault fails
 * @throws where the driver is stopped
 */
export async function measure(
  means: Means,
  clients: readonly Client[],
  fault: Fault,
  where: Where,
  rate: Rate,
  { warmUp, baseline, hold, after }: Schedule,
): Promise<Measured> {
  const undo = fault.undo(where);
  const began = now();
  const started = await Promise.allSettled(clients.map((client) => client.start(rate)));
  let isBroken = false;
  let watch: Watch | undefined;
  try {
    for (const each of started) if (each.status === 'rejected') throw each.reason;
    means.progress('warm-up');
    await means.pause(warmUp);
    const from = now();
    means.progress('without a fault');
    watch = means.watch();
    // a request that is under way when the fault begins may fail by it: for as long as one is given there is no baseline
    await means.pause(baseline + rate.timeout / 1000);
    means.progress(fault.title(where));
    means.remember(undo);
    isBroken = true;
    const broken = await spanOf(async () => {
      for (const command of fault.bring(where)) await means.run(command);
    });
    await means.pause(hold);
    means.progress('undoing it');
    const repair = await spanOf(async () => {
      const [failed] = await undoAll(undo, (command) => means.attempt(command));
      if (failed !== undefined) throw new CommandError(failed);
    });
    isBroken = false;
    means.forget();
    means.progress('after the repair');
    await means.pause(after);
    const marks = { from, fault: broken, repair, until: now() };
    const looks = await watch.end();
    means.progress('reading what the clients wrote');
    const texts = await Promise.all(clients.map((client) => client.stop()));
    return {
      marks,
      looks,
      ...{ began, read: now() },
      series: clients.map(({ name }, index) => ({ client: name, ...readRequests(texts[index] ?? '') })),
    };
  } catch (error) {
    // what cannot be undone stays on record, for the next run
    if (isBroken && (await undoAll(undo, (command) => means.farewell(command))).length === 0) means.forget();
    await Promise.allSettled([...clients.map((client) => client.end()), watch?.end()]);
    throw error;
  }
}

async function spanOf(work: () => Promise<void>): Promise<Span> {
  const begin = now();
  await work();
  return { begin, end: now() };
}

import { appendFileSync, closeSync, mkdirSync, openSync, readdirSync, readSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { DriverEvent } from '../events/events.ts';
import { readText } from '../../lab/text-file.ts';
import type { Paths } from './paths.ts';

/** What a step's programs said, and how they were called: the end of its part of the log. */
interface LogEvent {
  readonly event: 'log';
  readonly step: string;
  readonly region?: string;
  readonly text: string;
}

/** The first line of a record. */
interface CommandEvent {
  readonly event: 'command';
  /** As it is typed again: `npm run deploy`. */
  readonly command: string;
}

/** What happened, and when: milliseconds since 1970. */
export type RecordedEvent = { readonly time: number } & (DriverEvent | LogEvent | CommandEvent);

/** The step that is never skipped. */
const LOOK = 'verify';

/** Runs that are kept of each command. */
const KEPT = 5;

/** Bytes of a step's log that are kept: its end. */
const LOG_END = 6000;

/** Bytes of a record, and more. */
const LARGEST = 2 ** 26;

/** Told while it happens, and of no use afterwards. */
const passing: ReadonlySet<DriverEvent['event']> = new Set(['step-progress', 'download']);

export const isPassing = ({ event }: DriverEvent): boolean => passing.has(event);

/**
 * Keeps what a command says of itself in `.lab/NAME/runs/`, a JSON object a line, for a report that is made later. Never
 * throws: a run is worth more than its record.
 */
export class RunRecord {
  readonly #paths: Paths;
  readonly #file: string;
  readonly #command: string;
  readonly #now: () => number;
  readonly #redact: (text: string) => string;
  /** By log file: its bytes when the step began. */
  readonly #begun = new Map<string, number>();
  /** What is kept once something is done: a run that finds nothing to do is of no use. */
  #held: string[] | undefined = [];
  #isBroken = false;

  /**
   * @param typed the command with its options, to be typed again
   * @param redact hides what is secret in what programs wrote
   */
  constructor(
    paths: Paths,
    command: string,
    typed: readonly string[],
    now = Date.now,
    redact: (text: string) => string = (text) => text,
  ) {
    this.#redact = redact;
    this.#paths = paths;
    this.#now = now;
    this.#file = join(paths.runs, `${new Date(now()).toISOString().replaceAll(':', '-')}-${command}.jsonl`);
    this.#command = command;
    this.#write({ event: 'command', command: paths.command(command, ...typed) });
  }

  /** Keeps what will be of use. */
  add(event: DriverEvent): void {
    if (isPassing(event)) return;
    if (event.event === 'step-started') this.#begin(this.#paths.log(event.step, event.region));
    this.#write(event);
    if (event.event === 'step-failed' || (event.event === 'step-started' && event.step !== LOOK)) this.#keep();
    if (event.event === 'step-done' || event.event === 'step-failed' || event.event === 'step-again')
      this.#addLog(event);
  }

  #begin(log: string): void {
    this.#begun.set(log, sizeOf(log));
  }

  #addLog({ step, region }: Pick<LogEvent, 'step' | 'region'>): void {
    const log = this.#paths.log(step, region);
    const text = this.#redact(endOf(log, this.#begun.get(log) ?? 0));
    if (text !== '') this.#write({ event: 'log', step, ...(region !== undefined && { region }), text });
  }

  /** From here on it is written. */
  #keep(): void {
    const held = this.#held;
    if (held === undefined) return;
    this.#held = undefined;
    this.#try(() => {
      mkdirSync(this.#paths.runs, { recursive: true });
      for (const name of recordsOf(this.#paths, this.#command).slice(0, -(KEPT - 1)))
        rmSync(join(this.#paths.runs, name));
      appendFileSync(this.#file, held.join(''), { mode: 0o600 });
    });
  }

  #write(event: DriverEvent | LogEvent | CommandEvent): void {
    const line = `${JSON.stringify({ time: this.#now(), ...event })}\n`;
    if (this.#held !== undefined) this.#held.push(line);
    else
      this.#try(() => {
        appendFileSync(this.#file, line, { mode: 0o600 });
      });
  }

  #try(act: () => void): void {
    if (this.#isBroken) return;
    try {
      act();
    } catch {
      this.#isBroken = true;
    }
  }
}

/** The newest run of a command; undefined where none is kept. */
export function readNewestRun(paths: Pick<Paths, 'runs'>, command: string): readonly RecordedEvent[] | undefined {
  const newest = recordsOf(paths, command).at(-1);
  const { text } = newest === undefined ? {} : readText(join(paths.runs, newest), LARGEST);
  return text === undefined ? undefined : readRecord(text);
}

/** The events of a record. The last line of a run that was killed may be half a line: it is left out. Pure. */
export function readRecord(text: string): RecordedEvent[] {
  return text.split('\n').flatMap((line) => {
    try {
      const event = JSON.parse(line) as Partial<RecordedEvent> | null;
      return typeof event?.time === 'number' && typeof event.event === 'string' ? [event as RecordedEvent] : [];
    } catch {
      return [];
    }
  });
}

/** File names, the oldest first. */
function recordsOf({ runs }: Pick<Paths, 'runs'>, command: string): string[] {
  try {
    return readdirSync(runs)
      .filter((name) => name.endsWith(`Z-${command}.jsonl`))
      .toSorted();
  } catch {
    return [];
  }
}

/** Bytes of a file; none where there is none. */
function sizeOf(file: string): number {
  try {
    return statSync(file).size;
  } catch {
    return 0;
  }
}

/** The last whole lines of a file, from that byte on; nothing where it cannot be read. */
function endOf(file: string, from: number): string {
  let open: number | undefined;
  try {
    const { size } = statSync(file);
    const start = Math.max(from, size - LOG_END);
    const bytes = Buffer.alloc(Math.max(0, size - start));
    open = openSync(file, 'r');
    readSync(open, bytes, 0, bytes.length, start);
    const text = bytes.toString('utf8');
    return start === from ? text : text.slice(text.indexOf('\n') + 1);
  } catch {
    return '';
  } finally {
    if (open !== undefined) closeSync(open);
  }
}

import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { exitCode, UserError } from '../events/errors.ts';
import { readAnswer } from '../observe/queries.ts';
import { CommandError, type Outcome } from '../tools/command-error.ts';
import { type Command, toShell } from '../tools/command.ts';
import { createVolume, inspectVolumes, parseVolumes, removeVolumes } from '../tools/docker.ts';
import { readJson } from '../tools/json.ts';
import { type Machine, machineRecord } from '../tools/machine.ts';
import { processIdentity, stateOf } from '../tools/process-start.ts';

/** Who holds a lock: enough to name the process to a person, and to tell whether it is gone. Kept as JSON in a volume's label. */
const holderRecord = z.object({
  /** `deploy` */
  command: z.string(),
  folder: z.string(),
  user: z.string(),
  machine: machineRecord,
  pid: z.number(),
  /** Undefined where the system tells no process from the next one of its number: then nobody can say that it is gone. */
  process: processIdentity.extend({ pid: z.int() }).optional(), // in a container it may be the first process
  /** ISO 8601, for people: no decision looks at it. */
  since: z.string(),
});

export type Holder = Readonly<z.infer<typeof holderRecord>>;

/** A holder's place in the line, which nobody else ever gets. */
const ticketRecord = holderRecord.extend({ token: z.string() });

type Ticket = Readonly<z.infer<typeof ticketRecord>>;

export interface Lock {
  /** @throws UserError where somebody took it away, as `docker volume prune` does */
  verify(): Promise<void>;
  /** Removes what is one's own and nothing else; a Docker that does not answer any more is no failure. */
  release(): Promise<void>;
}

/** Runs a command, and tells how it ended. */
type Attempt = (command: Command) => Promise<Outcome>;

const label = 'clustermesh-lab.lock';

/** Something that one run at a time may work on. */
export interface Lockable {
  /** Name of the docker volume that stands for the run that does. */
  readonly volume: string;
  /** In a message: `this lab`. */
  readonly what: string;
}

/** @param key what the lab is known by: the name of a docker network, the id of its owner or of a folder */
export const labLock = (key: string): Lockable => ({ volume: `clustermesh-lab-lock-${key}`, what: 'this lab' });

/**
 * Names of kind clusters are the machine's, and a `kind create` that fails removes all nodes by that name: those of another lab too,
 * which has been quicker (kind pkg/cluster/internal/create/create.go).
 */
export const clusterLock = (name: string): Lockable => ({
  volume: `clustermesh-lab-cluster-lock-${name}`,
  what: `a kind cluster ${name}`,
});

/** Caches of registries are the user's, and of all labs. @param name of its container */
export const cacheLock = (name: string): Lockable => ({
  volume: `clustermesh-lab-lock-of-${name}`,
  what: `the cache ${name}`,
});

/**
 * Keeps two runs from working on one thing, on whatever machine they run: the lock is a volume of the Docker that both work on.
 * The engine makes a volume of a name once, so one of them is first. The lock of a process that is proved to be gone is never taken
 * away, which two could do at once: it is succeeded, by a volume that is named after it, and again one of them is first.
 * @param state tells whether a process of this machine is still there
 * @throws UserError naming the process that holds it, or an answer that is odd
 * @throws CommandError where Docker does not answer
 */
export async function takeLock(attempt: Attempt, thing: Lockable, me: Holder, state = stateOf): Promise<Lock> {
  const mine: Ticket = { ...me, token: randomUUID() };
  for (let tries = 0; tries < 10; tries++) {
    const line = await standInLine(attempt, thing, mine, state);
    if (line !== undefined) return lockOf(attempt, line);
  }
  throw new UserError(`other runs come and go on ${thing.what} (${thing.volume}): run this again`, exitCode.failed);
}

/** From the first volume to one's own: by name, whose it is. */
type Line = ReadonlyMap<string, string>;

/** @returns undefined where the line has changed meanwhile */
async function standInLine(
  attempt: Attempt,
  { volume: first, what }: Lockable,
  mine: Ticket,
  state: typeof stateOf,
): Promise<Line | undefined> {
  const here = mine.machine;
  const line = new Map<string, string>();
  for (let name = first; ;) {
    const ticket = await queue(attempt, name, mine);
    if (ticket === undefined) return undefined;
    if (ticket === 'unreadable') throw heldByNobody(what, name);
    line.set(name, ticket.token);
    if (ticket.token === mine.token) {
      // whoever was first may have ended, and with it the line: then another may be first by now
      if (name === first || (await stands(attempt, line))) return line;
      await ask(attempt, removeVolumes([name]));
      return undefined;
    }
    if (!isProvedGone(ticket, here, state)) throw heldBy(what, ticket, here, name);
    name = `${first}-after-${ticket.token}`;
  }
}

/** @returns whoever was first, by a volume that was there or by the one that is made; undefined where that one has ended since */
async function queue(attempt: Attempt, name: string, mine: Ticket): Promise<Ticket | 'unreadable' | undefined> {
  await ask(attempt, createVolume(name, { [label]: JSON.stringify(mine) }));
  return readTicket(attempt, name);
}

function lockOf(attempt: Attempt, line: Line): Lock {
  return {
    verify: async () => {
      if (await stands(attempt, line)) return;
      throw new UserError(
        'the lock of this run is gone from Docker (docker volume prune takes it too); nothing was changed: run this again',
        exitCode.failed,
      );
    },
    release: async () => {
      // the first goes first: from then on the line leads nowhere, and what follows cannot be taken for a lock
      const names = await own(attempt, line).catch(() => []);
      if (names.length > 0) await attempt(removeVolumes(names)).catch(() => undefined);
    },
  };
}

/** Are all of the line still as they were? */
async function stands(attempt: Attempt, line: Line): Promise<boolean> {
  return (await own(attempt, line)).length === line.size;
}

async function own(attempt: Attempt, line: Line): Promise<string[]> {
  const tickets = await readTickets(attempt, [...line.keys()]);
  return [...line].flatMap(([name, token]) => {
    const ticket = tickets.get(name);
    return typeof ticket === 'object' && ticket.token === token ? [name] : [];
  });
}

async function readTicket(attempt: Attempt, name: string): Promise<Ticket | 'unreadable' | undefined> {
  return (await readTickets(attempt, [name])).get(name);
}

async function readTickets(
  attempt: Attempt,
  names: readonly string[],
): Promise<ReadonlyMap<string, Ticket | 'unreadable'>> {
  const outcome = await attempt(inspectVolumes(names));
  if (outcome.exitCode !== 0 && !/no such volume/i.test(outcome.stderr)) throw new CommandError(outcome);
  const volumes = readAnswer(outcome.command, outcome.stdout, parseVolumes);
  return new Map(
    [...volumes].map(([name, labels]) => [name, readJson(ticketRecord, labels[label] ?? '') ?? 'unreadable']),
  );
}

async function ask(attempt: Attempt, command: Command): Promise<void> {
  const outcome = await attempt(command);
  if (outcome.exitCode !== 0) throw new CommandError(outcome);
}

/** Would its process be seen here if it were there? */
function isHere({ machine, process }: Holder, here: Machine): boolean {
  return (
    process !== undefined &&
    machine.host === here.host &&
    machine.id === here.id &&
    machine.processes === here.processes
  );
}

/** On this machine, and either of an earlier boot or no longer there. What cannot be proved counts as alive. */
export function isProvedGone(holder: Holder, here: Machine, state = stateOf): boolean {
  return holder.process !== undefined && isHere(holder, here) && state(holder.process) === 'gone';
}

function heldBy(what: string, holder: Holder, here: Machine, volume: string): UserError {
  const { command, folder, pid, user, machine, since } = holder;
  const cause = `another run works on ${what}: ${command} in ${folder}, process ${pid} of ${user} on ${machine.host}, since ${since}`;
  const remedy = isHere(holder, here)
    ? `wait for it, or stop it: kill ${pid}`
    : `wait for it; where it is gone for certain: ${toShell(removeVolumes([volume]))}`;
  return busy(cause, remedy);
}

const heldByNobody = (what: string, volume: string): UserError =>
  busy(
    `the docker volume ${volume} is the place of the lock on ${what}, and names no run that holds it`,
    `to remove it: ${toShell(removeVolumes([volume]))}`,
  );

const busy = (cause: string, remedy: string): UserError => UserError.refusing([{ cause, remedy }], exitCode.failed);

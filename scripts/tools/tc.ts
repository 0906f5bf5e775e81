import { z } from 'zod';
import type { Command } from './command.ts';
import { execIn, execReading } from './docker.ts';
import { readJson } from './json.ts';

/** The words of one command of `tc`, without its name. */
export type TcCommand = readonly string[];

/** A node's one interface on the docker network. */
export const INTERFACE = 'eth0';

/** Of the queueing discipline that the lab puts at the root of it: what has another handle is somebody else's. */
export const HANDLE = 'c1a0:';

/** What is on a node's interface. */
export const showQdiscs = (node: string): Command => execIn(node, 'tc', '-j', 'qdisc', 'show', 'dev', INTERFACE);

/** Takes off what is the lab's, with all that is below it. */
export const removeOurs: TcCommand = ['qdisc', 'del', 'dev', INTERFACE, 'root', 'handle', HANDLE];

/** One command. */
export const tc = (node: string, command: TcCommand): Command => execIn(node, 'tc', ...command);

/**
 * Commands one after the other, up to the first that fails, by one process: a node has dozens of them. No word has a blank in
 * it, and `tc` expands none.
 */
export const tcBatch = (node: string, commands: readonly TcCommand[]): Command =>
  execReading(node, commands.map((words) => `${words.join(' ')}\n`).join(''), 'tc', '-batch', '-');

/** Has it nothing of the lab's to be taken off? As where the node was started anew, or is gone. */
export const isNotThere = (stderr: string): boolean =>
  /Invalid handle|Cannot delete qdisc with handle of zero|No such container|is not running/.test(stderr);

const qdiscs = z.array(z.object({ kind: z.string(), handle: z.string(), root: z.boolean().optional() }));

/** Is the lab's own at its root? */
export const parseOurs = (json: string): boolean | undefined =>
  readJson(qdiscs, json)?.some(({ kind, handle, root }) => root === true && kind === 'htb' && handle === HANDLE);

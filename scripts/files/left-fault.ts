import { existsSync, rmSync } from 'node:fs';
import { z } from 'zod';
import { readText } from '../../lab/text-file.ts';
import type { Command } from '../tools/command.ts';
import { readJson } from '../tools/json.ts';
import type { Paths } from './paths.ts';
import { replaceFile } from './replace-file.ts';

/** A fault under way: how it is undone, by whoever comes after a run that was killed. */
const leftFault = z.object({
  title: z.string(),
  undo: z.array(
    z.object({
      region: z.string(),
      command: z.object({ program: z.enum(['docker', 'kubectl', 'helm']), args: z.array(z.string()) }),
    }),
  ),
});

export type LeftFault = z.infer<typeof leftFault>;

/** A command that undoes a part of a fault. */
export interface Undoing {
  /** Name of the region in which that part is: with its cluster it is gone. */
  readonly region: string;
  readonly command: Command;
}

/** Kept before the fault is brought about. @throws where one is on record already: how that is undone would be lost */
export function rememberFault({ fault }: Pick<Paths, 'fault'>, title: string, undo: readonly Undoing[]): void {
  if (existsSync(fault)) throw new Error(`another fault is on record, and is not undone: ${fault}`);
  const kept = undo.map(({ region, command: { program, args } }) => ({ region, command: { program, args } }));
  replaceFile(fault, `${JSON.stringify({ title, undo: kept })}\n`);
}

export function forgetFault({ fault }: Pick<Paths, 'fault'>): void {
  rmSync(fault, { force: true });
}

/** The fault of a run that was killed; undefined where there is none. */
export function readLeftFault({ fault }: Pick<Paths, 'fault'>): LeftFault | 'unreadable' | undefined {
  if (!existsSync(fault)) return undefined;
  return readJson(leftFault, readText(fault, LARGEST).text ?? '') ?? 'unreadable';
}

/** That there is one, for people; undefined where there is none. */
export function leftFaultText(paths: Pick<Paths, 'fault' | 'show'>): string | undefined {
  const left = readLeftFault(paths);
  if (left === undefined) return undefined;
  if (left === 'unreadable')
    return `a run of failover was cut off, and ${paths.show(paths.fault)} cannot be read; a deploy says more`;
  return `a run of failover was cut off, or is under way, while ${left.title}; a deploy undoes what is left`;
}

/** Bytes of it in a lab of 511 regions, and more. */
const LARGEST = 2 ** 24;

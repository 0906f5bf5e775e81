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
  undo: z.array(z.object({ program: z.enum(['docker', 'kubectl', 'helm']), args: z.array(z.string()) })),
});

export type LeftFault = z.infer<typeof leftFault>;

/** Kept before the fault is brought about. */
export function rememberFault({ fault }: Pick<Paths, 'fault'>, title: string, undo: readonly Command[]): void {
  replaceFile(fault, `${JSON.stringify({ title, undo: undo.map(({ program, args }) => ({ program, args })) })}\n`);
}

export function forgetFault({ fault }: Pick<Paths, 'fault'>): void {
  rmSync(fault, { force: true });
}

/** The fault of a run that was killed; undefined where there is none. */
export function readLeftFault({ fault }: Pick<Paths, 'fault'>): LeftFault | 'unreadable' | undefined {
  if (!existsSync(fault)) return undefined;
  return readJson(leftFault, readText(fault, LARGEST).text ?? '') ?? 'unreadable';
}

/** Bytes of it in a lab of 511 regions, and more. */
const LARGEST = 2 ** 24;

import { createInterface } from 'node:readline/promises';
import type { Io } from './program.ts';

/** Asks a person; no terminal, no person: the answer is no. */
export async function confirm(io: Io, question: string): Promise<boolean> {
  if (!io.interactive) return false;
  const prompt = createInterface({ input: process.stdin, output: io.stdout });
  try {
    const answer = await prompt.question(`${question} [y/N] `, { signal: io.signal });
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    prompt.close();
  }
}

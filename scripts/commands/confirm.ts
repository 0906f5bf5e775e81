import { createInterface } from 'node:readline/promises';
import type { Io } from './io.ts';

/** Asks a person, on stderr; no terminal, no person: the answer is no. Ctrl-C stops as it does elsewhere, Ctrl-D is a no. */
export async function confirm(io: Io, question: string): Promise<boolean> {
  if (!io.interactive) return false;
  const prompt = createInterface({ input: process.stdin, output: io.stderr });
  try {
    const answer = await new Promise<string>((resolve, reject) => {
      // a terminal that is being read gives no signal by itself
      prompt.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
      prompt.on('close', () => {
        resolve('');
      });
      prompt.question(`${question} [y/N] `, { signal: io.signal }).then(resolve, reject);
    });
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    prompt.close();
  }
}

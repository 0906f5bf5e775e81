import { recognise } from '../events/failures.ts';
import type { Outcome } from '../tools/command-error.ts';

/** An election takes a second or two, and on a busy machine a few. */
const tries = 5;
const pauseSeconds = 2;

/**
 * Runs what may be run twice, again where the region's etcd had no leader for a moment: that is no answer.
 * @param wait pauses that many seconds before the next try
 */
export async function untilEtcdAnswers(
  attempt: () => Promise<Outcome>,
  wait: (seconds: number) => Promise<void>,
): Promise<Outcome> {
  for (let count = 1; ; count++) {
    const outcome = await attempt();
    const isAnswer = outcome.ended !== 'exit' || outcome.exitCode === 0 || recognise(outcome.stderr)?.code !== 'etcd';
    if (isAnswer || count === tries) return outcome;
    await wait(pauseSeconds);
  }
}

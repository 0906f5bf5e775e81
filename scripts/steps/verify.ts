import { FindingsError } from '../events/errors.ts';
import { observe } from '../observe/observe.ts';
import { findings } from './findings.ts';
import { type LabStep, run, type Work } from './step.ts';
import { waitFor, WaitError } from './wait.ts';

/** Seconds that something may take to settle, such as an agent that restarts just now. */
const patienceSeconds = 60;

/**
 * The claim "done" rests on what is there now, not on the first look: at the end of every deploy. What
 * does not settle within a minute is a failure, each finding named. A deploy that found nothing to do has just seen it.
 */
export const verify: LabStep = {
  name: 'verify',
  title: 'see that all is as it should be',
  needsNodes: true,
  scope: 'lab',
  after: ['test', 'pool'],
  decide: () => run('at the end of every deploy'),
  async run(work) {
    let found: readonly string[] = [];
    let seen = work.isUntouched ? work.observed : undefined;
    const look = async (): Promise<string | undefined> => {
      found = findings(work, seen ?? (await observe(work)));
      seen = undefined;
      return found[0];
    };
    try {
      await waitFor(patient(work), 'everything to be as it should be', look);
    } catch (error) {
      if (!(error instanceof WaitError)) throw error;
      const are = found.length === 1 ? 'is not as it should be' : 'are not as they should be';
      throw new FindingsError(`${found.length} of the things looked at ${are}`, found);
    }
  },
};

function patient(work: Work): Work {
  return { ...work, timeoutSeconds: Math.min(patienceSeconds, work.timeoutSeconds) };
}

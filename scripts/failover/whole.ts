import { FindingsError } from '../events/errors.ts';
import { wayText } from '../events/reporters/verify.ts';
import type { VerifyEvent } from '../events/verify-event.ts';
import { UNHEARD } from '../probes/patience.ts';
import { verifyEvent, wrongIn } from '../probes/report.ts';
import { bringProbes, takeProbes, tryPaths } from '../probes/try-paths.ts';
import { meansOf } from '../steps/paths.ts';
import type { Work } from '../steps/step.ts';

/** Milliseconds until a path that is to be open is, in one trial, and seconds between two trials. */
const OPEN = 5000;
const PAUSE = 2;

/**
 * Tries every path between the regions until all are as they should be: programs that are up, and links that are said to be, are
 * not yet a mesh in which a region learns of another.
 * @returns how often all of them were tried
 * @throws FindingsError with those that are not, when the time is up
 */
export async function untilPathsAreOpen(work: Work): Promise<number> {
  const { lab, regions } = work;
  const means = meansOf(work);
  const patience = { up: work.timeoutSeconds, open: OPEN };
  const end = Date.now() + UNHEARD * 1000;
  await bringProbes(means, regions, patience);
  try {
    for (let trials = 1; ; trials++) {
      const start = performance.now();
      const event = verifyEvent(lab, regions, await tryPaths(means, regions, patience), start);
      if (event.ok) return trials;
      if (Date.now() > end) throw new FindingsError('not every path between the regions is open again', wrongIn(event));
      work.progress(waitText(event));
      await work.pause(PAUSE);
    }
  } finally {
    await takeProbes(means, regions);
  }
}

/** `waiting until all is back: region-hurup → region-athens: service name` */
function waitText({ failures, missing }: VerifyEvent): string {
  const [way] = failures.map(({ ways }) => wayText(ways));
  return `waiting until all is back: ${way ?? `no probe is ready on ${missing.join(', ')}`}`;
}

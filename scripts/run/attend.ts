import { FindingsError } from '../events/errors.ts';
import type { PodsSeen, Trouble } from '../observe/pods.ts';
import { Verdict } from './verdict.ts';

/** A region whose pods a step waits for. */
export interface Watched {
  readonly region: string;
  /** Looks at the lab's pods there; undefined where the region does not answer. @default - it waits for none */
  readonly look?: () => Promise<PodsSeen | undefined>;
  /** Its nodes that do not run, a line each; undefined where Docker does not answer. */
  readonly stopped: () => Promise<readonly string[] | undefined>;
  /** Images are being loaded onto its nodes. */
  readonly isLoading: () => boolean;
  /** The last words of a container that ended. */
  readonly lastWords: (trouble: Trouble) => Promise<readonly string[]>;
}

/** By which it is known how long something takes. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Ends before, where the signal is aborted. */
  pause(seconds: number, signal: AbortSignal): Promise<void>;
}

/** What is told of a step that takes long. */
export interface Notice {
  /** Since it began. */
  readonly seconds: number;
  /** By region that has any: what is not up, and why. */
  readonly notUp: readonly string[];
}

/** Seconds between two looks: the first comes when most steps are over. */
const EVERY = 20;

/** Seconds after which a step that is still at work is told of, and again after twice as many, and so on. */
const LONG = 120;

/** Lines of what is not up: the first are most often the reason of the others. */
const MOST = 5;

/**
 * Attends a step while it is at work: tells of it where it takes long, and gives up where a node does not run any more or a pod that it
 * waits for will not come up, however long it waits.
 * @param tell told of a step that takes long
 * @param giveUp told why nothing will come of it
 * @param signal aborted when it has ended
 */
export async function attend(
  watched: readonly Watched[],
  tell: (notice: Notice) => void,
  giveUp: (why: FindingsError) => void,
  signal: AbortSignal,
  clock: Clock,
): Promise<void> {
  const begin = clock.now();
  const verdicts = new Map(watched.map(({ region }) => [region, new Verdict(begin)]));
  let next = LONG;
  const isAtWork = async (): Promise<boolean> => {
    await clock.pause(EVERY, signal);
    return !signal.aborted;
  };
  while (await isAtWork()) {
    const looks = await Promise.all(
      watched.map(async (each) => {
        const [seen, stopped] = await Promise.all([each.look?.(), each.stopped()]);
        return { each, seen, stopped };
      }),
    );
    const now = clock.now();
    for (const { each, seen, stopped } of looks) {
      if (stopped !== undefined && stopped.length > 0) {
        giveUp(new FindingsError(`a node of ${each.region} does not run`, stopped));
        return;
      }
      if (seen === undefined) continue;
      const [first, ...others] = verdicts.get(each.region)?.seen(seen, { isLoading: each.isLoading() }, now) ?? [];
      if (first === undefined) continue;
      giveUp(await hopeless(each, first, others));
      return;
    }
    const seconds = (now - begin) / 1000;
    if (seconds < next) continue;
    next *= 2;
    const asked = looks.filter(({ each }) => each.look !== undefined);
    tell({ seconds, notUp: asked.flatMap(({ each, seen }) => notUpIn(each.region, seen)) });
  }
}

/** `region-athens: kube-system/cilium-x7k2p: ImagePullBackOff: …`, a line each, and the newest warnings. Pure. */
export function notUpIn(region: string, seen: PodsSeen | undefined): string[] {
  if (seen === undefined) return [`${region}: its API server does not answer`];
  const lines = [...troublesIn(region, seen), ...seen.coming.map((pod) => `${region}: ${pod}: not ready yet`)];
  const more = lines.length - MOST;
  return [
    ...lines.slice(0, MOST),
    ...(more > 0 ? [`${region}: and ${more} more`] : []),
    ...seen.warnings.map((line) => `${region}: warning: ${line}`),
  ];
}

/** As `notUpIn`, without those that are only not ready yet: they tell nothing of a step that fails beside them. Pure. */
export const troublesIn = (region: string, seen: PodsSeen | undefined): string[] =>
  (seen?.troubles ?? []).slice(0, MOST).map(({ pod, why }) => `${region}: ${pod}: ${why}`);

async function hopeless(
  { region, lastWords }: Watched,
  first: Trouble,
  others: readonly Trouble[],
): Promise<FindingsError> {
  const words = await lastWords(first);
  return new FindingsError(`a pod of ${region} does not come up`, [
    `${first.pod}: ${first.why}`,
    ...words.map((line) => `  ${line}`),
    ...others.map(({ pod, why }) => `${pod}: ${why}`),
  ]);
}

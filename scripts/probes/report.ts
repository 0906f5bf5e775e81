import type { Lab, Region } from '../../lab/lab.ts';
import type { FailedWay, PairLine, PathFailure, PathLine, VerifyEvent } from '../events/verify-event.ts';
import { wayText } from '../events/reporters/verify.ts';
import { pathNames } from './questions.ts';
import type { Trial } from './trials.ts';
import type { Tried } from './try-paths.ts';

/**
 * What a round of trials comes to.
 * @param start when it began, by `performance.now()`
 */
export function verifyEvent({ name }: Lab, regions: readonly Region[], tried: Tried, start: number): VerifyEvent {
  const pairs = pairLines(regions, tried);
  return {
    event: 'verify',
    lab: name,
    ok: pairs.every(({ ok }) => ok),
    seconds: Math.round((performance.now() - start) / 100) / 10,
    pairs,
    failures: failuresOf(regions, tried),
    missing: [...tried.missing.values()].flat(),
  };
}

/** What is not as it should be, each in a sentence. */
export function wrongIn({ missing, failures }: VerifyEvent): string[] {
  return [
    ...missing.map((node) => `no probe is ready on ${node}`),
    ...failures.map(({ ways, seen, cause, look }) => `${cause}: ${wayText(ways)}; seen: ${seen}; look: ${look}`),
  ];
}

/** Each pair of regions both ways, and each region with itself: what was tried, and how it went. Pure. */
function pairLines(regions: readonly Region[], { trials, missing }: Tried): PairLine[] {
  return regions.flatMap((from) =>
    regions.map((to) => {
      const tried = trials.filter((trial) => trial.from.region === from.name && trial.to === to.name);
      const paths = pathNames.flatMap((path) =>
        pathLines(
          path,
          tried.filter((trial) => trial.path === path),
        ),
      );
      const isLinked = from === to || from.links.includes(to.name);
      const isTried = [from, to].every(({ name }) => !missing.has(name));
      return {
        from: from.name,
        to: to.name,
        linked: isLinked,
        ok: isTried && paths.every(({ ok, asked }) => ok === asked),
        paths,
      };
    }),
  );
}

function pathLines(path: PathLine['path'], tried: readonly Trial[]): PathLine[] {
  if (tried.length === 0) return [];
  const times = tried.flatMap(({ milliseconds }) => milliseconds ?? []).toSorted((a, b) => a - b);
  const median = times[Math.floor(times.length / 2)];
  return [
    {
      path,
      expected: tried.some(({ isOpen }) => isOpen) ? 'answer' : 'none',
      asked: tried.length,
      ok: tried.filter(({ ok }) => ok).length,
      ...(median !== undefined && { milliseconds: median }),
    },
  ];
}

/** The failures by their causes, in the order of the regions and paths. */
function failuresOf(regions: readonly Region[], { failures }: Tried): PathFailure[] {
  const place = (name: string): number => regions.findIndex((region) => region.name === name);
  const ordered = failures.toSorted(
    (a, b) =>
      place(a.from.region) - place(b.from.region) ||
      place(a.to) - place(b.to) ||
      pathNames.indexOf(a.path) - pathNames.indexOf(b.path),
  );
  const causes = new Map(ordered.map((failure) => [failure.cause, failure.look]));
  return [...causes].map(([cause, look]) => {
    const same = ordered.filter((failure) => failure.cause === cause);
    const [first] = same;
    if (first === undefined) throw new Error('a cause of nothing');
    const { from, toProbe, seen } = first;
    const ends = { fromNode: from.node, ...(toProbe !== undefined && { toNode: toProbe.node }) };
    return { cause, look, ways: waysOf(same), count: same.length, expected: expectedOf(first), seen, ...ends };
  });
}

function waysOf(failures: readonly Trial[]): FailedWay[] {
  const keys = new Map(failures.map(({ from, to }) => [`${from.region} ${to}`, { from: from.region, to }]));
  return [...keys.values()].map(({ from, to }) => ({
    from,
    to,
    paths: [...new Set(failures.filter((each) => each.from.region === from && each.to === to).map(({ path }) => path))],
  }));
}

function expectedOf({ path, isOpen, host, port, to, toProbe }: Trial): string {
  const address = `${host}:${port}`;
  const whom = toProbe === undefined ? `a probe of ${to}` : toProbe.pod;
  if (!isOpen) {
    return path === 'policy'
      ? `no answer at ${address}, which a policy keeps for the pods of ${to}`
      : `no answer of ${whom} at ${address}, since lab.yaml does not connect the two`;
  }
  if (path === 'mtu') return `a full-size datagram back from ${whom} at ${address}`;
  if (path === 'balancer') return `a connection to ${address}, the ClusterMesh API server of ${to}`;
  return `an answer of ${whom} at ${address}`;
}

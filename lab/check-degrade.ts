import type { Impairment } from './degrade.ts';
import type { Path, Problem } from './problems.ts';
import type { LabInput } from './schema.ts';
import { unknownRegion } from './topology.ts';

/** Milliseconds: more is no network any more, and the kernel counts them in 32 bits. */
const LONGEST = 60_000;

/** Milliseconds: netem holds a jitter in 31 bits of nanoseconds, and takes a longer one for that, without a word. */
const MOST_JITTER = 2000;

/** Bits a second: more than any lab has, and `tc` counts what may be sent at once in 32 bits. */
const FASTEST = 100e9;

/** Profiles of `degrade` name pairs of regions, each once, and say what is between them. */
export function profilesFit({ regions, degrade }: LabInput): Problem[] {
  const names = regions.map(({ name }) => name);
  return Object.entries(degrade).flatMap(([profile, pairs]) =>
    pairs.flatMap((impairment, index) => {
      const where = `degrade.${profile}[${index}]`;
      const path = ['degrade', profile, index];
      return [
        ...pairProblems(pairs, index, { where, path, profile }, names),
        ...impairmentProblems(impairment, where).map((message) => ({ path, message })),
      ];
    }),
  );
}

interface Place {
  readonly where: string;
  readonly path: Path;
  readonly profile: string;
}

function pairProblems(
  pairs: readonly Impairment[],
  index: number,
  { where, path, profile }: Place,
  names: readonly string[],
): Problem[] {
  const [one = '', other = ''] = pairs[index]?.between ?? [];
  const strangers = [one, other].flatMap((name, end) =>
    names.includes(name)
      ? []
      : [{ path: [...path, 'between', end], message: unknownRegion(`${where}.between`, name, names) }],
  );
  if (strangers.length > 0) return strangers;
  const at = [...path, 'between'];
  if (one === other) return [{ path: at, message: `${where} is between ${one} and itself. Name two regions.` }];
  const first = pairs.findIndex(({ between }) => between.includes(one) && between.includes(other));
  if (first === index) return [];
  const message = `${where} is between ${one} and ${other}, as degrade.${profile}[${first}] is. Remove one of them.`;
  return [{ path: at, message }];
}

function impairmentProblems({ delay, jitter, loss, rate }: Impairment, where: string): string[] {
  if (jitter !== undefined && delay === undefined)
    return [`${where} has a jitter, and no delay that it could be of. Give delay too, or remove jitter.`];
  if (!isGiven(delay) && !isGiven(loss) && rate === undefined)
    return [`${where} does not say what is between them. Give at least one of delay, loss and rate.`];
  return [
    ...(delay !== undefined && delay > LONGEST
      ? [`${where} has a delay of ${delay / 1000} s. Give ${LONGEST / 1000} s at most.`]
      : []),
    ...(jitter !== undefined && delay !== undefined && jitter > delay
      ? [`${where} has a jitter of ${jitter} ms, and a delay of ${delay} ms. Give no more jitter than delay.`]
      : []),
    ...(jitter !== undefined && jitter > MOST_JITTER
      ? [`${where} has a jitter of ${jitter} ms. Give ${MOST_JITTER} ms at most: the kernel knows no longer one.`]
      : []),
    ...(rate !== undefined && rate > FASTEST
      ? [`${where} has a rate of ${rate / 1e9} Gbit/s. Give ${FASTEST / 1e9}gbit at most, or none for no limit.`]
      : []),
  ];
}

/** A network that is late by nothing, and loses nothing, is none. */
const isGiven = (value: number | undefined): boolean => value !== undefined && value > 0;

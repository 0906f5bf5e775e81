import { z } from 'zod';
import type { Region } from '../../lab/lab.ts';
import { PROBES } from '../../lab/probes.ts';
import { readJson } from '../tools/json.ts';
import { exec } from '../tools/kubectl.ts';
import type { Probe, RegionProbes } from './probe.ts';
import { type Question, questionsOf } from './questions.ts';
import { wordsOf } from './trials.ts';
import { isUp, type ProbeMeans, type ProbePatience, probesUp } from './try-paths.ts';

/** What became of what was asked while something was changed. */
export interface Load {
  readonly sent: number;
  /** Those of which nothing is known, since the probe itself was late: the machine was too busy. */
  readonly late: number;
  /** Those of which nothing is known, since a probe did not come to its end. */
  readonly unheard: number;
  /** Those without an answer in time, and those that were refused. */
  readonly lost: number;
  /** Milliseconds that the slowest answer took. */
  readonly slowest: number;
  /** The ways on which something was lost. */
  readonly ways: readonly LossyWay[];
  /** The ways of which nothing is known at all, each with what kept its probe: `pod a → b: kubectl exec: …` */
  readonly unknown: readonly string[];
}

interface LossyWay {
  /** `pod region-athens-worker → region-hurup-worker` */
  readonly way: string;
  readonly sent: number;
  readonly lost: number;
  /** What the first lost one came to. */
  readonly seen: string;
}

/**
 * Each way is asked twice a second. An answer has five seconds, as few as any client gives: TCP sends its first packet again after
 * one second and after three, so a pause of less than that makes requests slow, and loses none.
 */
const EVERY = 500;
const EACH = 5000;

/** A probe asks for ten seconds in one go, and begins anew before these are over. */
const ROUNDS = 20;
const NEXT = 8.5;

/** Seconds between two looks whether it is over. */
const LOOK = 0.25;

/**
 * Asks from every node along every open way, at fixed instants, while something is changed, and some seconds longer.
 * @throws what `change` throws
 */
export async function underLoad(
  means: ProbeMeans,
  regions: readonly Region[],
  patience: ProbePatience,
  change: () => Promise<void>,
): Promise<Load> {
  const all = await Promise.all(regions.map((region) => probesUp(means, region, patience)));
  const probes = all.flatMap((each) => each.probes.filter(isUp));
  let isOver = false;
  const asking = Promise.all(probes.map((probe) => keepAsking(means, probe, all, () => isOver)));
  // it is awaited below, also where the change fails
  asking.catch(() => undefined);
  try {
    await change();
  } finally {
    isOver = true;
    await asking.catch(() => undefined);
  }
  return loadOf((await asking).flat());
}

/** What a probe asks under load: pods of all regions that it may reach, and the global Service, whoever answers. */
export function loadQuestions(probe: Probe, all: readonly RegionProbes[]): Question[] {
  const open = questionsOf(probe, all).filter(({ isOpen }) => isOpen);
  const first = (path: Question['path']): Question[] => open.filter((question) => question.path === path).slice(0, 1);
  return [...open.filter(({ path }) => path === 'pod'), ...first('service'), ...first('name')];
}

/** A line of `probe/ask.mjs`. */
const counted = z.object({
  id: z.int(),
  sent: z.int(),
  late: z.int(),
  lost: z.int(),
  slowest: z.number(),
  failed: z.string().optional(),
});

/** Of one way in one slice; with `why` where no answer came. */
type Count = Omit<z.infer<typeof counted>, 'id'> & { readonly way: string; readonly why?: string };

async function keepAsking(
  means: ProbeMeans,
  probe: Probe,
  all: readonly RegionProbes[],
  isOver: () => boolean,
): Promise<Count[]> {
  const region = all.find((each) => each.region.name === probe.region)?.region;
  const questions = loadQuestions(probe, all);
  if (region === undefined || questions.length === 0) return [];
  const asked = questions.map(({ by, host, port, toProbe }, id) => ({
    ...{ id, by, host, port },
    ...(toProbe !== undefined && { pod: toProbe.pod }),
  }));
  const program = JSON.stringify({ patience: 0, each: EACH, rounds: ROUNDS, every: EVERY, questions: asked });
  const command = exec(means.paths.target(region), PROBES, probe.pod, ['node', '/probe/ask.mjs', program]);
  const slices: Promise<Count[]>[] = [];
  do {
    slices.push(means.attempt(command).then(({ stdout, stderr }) => countsOf(questions, stdout, stderr)));
    for (let waited = 0; waited < NEXT && !isOver(); waited += LOOK) await means.pause(LOOK);
  } while (!isOver());
  return (await Promise.all(slices)).flat();
}

/** A count for each question: a probe that is gone must not look like one that lost nothing. Pure. */
export function countsOf(questions: readonly Question[], stdout: string, stderr: string): Count[] {
  const answers = new Map(
    stdout
      .split('\n')
      .flatMap((line) => readJson(counted, line) ?? [])
      .map((read) => [read.id, read]),
  );
  const why = `kubectl exec: ${stderr.trim().split('\n').at(-1) ?? ''}`;
  const unheard = { sent: ROUNDS, late: 0, lost: 0, slowest: 0, why };
  return questions.map((question, id) => ({ ...(answers.get(id) ?? unheard), way: wayOf(question) }));
}

const wayOf = ({ path, from, toProbe }: Question): string =>
  toProbe === undefined ? `${path} from ${from.node}` : `${path} ${from.node} → ${toProbe.node}`;

/** Counts of many slices as one. Pure. */
export function loadOf(counts: readonly Count[]): Load {
  const ways = new Map<string, LossyWay & { readonly known: number; readonly why: string }>();
  for (const { way, sent, late, lost, failed, why } of counts) {
    const before = ways.get(way) ?? { way, sent: 0, lost: 0, seen: '', known: 0, why: '' };
    const known = before.known + (why === undefined ? sent - late : 0);
    const seen = before.seen !== '' || failed === undefined ? before.seen : wordsOf(failed);
    ways.set(way, { way, sent: before.sent + sent, lost: before.lost + lost, seen, known, why: why ?? before.why });
  }
  const sum = (of: 'sent' | 'late' | 'lost', some = counts): number =>
    some.reduce((total, count) => total + count[of], 0);
  const unheard = counts.filter(({ why }) => why !== undefined);
  return {
    sent: sum('sent'),
    late: sum('late'),
    unheard: sum('sent', unheard),
    lost: sum('lost'),
    slowest: Math.max(0, ...counts.map(({ slowest }) => slowest)),
    ways: [...ways.values()].flatMap(({ way, sent, lost, seen }) => (lost > 0 ? [{ way, sent, lost, seen }] : [])),
    unknown: [...ways.values()].flatMap(({ way, known, why }) =>
      known > 0 ? [] : [`${way}: ${why || 'it was late'}`],
    ),
  };
}

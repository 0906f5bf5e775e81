import { z } from 'zod';
import { readJson } from '../tools/json.ts';
import type { Question } from './questions.ts';

/** How a question went. */
export interface Trial extends Question {
  /** It could be asked at all. */
  readonly asked: boolean;
  /** It went as it was to go. */
  readonly ok: boolean;
  /** Milliseconds until the answer, connection and look-up included; undefined where none came. */
  readonly milliseconds: number | undefined;
  /** What was seen, in a few words: `no answer`, `answered by region-hurup`. */
  readonly seen: string;
}

/** A line of `probe/ask.mjs`. */
const answer = z.object({
  id: z.int(),
  ms: z.number().optional(),
  from: z.object({ region: z.string(), pod: z.string() }).partial().optional(),
  bytes: z.number().optional(),
  failed: z.string().optional(),
});

type Answer = z.infer<typeof answer>;

/**
 * Questions with the answers that a probe printed. One without an answer could not be asked.
 * @param why what kept the probe from asking, where it did not come to its end
 */
export function trialsOf(questions: readonly Question[], stdout: string, why = 'the probe could not ask'): Trial[] {
  const answers = new Map<number, Answer>();
  for (const line of stdout.split('\n')) {
    const read = readJson(answer, line);
    if (read !== undefined) answers.set(read.id, read);
  }
  return questions.map((question, id) => trialOf(question, answers.get(id), why));
}

/** What is seen of something that has no address. */
export const NO_ADDRESS = 'there is none';

/** How that goes which has no address to be asked at. */
export const failed = (question: Question): Trial => ({
  ...question,
  ...{ asked: true, ok: false, milliseconds: undefined, seen: NO_ADDRESS },
});

/** What says that a packet arrived, though nobody listens. */
const ARRIVED = /^(ECONNREFUSED|ECONNRESET)$/;

function trialOf(question: Question, said: Answer | undefined, why: string): Trial {
  if (said === undefined) return { ...question, asked: false, ok: false, milliseconds: undefined, seen: why };
  const { failed, ms, from, bytes } = said;
  if (failed !== undefined) {
    const isShut = !question.isOpen && !ARRIVED.test(failed);
    return { ...question, asked: true, ok: isShut, milliseconds: undefined, seen: wordsOf(failed) };
  }
  const { toProbe, to, by } = question;
  const isRight =
    by === 'udp' || by === 'connect' || (from?.region === to && (toProbe === undefined || from.pod === toProbe.pod));
  const seen =
    by === 'udp' ? `${bytes ?? 0} bytes came back` : by === 'connect' ? 'connected' : `answered by ${nameOf(from)}`;
  return { ...question, asked: true, ok: question.isOpen && isRight, milliseconds: ms, seen };
}

const nameOf = (from: Answer['from']): string =>
  from?.region === undefined ? 'something else' : `${from.pod ?? '?'} of ${from.region}`;

/** System errors in the words of people. */
const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refused: nobody listens there',
  ECONNRESET: 'the connection was reset',
  EHOSTUNREACH: 'no route there',
  ENETUNREACH: 'no route there',
  ENOTFOUND: 'no such name',
  ENODATA: 'the name has no address',
  ETIMEOUT: 'the name server does not answer',
  ESERVFAIL: 'the name server fails',
  EREFUSED: 'the name server refuses',
  EMSGSIZE: 'the datagram is larger than the way takes',
};

/** A system error, or what `probe/ask.mjs` says in its place. */
export const wordsOf = (code: string): string => words[code] ?? code;

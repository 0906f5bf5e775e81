import { stripVTControlCharacters } from 'node:util';
import { publicUrl } from '../../lab/public-url.ts';
import { FindingsError } from './errors.ts';
import { CommandError } from '../tools/command-error.ts';
import { toShell } from '../tools/command.ts';
import { type KnownFailure, knownFailures } from './known-failures.ts';

/** What a user needs to know of a failed step: what, why, and what to do. */
export interface Failure {
  /** `exit code 1`, or what was waited for in vain. */
  readonly reason: string;
  /** Ready to paste; undefined where no program failed. */
  readonly command?: string;
  /** The program's own last lines; what may be secret in a URL is left out. */
  readonly lastLines: readonly string[];
  /** Nodes that did not run and pods that were not up when it failed, and why: `region-athens: kube-system/cilium-x7k2p: ImagePullBackOff: …`. */
  readonly notUp?: readonly string[];
  /** Absolute path; undefined where none is kept. */
  readonly log?: string;
  /** Of the known failures. */
  readonly code?: string;
  readonly cause?: string;
  readonly remedy: string;
  /** The same deploy once more mends it, with nothing else done: it does so by itself, once. */
  readonly again?: true;
}

const shownLines = 8;

/** For a failure that the catalogue does not know. */
const unknownRemedy = 'put right what its last lines say, or run the same command again: what is done stays done';

/** @param notUp pods that were not up then, and why, a line each */
export function describeFailure(error: unknown, log: string | undefined, notUp: readonly string[] = []): Failure {
  const place = { ...(notUp.length > 0 && { notUp }), ...(log !== undefined && { log }) };
  const explanation = (output: string): Explanation =>
    explain(output) ?? explain(notUp.join('\n')) ?? { remedy: unknownRemedy };
  if (error instanceof FindingsError) {
    const { message, findings, remedy } = error;
    const { again, ...known } = explanation(findings.join('\n'));
    return {
      reason: message,
      lastLines: findings.slice(0, shownLines),
      ...(notUp.length > 0 && { notUp }),
      ...known,
      // where there is a remedy of its own, a person chooses
      ...(remedy === undefined ? again && { again } : { remedy }),
    };
  }
  if (!(error instanceof CommandError)) {
    const reason = error instanceof Error ? error.message : String(error);
    return { reason, lastLines: [], ...place, ...explanation(reason) };
  }
  return {
    reason: error.reason,
    command: toShell(error.outcome.command),
    lastLines: error.lastLines(shownLines).map(publicUrl),
    ...place,
    ...explanation(error.output),
  };
}

/** The known failure that a program's output speaks of. */
export function recognise(output: string): KnownFailure | undefined {
  const text = stripVTControlCharacters(output);
  return knownFailures.find(({ pattern }) => pattern.test(text));
}

type Explanation = Pick<Failure, 'code' | 'cause' | 'remedy' | 'again'>;

function explain(output: string): Explanation | undefined {
  const known = recognise(output);
  if (known === undefined) return undefined;
  const { code, cause, remedy, again } = known;
  return { code, cause, remedy, ...(again && { again }) };
}

import { CommanderError } from 'commander';
import { OutputError } from '../../lab/own-place.ts';
import { LabError, pathText } from '../../lab/problems.ts';
import { exitCode, UserError } from '../events/errors.ts';
import type { FailedEvent } from '../events/events.ts';
import { describeFailure } from '../events/failures.ts';
import { failureLines } from '../events/reporters/lines.ts';
import type { Style } from '../events/reporters/text.ts';
import { CommandError } from '../tools/command-error.ts';
import { fileErrorText } from './file-error.ts';

/** How a command that failed ends: for people, as an event, and its exit code. */
export interface Ending {
  readonly text: string;
  readonly event: FailedEvent;
}

/**
 * What is told of an error, whatever it is. Pure.
 * @param debug a bug of this program shows where it arose
 */
export function endingOf(error: unknown, style: Style, debug: boolean): Ending {
  const ending = (code: number, message: string): Ending => ({
    text: message,
    event: { event: 'failed', exitCode: code, message },
  });
  if (error instanceof UserError) {
    const { text, event } = ending(error.code, error.message);
    return { text, event: error.refusals.length === 0 ? event : { ...event, refusals: error.refusals } };
  }
  if (error instanceof LabError) {
    const { text, event } = ending(exitCode.usage, error.message);
    const problems = error.problems.map(({ path, ...where }) => ({ key: pathText(path), ...where }));
    return { text, event: { ...event, problems } };
  }
  if (error instanceof OutputError || error instanceof CommanderError) return ending(exitCode.usage, error.message);
  if (error instanceof CommandError) {
    const { program } = error.outcome.command;
    const failure = describeFailure(error, error.outcome.log);
    const told = ending(exitCode.failed, `${program} failed: ${failure.reason}`);
    const lines = failureLines({ step: program }, failure, style, (path) => path);
    return { text: lines.join('\n'), event: { ...told.event, failure } };
  }
  const file = fileErrorText(error);
  if (file !== undefined) return ending(exitCode.usage, file);
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  const more = debug ? (stack ?? '') : 'Please report it, with what the same command says where DEBUG=1 is set.';
  return ending(exitCode.failed, `a bug of clustermesh-lab: ${message}\n${more}`);
}

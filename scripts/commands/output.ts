import { appendFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { readText } from '../../lab/text-file.ts';
import { UserError } from '../events/errors.ts';
import type { DriverEvent, Reporter } from '../events/events.ts';
import { checkWritable, makeFolders } from '../files/make-folders.ts';
import { JsonReporter } from '../events/reporters/json.ts';
import { PlainReporter } from '../events/reporters/plain.ts';
import { makeStyle, type Style } from '../events/reporters/text.ts';
import type { Io } from './io.ts';

/**
 * Live on a terminal, plain lines elsewhere, those of GitHub Actions in its log, or JSON. Where GITHUB_STEP_SUMMARY names a
 * file, a summary at its end too.
 * @param show paths as the user would type them
 * @param titles what the steps do, by their names
 */
export async function makeReporter(
  output: 'text' | 'json',
  io: Io,
  show: (path: string) => string,
  titles: ReadonlyMap<string, string>,
): Promise<Reporter> {
  const reporter = await chooseReporter(output, io, show, titles);
  const file = io.env.GITHUB_STEP_SUMMARY ?? '';
  if (file === '') return reporter;
  const { StepSummaryReporter } = await import('../events/reporters/step-summary.ts');
  const append = (markdown: string): void => {
    appendFileSync(file, markdown);
  };
  return new StepSummaryReporter(reporter, show, append, (message) => {
    io.stderr.write(`${styleOf(io, io.stderr).warn('!')} ${message}\n`);
  });
}

async function chooseReporter(...[output, io, show, titles]: Parameters<typeof makeReporter>): Promise<Reporter> {
  const write = (text: string): void => {
    io.stdout.write(text);
  };
  if (output === 'json') return new JsonReporter(write);
  const style = styleOf(io, io.stdout);
  if (isOnActions(io)) {
    const { GithubReporter } = await import('../events/reporters/github.ts');
    return new GithubReporter(write, style, show, { titles });
  }
  const live = io.stdout.isTTY && io.env.TERM !== 'dumb' && io.env.CI === undefined;
  if (!live) return new PlainReporter(write, style, show, { titles });
  // what redraws a terminal is loaded where there is one
  const { LiveReporter } = await import('../events/reporters/live.ts');
  return new LiveReporter(io.stdout, style, show, titles);
}

/** @throws UserError where `--junit` names something that no JUnit is in, which is the user's, or a place that cannot be written */
export function checkJunit({ cwd }: Pick<Io, 'cwd'>, file: string | undefined): void {
  if (file === undefined) return;
  const { text, problem, isMissing } = { isMissing: false, ...readText(resolve(cwd, file), LARGEST) };
  const refuse = (why: string): UserError =>
    new UserError(`--junit ${file}: ${why}. Choose another place. Nothing was touched.`);
  if (!isMissing && text !== '' && text?.includes('<testsuites>') !== true)
    throw refuse(problem ?? 'there is a file that is no JUnit');
  try {
    checkWritable(resolve(cwd, file));
  } catch (error) {
    throw refuse((error as Error).message);
  }
}

/** Removes what a run before has written there, as `checkJunit` has found: nobody is to take it for what this one says. */
export function forgetJunit({ cwd }: Pick<Io, 'cwd'>, file: string | undefined): void {
  if (file !== undefined) rmSync(resolve(cwd, file), { force: true });
}

/** Bytes of a JUnit file, and more. */
const LARGEST = 2 ** 26;

/** Writes what `--junit` asks for, with its folders. @param file as it was typed */
export function writeJunit({ cwd }: Pick<Io, 'cwd'>, file: string, text: string): void {
  const path = resolve(cwd, file);
  makeFolders(dirname(path));
  writeFileSync(path, text);
}

/** In a run of GitHub Actions, whose log takes commands. */
export const isOnActions = ({ env }: Pick<Io, 'env'>): boolean => env.GITHUB_ACTIONS === 'true';

/** Colours where a terminal shows them and NO_COLOR does not forbid them. */
export function styleOf({ env }: Pick<Io, 'env'>, stream: { readonly isTTY?: boolean }): Style {
  return makeStyle(stream.isTTY === true && env.NO_COLOR === undefined && env.TERM !== 'dumb');
}

/** What is told beside the one answer of a command: as events among it, or as lines on stderr. */
export function tellBeside(output: 'text' | 'json', io: Io): (event: DriverEvent) => void {
  const reporter =
    output === 'json'
      ? new JsonReporter((text) => io.stdout.write(text))
      : new PlainReporter(
          (text) => io.stderr.write(text),
          styleOf(io, io.stderr),
          (path) => path,
        );
  return (event) => {
    reporter.report(event);
  };
}

/** Columns at which text is folded: without end where there is no terminal, and where one says no width. */
export const columnsOf = ({ columns }: { readonly columns?: number }): number =>
  columns === undefined || columns === 0 ? Infinity : columns;

/** One event on one line: for commands that give one answer. */
export function printJson(io: Io, event: DriverEvent): void {
  io.stdout.write(`${JSON.stringify(event)}\n`);
}

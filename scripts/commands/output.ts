import type { DriverEvent, Reporter } from '../events/events.ts';
import { JsonReporter } from '../events/reporters/json.ts';
import { PlainReporter } from '../events/reporters/plain.ts';
import { makeStyle, type Style } from '../events/reporters/text.ts';
import type { Io } from './io.ts';

/**
 * Live on a terminal, plain lines elsewhere, or JSON.
 * @param show paths as the user would type them
 * @param titles what the steps do, by their names
 */
export async function makeReporter(
  output: 'text' | 'json',
  io: Io,
  show: (path: string) => string,
  titles: ReadonlyMap<string, string>,
): Promise<Reporter> {
  const write = (text: string): void => {
    io.stdout.write(text);
  };
  if (output === 'json') return new JsonReporter(write);
  const style = styleOf(io, io.stdout);
  const live = io.stdout.isTTY && io.env.TERM !== 'dumb' && io.env.CI === undefined;
  if (!live) return new PlainReporter(write, style, show, { titles });
  // what redraws a terminal is loaded where there is one
  const { LiveReporter } = await import('../events/reporters/live.ts');
  return new LiveReporter(io.stdout, style, show, titles);
}

/** Colours where a terminal shows them and NO_COLOR does not forbid them. */
export function styleOf({ env }: Pick<Io, 'env'>, stream: { readonly isTTY?: boolean }): Style {
  return makeStyle(stream.isTTY === true && env.NO_COLOR === undefined && env.TERM !== 'dumb');
}

/** One event on one line: for commands that give one answer. */
export function printJson(io: Io, event: DriverEvent): void {
  io.stdout.write(`${JSON.stringify(event)}\n`);
}

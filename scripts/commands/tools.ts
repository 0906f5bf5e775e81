import type { DriverEvent } from '../events/events.ts';
import type { ToolLine } from '../events/supply-event.ts';
import { type Style, table } from '../events/reporters/text.ts';
import { exitCode } from '../events/errors.ts';
import type { Had } from '../supply/programs.ts';
import type { Io } from './io.ts';
import type { ToolsOptions } from './options.ts';
import { columnsOf, makeReporter, printJson, styleOf } from './output.ts';
import { downloadsOf } from '../../lab/published.ts';
import { allPrograms } from './preflight.ts';
import { openSession } from './session.ts';

/** A day: what another lab uses now is not removed under its hands. */
const unusedSeconds = 24 * 60 * 60;

/** `npm run tools`: the lab's programs, those that are missing downloaded. */
export async function showTools(options: ToolsOptions, io: Io): Promise<number> {
  const reporter = await makeReporter(options.output, io, (path) => path, new Map());
  try {
    const { lab, programs, paths, sources, supply } = openSession(options, io, false, (event) => {
      reporter.report(event);
    });
    const found = await programs.haveAll(allPrograms);
    const event: DriverEvent = { event: 'tools', tools: found.map(toolLineOf) };
    if (options.output === 'json') printJson(io, event);
    else {
      reporter.pause();
      const show = (path: string): string => paths.show(path);
      const rows = toolLines(event.tools, styleOf(io, io.stdout), show, columnsOf(io.stdout));
      io.stdout.write(`${rows.join('\n')}\n`);
    }
    if (options.prune === true) {
      // so that they count as used
      await Promise.all(downloadsOf(lab.sources).map((source) => sources.found(source)));
      reporter.report({
        event: 'pruned',
        folder: supply.store.root,
        bytes: supply.store.prune(unusedSeconds),
      });
    }
    return exitCode.done;
  } finally {
    reporter.close();
  }
}

export function toolLineOf({ tool, version, file, from, sha256 }: Had): ToolLine {
  const wanted = tool.version;
  return {
    program: tool.program,
    ...(wanted !== undefined && { wanted }),
    ...{ found: version, from, file },
    ...(sha256 !== undefined && { sha256 }),
  };
}

const froms: Readonly<Record<ToolLine['from'], string>> = {
  given: 'given',
  PATH: 'on the PATH',
  store: 'in the store',
  download: 'downloaded',
};

/**
 * One row a program. Pure.
 * @param show a path as the user would type it
 * @param columns of the terminal: files go unsaid where they do not fit; undefined where there is none
 */
export function toolLines(
  tools: readonly ToolLine[],
  style: Style,
  show: (path: string) => string,
  columns = Infinity,
): string[] {
  const rows = tools.map(({ program, wanted, found, from, file, sha256 }) => [
    program,
    wanted ?? 'any',
    found,
    froms[from],
    sha256?.slice(0, 12) ?? '-',
    show(file),
  ]);
  const whole = table([['program', 'wanted', 'found', 'from', 'sha256', 'file'], ...rows]);
  const fits = whole.every(({ length }) => length <= columns);
  const [head = '', ...body] = fits
    ? whole
    : table([['program', 'wanted', 'found', 'from', 'sha256'], ...rows.map((row) => row.slice(0, 5))]);
  return [style.bold(head), ...body];
}

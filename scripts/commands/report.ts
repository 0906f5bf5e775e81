import { existsSync } from 'node:fs';
import { cpus, loadavg, release, totalmem, type } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { OutputError, ownPlace } from '../../lab/own-place.ts';
import { exitCode, UserError } from '../events/errors.ts';
import { readFigures, readKept } from '../failover/keep.ts';
import { readLeftFault } from '../files/left-fault.ts';
import { makeFolders } from '../files/make-folders.ts';
import { replaceFile } from '../files/replace-file.ts';
import { readNewestRun } from '../files/run-record.ts';
import { checkStateFolder } from '../files/state-folder.ts';
import { readVerified } from '../files/verified.ts';
import { planLines } from '../plan/plan.ts';
import { page } from '../report/page.ts';
import type { Report, Seen } from '../report/report.ts';
import type { Io } from './io.ts';
import { look } from './look.ts';
import type { ReportOptions } from './options.ts';
import { printJson, tellBeside } from './output.ts';
import { decide, prepare } from './prepare.ts';
import { openSession, type Session } from './session.ts';
import { regionStatus } from './status.ts';

/**
 * `npm run report`: one page of the lab, for others: what runs have recorded, and what exists now.
 * @throws OutputError where the place is not report's to replace, or cannot be written
 */
export async function report(options: ReportOptions, io: Io): Promise<number> {
  const session = openSession(options, io, false, tellBeside(options.output, io), false);
  const { lab, paths, around } = session;
  await checkStateFolder({ ...session, signal: io.signal });
  if (!existsSync(paths.state))
    throw new UserError(`nothing is on record of ${lab.name}. Build it first: ${paths.command('deploy')}`);
  const named = options.out ?? join(paths.state, 'report.html');
  const place = ownPlace({ path: named, by: '--out' }, 'page', around);
  if (place.startsWith(`${paths.dist}/`))
    throw new OutputError(
      `${named} lies in the synthesized YAML. Choose another place with --out. Nothing was touched.`,
    );
  const seen = options.look ? await seenNow(session, io) : { unknown: '--no-look', regions: [], warnings: [] };
  const text = page({
    ...{ lab, made: Date.now(), seen },
    machine: { system: `${type()} ${release()}`, cores: cpus().length, memory: totalmem(), load: loadavg() },
    leftFault: leftFaultOf(paths),
    deploy: readNewestRun(paths, 'deploy'),
    verified: readVerified(paths),
    failovers: readFigures(paths),
    requestsOf: (series, run, client) => readKept(paths, series, run, client),
    command: paths.command,
  } satisfies Report);
  try {
    makeFolders(dirname(place));
    replaceFile(place, text);
  } catch (error) {
    throw new OutputError(`cannot write ${named}: ${(error as Error).message}. It is as it was.`, { cause: error });
  }
  if (options.output === 'json')
    printJson(io, { event: 'report', lab: lab.name, file: place, bytes: Buffer.byteLength(text) });
  else io.stdout.write(`wrote ${paths.show(place)}\n`);
  if (options.open === true) {
    const { default: open } = await import('open');
    await open(pathToFileURL(place).href);
  }
  return exitCode.done;
}

function leftFaultOf(paths: Session['paths']): string | undefined {
  const left = readLeftFault(paths);
  return left === 'unreadable' ? `${paths.show(paths.fault)} cannot be read` : left?.title;
}

/** A look at what exists; why there is none, where it cannot be had. */
async function seenNow(session: Session, io: Io): Promise<Seen> {
  const { lab } = session;
  try {
    const looked = await look(session, lab.regions);
    const { observed } = looked.facts;
    const regions = lab.regions.map((region) => regionStatus(region, lab, observed.regions.get(region.name)));
    try {
      const options = { ...asDeployed, lab: session.paths.labFile };
      const prepared = await prepare(session, looked, options, (first, found) => ({ session: first, observed: found }));
      return { regions, planned: planLines(decide(prepared, options).plan), warnings: prepared.warnings };
    } catch (error) {
      if (io.signal.aborted) throw error;
      return { regions, warnings: [(error as Error).message] };
    }
  } catch (error) {
    if (io.signal.aborted) throw error;
    return { unknown: (error as Error).message, regions: [], warnings: [] };
  }
}

/** A deploy without options. */
const asDeployed = {
  output: 'text',
  yes: false,
  adopt: false,
  skipTest: false,
  atOnce: false,
  concurrency: 1,
} as const;

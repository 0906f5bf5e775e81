import { doctorLines } from '../events/reporters/doctor.ts';
import type { DriverEvent, Reporter } from '../events/events.ts';
import { makeStyle } from '../events/reporters/text.ts';
import { gatherEvidence } from '../evidence/gather.ts';
import { findingsOf } from './doctor.ts';
import type { Io } from './io.ts';
import type { CommonOptions } from './options.ts';
import { allPrograms } from './preflight.ts';
import type { Session } from './session.ts';
import { toolLines, toolLineOf } from './tools.ts';

/** Seconds for the doctor: on a machine that is at its end it may not come to one. */
const DOCTOR_SECONDS = 45;

/** After a failed step: packs what tells of it, and says where. Nothing that goes wrong here is worth more than the failure that it is about. @returns was it stopped meanwhile? */
export async function tellEvidence(
  session: Session,
  options: Pick<CommonOptions, 'lab'>,
  io: Io,
  events: readonly DriverEvent[],
  reporter: Reporter,
): Promise<boolean> {
  try {
    const texts = machineTexts(session, options, io);
    reporter.report({ event: 'evidence', ...(await gatherEvidence({ ...session, events, texts }, new Date())) });
  } catch (error) {
    const { message } = error as Error;
    if (!io.signal.aborted) reporter.report({ event: 'warning', message: `no evidence could be gathered: ${message}` });
  }
  return io.signal.aborted;
}

/** Which programs were at work, and what the doctor finds, by file. */
async function machineTexts(
  session: Session,
  options: Pick<CommonOptions, 'lab'>,
  io: Io,
): Promise<ReadonlyMap<string, string>> {
  const late = AbortSignal.timeout(DOCTOR_SECONDS * 1000);
  // it looks, and brings nothing
  const asked = {
    ...session,
    touches: false,
    queries: session.queries.until(late),
    runner: session.runner.until(late),
  };
  const plain = makeStyle(false);
  const lines = async (what: () => Promise<readonly string[]>): Promise<string> =>
    `${(await what().catch((error: unknown) => [`cannot be told: ${(error as Error).message}`])).join('\n')}\n`;
  const [versions, findings] = await Promise.all([
    lines(async () => {
      const tools = (await session.programs.lookFor(allPrograms)).had.map(toolLineOf);
      return [
        `Node.js ${process.version}, ${process.platform} ${process.arch}`,
        '',
        ...toolLines(tools, plain, (path) => path, Infinity),
      ];
    }),
    lines(async () => doctorLines(await findingsOf(asked, options, io), plain, Infinity)),
  ]);
  return new Map([
    ['versions.txt', versions],
    ['doctor.txt', findings],
  ]);
}

import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import pLimit from 'p-limit';
import type { Lab, Region } from '../../lab/lab.ts';
import { readText } from '../../lab/text-file.ts';
import type { DriverEvent } from '../events/events.ts';
import { redact, redactJson } from '../events/redact.ts';
import type { Paths } from '../files/paths.ts';
import type { Secrets } from '../files/secrets.ts';
import { lookAtPods } from '../observe/lab-pods.ts';
import type { PodsSeen } from '../observe/pods.ts';
import type { Queries } from '../observe/queries.ts';
import { sysdump, sysdumpZip } from '../tools/cilium.ts';
import { type Command, toShell } from '../tools/command.ts';
import type { Outcome } from '../tools/command-error.ts';
import type { Runner } from '../tools/runner.ts';
import { type Exhibit, ofDocker, ofRegion } from './exhibits.ts';
import { readSysdump } from './sysdump.ts';

/** What was gathered. */
interface Bundle {
  /** Absolute path. */
  readonly file: string;
  readonly bytes: number;
}

/** What is gathered from. */
export interface Scene {
  readonly lab: Lab;
  readonly paths: Paths;
  readonly secrets: Secrets;
  readonly runner: Runner;
  readonly queries: Queries;
  /** What the run has told, in its order. */
  readonly events: readonly DriverEvent[];
  /** More to be kept, by file: what is found out meanwhile. */
  readonly texts: Promise<ReadonlyMap<string, string>>;
}

/** Seconds for all of it: what has not answered then is not there. */
const PATIENCE = 60;

/** Seconds for one command: a region that is broken answers slowly, or not at all. */
const SECONDS = 15;

/** Commands at once: the machine may be what is at its end. */
const AT_ONCE = 4;

/** Bundles that are kept. */
const KEPT = 5;

/** Seconds for Cilium's own sysdump, which asks for a hundred things. */
const SYSDUMP_SECONDS = 40;

/** Regions of which one is made: those where a step failed. */
const MOST_SYSDUMPS = 2;

/** Pods of a region whose logs are kept: the first are most often the reason of the others. */
const MOST_PODS = 6;

/** Bytes of a log that are kept: its end. */
const LOG_END = 2 ** 20;

/**
 * Packs what tells of a failure into `.lab/NAME/evidence/TIME.tar.gz`, which nobody else may read: what the run said, the logs of its
 * steps, `lab.yaml`, docker's word on network and nodes, and of each region its objects, its events, and the pods that are not
 * ready with what they wrote; Cilium's own sysdump of a region where a step failed. What is named as secret in it is hidden. What does not
 * answer is told as that.
 * @throws where it is stopped, or where the file cannot be written
 */
export async function gatherEvidence(scene: Scene, now: Date): Promise<Bundle> {
  const { lab, paths } = scene;
  const { signal } = scene.runner;
  const late = AbortSignal.timeout(PATIENCE * 1000);
  const runner = scene.runner.until(AbortSignal.any([signal, late]));
  const queries = scene.queries.until(late);
  const name = now.toISOString().replaceAll(':', '-');
  const folder = join(paths.evidence, name);
  sweepEvidence(paths);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  scene.secrets.look();
  const { known } = scene.secrets;
  const keep = (file: string, text: string, hide = redact): void => {
    const place = join(folder, file);
    // one that cannot be written is missing
    try {
      mkdirSync(dirname(place), { recursive: true, mode: 0o700 });
      writeFileSync(place, hide(text, known), { mode: 0o600 });
    } catch {
      rmSync(place, { force: true });
    }
  };
  const limit = pLimit(AT_ONCE);
  const answerOf = (command: Command, timeoutSeconds: number): Promise<Outcome> =>
    limit(() => runner.attempt(command, { log: undefined, timeoutSeconds }));
  const show = async ({ file, command }: Exhibit): Promise<void> => {
    keep(file, exhibitText(await answerOf(command, SECONDS)));
  };
  const dump = async (region: Region): Promise<void> => {
    // what it collects lies there for a while, keys and all
    const place = join(folder, `sysdump-${region.name}`);
    mkdirSync(place, { mode: 0o700 });
    try {
      const outcome = await answerOf(sysdump(paths.target(region), place), SYSDUMP_SECONDS);
      keep(`${region.name}/sysdump.txt`, exhibitText(outcome));
      for (const [file, text] of textsOf(place)) keep(join(region.name, 'sysdump', file), text);
    } finally {
      rmSync(place, { recursive: true, force: true });
    }
  };
  const failed = new Set(scene.events.flatMap((event) => (event.event === 'step-failed' ? [event.region] : [])));
  const regions = lab.regions
    .filter(({ name: region }) => existsSync(paths.kubeconfig(region)))
    .toSorted((one, other) => Number(failed.has(other.name)) - Number(failed.has(one.name)));
  try {
    const redactLines = (text: string): string =>
      text.replaceAll(/^.+$/gm, (line) => JSON.stringify(redactJson(JSON.parse(line), known)));
    keep('events.jsonl', scene.events.map((event) => `${JSON.stringify(event)}\n`).join(''), redactLines);
    keep('lab.yaml', readText(paths.labFile, LOG_END).text ?? '');
    for (const [file, text] of logsOf(paths)) keep(join('logs', file), text);
    // all of them end before the folder goes
    await Promise.allSettled([
      scene.texts.then((texts) => {
        for (const [file, text] of texts) keep(file, text);
      }),
      ...regions
        .filter(({ name: region }) => failed.has(region))
        .slice(0, MOST_SYSDUMPS)
        .map(dump),
      ...ofDocker(
        lab.network.name,
        lab.regions.flatMap(({ nodes }) => nodes),
      ).map(show),
      ...regions.map(async (region) => {
        const target = paths.target(region);
        const seen = await lookAtPods(queries, target);
        await Promise.all(ofRegion(region, target, notReady(seen).slice(0, MOST_PODS)).map(show));
      }),
    ]);
    signal.throwIfAborted();
    return await packed(paths, folder, name);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Removes what a gathering that was killed has left: nothing of it was hidden yet. */
export function sweepEvidence({ evidence }: Pick<Paths, 'evidence'>): void {
  if (!existsSync(evidence)) return;
  for (const left of readdirSync(evidence).filter((name) => !name.endsWith('.tar.gz')))
    rmSync(join(evidence, left), { recursive: true, force: true });
}

/** The texts of a sysdump; none where there is no whole one. */
function textsOf(place: string): (readonly [file: string, text: string])[] {
  try {
    return readSysdump(readFileSync(sysdumpZip(place)));
  } catch {
    return [];
  }
}

const notReady = (seen: PodsSeen | undefined): string[] =>
  seen === undefined ? [] : [...seen.troubles.map(({ pod }) => pod), ...seen.coming];

/** The command, what it said, and how it ended. */
function exhibitText({ command, stdout, stderr, ended, exitCode }: Outcome): string {
  const end = ended === 'exit' ? (exitCode === 0 ? '' : `# exit ${exitCode ?? 'by a signal'}\n`) : `# ${ended}\n`;
  return `$ ${toShell(command)}\n${stdout}${stderr}${end}`;
}

function logsOf(paths: Paths): (readonly [string, string])[] {
  const folder = dirname(paths.log('observe'));
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((name) => {
    try {
      const bytes = readFileSync(join(folder, name));
      return [[name, bytes.subarray(Math.max(0, bytes.length - LOG_END)).toString('utf8')] as const];
    } catch {
      return [];
    }
  });
}

/** As one file; the oldest go. */
async function packed(paths: Paths, folder: string, name: string): Promise<Bundle> {
  const { create } = await import('tar');
  const file = join(paths.evidence, `${name}.tar.gz`);
  const half = join(paths.evidence, `${name}.part`);
  writeFileSync(half, '', { mode: 0o600 });
  try {
    await create({ gzip: true, file: half, cwd: dirname(folder), portable: true }, [name]);
    renameSync(half, file);
  } finally {
    rmSync(half, { force: true });
  }
  const all = readdirSync(paths.evidence).filter((each) => each.endsWith('.tar.gz'));
  for (const old of all.toSorted().slice(0, -KEPT)) rmSync(join(paths.evidence, old));
  return { file, bytes: statSync(file).size };
}

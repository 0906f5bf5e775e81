import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import pLimit from 'p-limit';
import type { Lab, Region } from '../../lab/lab.ts';
import type { DriverEvent } from '../events/events.ts';
import type { Paths } from '../files/paths.ts';
import { lookAtPods } from '../observe/lab-pods.ts';
import type { PodsSeen } from '../observe/pods.ts';
import type { Queries } from '../observe/queries.ts';
import { sysdump } from '../tools/cilium.ts';
import { toShell } from '../tools/command.ts';
import type { Outcome } from '../tools/command-error.ts';
import type { Runner } from '../tools/runner.ts';
import { type Exhibit, ofDocker, ofRegion } from './exhibits.ts';
import { redact } from './redact.ts';
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
 * ready with what they wrote; Cilium's own sysdump of a region where a step failed. Nothing secret is in it. What does not answer is told
 * as that.
 */
export async function gatherEvidence(scene: Scene, now: Date): Promise<Bundle> {
  const { lab, paths } = scene;
  const late = AbortSignal.timeout(PATIENCE * 1000);
  const runner = scene.runner.until(AbortSignal.any([scene.runner.signal, late]));
  const queries = scene.queries.until(late);
  const name = now.toISOString().replaceAll(':', '-');
  const folder = join(paths.evidence, name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const secrets = [paths.ca('key'), paths.ipsecKey].flatMap((file) =>
    existsSync(file) ? [readFileSync(file, 'utf8')] : [],
  );
  const keep = (file: string, text: string): void => {
    const place = join(folder, file);
    mkdirSync(dirname(place), { recursive: true });
    writeFileSync(place, redact(text, secrets));
  };
  try {
    keep('events.jsonl', scene.events.map((event) => `${JSON.stringify(event)}\n`).join(''));
    keep('lab.yaml', readFileSync(paths.labFile, 'utf8'));
    for (const [file, text] of logsOf(paths)) keep(join('logs', file), text);
    const limit = pLimit(AT_ONCE);
    const show = async ({ file, command }: Exhibit): Promise<void> => {
      const outcome = await limit(() => runner.attempt(command, { log: undefined, timeoutSeconds: SECONDS }));
      keep(file, exhibitText(outcome));
    };
    const dump = async (region: Region): Promise<void> => {
      const file = join(folder, `sysdump-${region.name}`);
      const command = sysdump(paths.target(region), file);
      const outcome = await limit(() => runner.attempt(command, { log: undefined, timeoutSeconds: SYSDUMP_SECONDS }));
      keep(`${region.name}/sysdump.txt`, exhibitText(outcome));
      for (const [name, text] of takeSysdump(`${file}.zip`)) keep(join(region.name, 'sysdump', name), text);
    };
    const failed = new Set(scene.events.flatMap((event) => (event.event === 'step-failed' ? [event.region] : [])));
    const regions = lab.regions
      .filter(({ name: region }) => existsSync(paths.kubeconfig(region)))
      .toSorted((one, other) => Number(failed.has(other.name)) - Number(failed.has(one.name)));
    await Promise.all([
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
    return await packed(paths, folder, name);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The texts of a sysdump, which goes: it holds keys. None where there is no whole one. */
function takeSysdump(zip: string): (readonly [file: string, text: string])[] {
  try {
    return readSysdump(readFileSync(zip));
  } catch {
    return [];
  } finally {
    rmSync(zip, { force: true });
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
  return readdirSync(folder).map((name) => {
    const bytes = readFileSync(join(folder, name));
    return [name, bytes.subarray(Math.max(0, bytes.length - LOG_END)).toString('utf8')] as const;
  });
}

/** As one file; the oldest go. */
async function packed(paths: Paths, folder: string, name: string): Promise<Bundle> {
  const { create } = await import('tar');
  const file = join(paths.evidence, `${name}.tar.gz`);
  await create({ gzip: true, file, cwd: dirname(folder), portable: true }, [name]);
  chmodSync(file, 0o600);
  const all = readdirSync(paths.evidence).filter((each) => each.endsWith('.tar.gz'));
  for (const old of all.toSorted().slice(0, -KEPT)) rmSync(join(paths.evidence, old));
  return { file, bytes: statSync(file).size };
}

import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { onTestFinished } from 'vitest';
import type { DriverEvent } from '../../scripts/events/events.ts';
import { identityOf } from '../../scripts/tools/process-start.ts';
import { downloadSite } from '../stand-ins/download-site.ts';
import { type Bench, type BenchOptions, type Call, createBench } from '../stand-ins/lab-bench.ts';

const project = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** The article's lab, one worker a region: quicker, and nothing else differs. */
export const twoRegions = `name: test-lab
regions:
  - { name: region-athens, workers: 1 }
  - { name: region-hurup, workers: 1 }
`;

type CommandName =
  | 'deploy'
  | 'pause'
  | 'resume'
  | 'plan'
  | 'status'
  | 'doctor'
  | 'destroy'
  | 'scenario'
  | 'tools'
  | 'verify'
  | 'failover'
  | 'degrade'
  | 'report'
  | 'bundle'
  | 'cache';

export interface Answer {
  readonly exit: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** A lab on a machine of stand-ins, and the real commands run on it as processes. */
export interface Site {
  readonly bench: Bench;
  /** Path of a file in the lab's folder. */
  file(...names: string[]): string;
  /** Where the text has no `sources`, the chart and the manifest come from a site of this machine. */
  writeLab(text: string): void;
  /** `sources:` of such a lab. */
  readonly sources: string;
  synth(...options: string[]): Promise<void>;
  run(command: CommandName, ...options: string[]): Promise<Answer>;
  /** As `run`, without waiting. */
  start(command: CommandName, ...options: string[]): ReturnType<typeof launch>;
  /** As `start`, its standard output in a file. */
  startInto(stdout: string, command: CommandName, ...options: string[]): ReturnType<typeof launch>;
  /** A command whose events are read: `--output json`. */
  events(
    command: CommandName,
    ...options: string[]
  ): Promise<{ exit: number | undefined; events: DriverEvent[]; stderr: string }>;
  /** The text with the lab's folder written as LAB, times as T, the owner as OWNER, and what was tested as UID@REVISION. */
  plain(text: string): string;
  dispose(): void;
}

export interface SiteOptions extends BenchOptions {
  /** Variables of the user's shell, over the bench's own. */
  readonly env?: Readonly<Record<string, string>>;
}

type Program = 'synth.mjs' | 'clustermesh-lab.mjs';

/** One of the project's programs, as a process of its own. */
function launch(
  bench: Bench,
  env: Readonly<Record<string, string>>,
  program: Program,
  args: readonly string[],
  stdout?: string,
) {
  const command = [process.execPath, join(project, 'bin', program), ...args];
  const [file = '', ...rest] = stdout === undefined ? command : ['sh', '-c', 'exec "$@" > "$0"', stdout, ...command];
  return execa(file, rest, {
    cwd: bench.lab,
    env: { ...bench.env, CLUSTERMESH_LAB_ROUTES: routesOf(bench), ...env },
    extendEnv: false,
    reject: false,
    stdin: 'ignore',
    stripFinalNewline: false,
    // on a busy machine a good end may take longer than execa waits
    forceKillAfterDelay: false,
  });
}

export async function makeSite(labText = twoRegions, options: SiteOptions = {}): Promise<Site> {
  const { sources } = await downloadSite();
  const site = openSite(createBench(options), sources, options.env);
  site.writeLab(labText);
  await site.synth();
  return site;
}

/** A lab without faults, where nothing is loaded into the nodes: Helm needs no more of a cluster than its API server. */
export async function makePlainSite(labText = twoRegions): Promise<Site> {
  const site = await makeSite(undefined, { webhookFailures: 0, faults: [] });
  site.writeLab(`${labText}${site.sources.replace('sources:', 'sources:\n  images: { by: nodes }')}`);
  await site.synth();
  return site;
}

/** The same lab at the same moment on a machine of its own: far quicker than another deploy. The caller disposes of it. */
export function cloneSite(from: Site, options: SiteOptions = {}): Site {
  const bench = createBench(options);
  // with their modes, which cpSync of Node.js 22 loses
  const folders = ({ lab, cache, env }: Bench): string[] => [lab, cache, env.STAND_IN_STATE ?? ''];
  for (const [index, folder] of folders(bench).entries()) {
    rmSync(folder, { recursive: true });
    execFileSync('cp', ['-Rp', folders(from.bench)[index] ?? '', folder]);
  }
  moveOwners(bench.lab);
  if (options.machine !== undefined) bench.setMachine(options.machine);
  bench.setFaults(options.faults ?? []);
  return openSite(bench, from.sources, options.env);
}

/** The folder's owners are drawn for the folder that they lie in: in a copy they would count for nothing. */
function moveOwners(folder: string): void {
  const all = join(folder, '.lab');
  for (const lab of existsSync(all) ? readdirSync(all) : []) {
    const file = join(all, lab, 'owner');
    if (!existsSync(file)) continue;
    const owner = JSON.parse(readFileSync(file, 'utf8')) as object;
    writeFileSync(file, JSON.stringify({ ...owner, folder: realpathSync(folder) }));
  }
}

/** The same site, whose commands have other variables. */
export const siteWith = ({ bench, sources }: Site, env: Readonly<Record<string, string>>): Site =>
  openSite(bench, sources, env);

/** As `cloneSite`, for one test: it goes when the test ends. */
export function copySite(from: Site, options: SiteOptions = {}): Site {
  const site = cloneSite(from, options);
  onTestFinished(() => {
    site.dispose();
  });
  return site;
}

/** Another folder with a lab, on the same Docker: another clone, another user. It goes when the test ends. */
export async function makeNeighbour(of: Site, labText = twoRegions, options: SiteOptions = {}): Promise<Site> {
  const shared = { STAND_IN_STATE: stateOf(of.bench), ...options.env };
  const site = await makeSite(labText, { ...options, env: shared });
  onTestFinished(() => {
    site.dispose();
  });
  return site;
}

/** A lab that is deployed already; by default a copy of the article's, which is deployed once for all test files of a worker. */
export async function makeDeployedSite(labText?: string, options: SiteOptions = {}): Promise<Site> {
  if (labText === undefined) return cloneSite(await (articleSite ??= deployNewSite()), options);
  return deployNewSite(labText, options);
}

let articleSite: Promise<Site> | undefined;

async function deployNewSite(labText = twoRegions, options: SiteOptions = {}): Promise<Site> {
  const site = await makeSite(labText, options);
  const { exit, stdout, stderr } = await site.run('deploy');
  if (exit !== 0) throw new Error(`the deploy before the test failed:\n${stdout}${stderr}`);
  return site;
}

/** What a run said, without its last word where a step failed: where the evidence lies. */
export const withoutEvidence = (text: string): string => text.replace(/\n {2}evidence {2}\S+ \(.*\)\n$/, '');

/** The simulated machine's routing table, as `/proc/net/route` has it: nothing but what a test writes. */
export const routesOf = ({ lab }: Bench): string => join(dirname(lab), 'routes');

const stateOf = ({ env }: Bench): string => env.STAND_IN_STATE ?? '';

function openSite(bench: Bench, sources: string, env: Readonly<Record<string, string>> = {}): Site {
  writeFileSync(routesOf(bench), 'Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\n');
  const file = (...names: string[]): string => join(bench.lab, ...names);
  const script = (name: Program, args: readonly string[]): ReturnType<typeof launch> => launch(bench, env, name, args);
  const site: Site = {
    bench,
    file,
    sources,
    writeLab: (text) => {
      writeFileSync(file('lab.yaml'), /^sources:/m.test(text) ? text : `${text}${sources}`);
    },
    synth: async (...options) => {
      const { exitCode, stderr } = await script('synth.mjs', options);
      if (exitCode !== 0) throw new Error(stderr);
    },
    start: (command, ...args) => script('clustermesh-lab.mjs', [command, ...args]),
    startInto: (stdout, command, ...args) => launch(bench, env, 'clustermesh-lab.mjs', [command, ...args], stdout),
    run: async (command, ...args) => {
      const { exitCode, stdout, stderr } = await site.start(command, ...args);
      return { exit: exitCode, stdout, stderr };
    },
    events: async (command, ...args) => {
      const { exit, stdout, stderr } = await site.run(command, '--output', 'json', ...args);
      return { exit, stderr, events: parseEvents(stdout) };
    },
    plain: (text) =>
      text
        .replaceAll(bench.lab, 'LAB')
        .replaceAll(bench.cache, 'CACHE')
        .replaceAll(/clustermesh-lab.owner=[0-9a-f-]{36}/g, 'clustermesh-lab.owner=OWNER')
        .replaceAll(/(clustermesh-lab-creating-)[0-9a-f-]{36}/g, '$1OWNER')
        .replaceAll(/http:\/\/127\.0\.0\.1:\d+/g, 'http://SITE')
        .replaceAll(/sha256\/[0-9a-f]{64}\//g, 'sha256/DIGEST/')
        .replaceAll(/evidence\/[\dTZ.-]+\.tar\.gz \(\d+ kB/g, 'evidence/TIME.tar.gz (SIZE')
        .replaceAll(/\d+(\.\d)? s\b/g, 'T')
        .replaceAll(/c0ffee00-[\w-]{27}@\d/g, 'UID@REVISION'),
    dispose: () => {
      bench.dispose();
    },
  };
  return site;
}

export function parseEvents(stdout: string): DriverEvent[] {
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as DriverEvent);
}

/** The steps of a deploy or plan, as `region-athens/cilium run`. */
function planned(events: readonly DriverEvent[]): string[] {
  const plan = events.find((event) => event.event === 'planned');
  return (plan?.steps ?? []).map(
    ({ step, region, action }) => `${region === undefined ? '' : `${region}/`}${step} ${action}`,
  );
}

/** Steps that only look: what they bring to a lab is gone when they end. */
const looks: readonly string[] = ['paths run', 'verify run'];

/** Those of the planned steps that have work to do, as `region-athens/cilium`: all but those that only look. */
export function running(events: readonly DriverEvent[]): string[] {
  return planned(events).flatMap((line) =>
    line.endsWith(' run') && !looks.includes(line) ? [line.replace(' run', '')] : [],
  );
}

/** Names of the containers that run, sorted. */
export const runningContainers = ({ bench }: Site): string[] =>
  Object.entries(bench.state().containers)
    .filter(([, { running }]) => running)
    .map(([name]) => name)
    .toSorted();

/** Waits until a stand-in hangs in the middle of its work, however slow the machine: its fault must have `spawnGrandchild`. */
export async function untilHanging({ bench }: Site): Promise<Call> {
  for (const deadline = Date.now() + 240_000; Date.now() < deadline;) {
    const call = bench.calls().find(({ grandchild, ended }) => grandchild !== undefined && ended === undefined);
    if (call !== undefined) return call;
    await sleep(20);
  }
  throw new Error('no stand-in hangs');
}

export function isAlive(pid: number | undefined): boolean {
  return pid !== undefined && identityOf(pid) !== undefined;
}

/** Every file below a folder with its content, to see that nothing was touched. */
export function tree(folder: string): Record<string, string> {
  if (!existsSync(folder)) return {};
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name));
  return Object.fromEntries(
    files.sort().map((path) => [relative(folder, path), statSync(path).isFile() ? readFileSync(path, 'utf8') : '']),
  );
}

/** Writes a file with its folders, and gives its path. */
export function put(path: string, text: string, mode = 0o644): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text, { mode });
  return path;
}

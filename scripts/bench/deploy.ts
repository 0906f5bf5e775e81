import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { parseDocument } from 'yaml';
import { loadLab } from '../../lab/load.ts';
import { asWritten } from '../../lab/published.ts';
import { programEnvironment } from '../commands/environment.ts';
import type { DriverEvent } from '../events/events.ts';
import { drawOwner } from '../files/owner.ts';
import { Paths } from '../files/paths.ts';
import type { Io } from '../commands/io.ts';
import { duration, table } from '../events/reporters/text.ts';
import { createCa } from '../files/create-ca.ts';
import { writeCa } from '../files/shared-ca.ts';
import { openStateFolder } from '../files/state-folder.ts';
import type { StepName } from '../steps/step.ts';
import { steps } from '../steps/index.ts';
import { writeDist } from '../commands/synth.ts';
import { Runner } from '../tools/runner.ts';
import { articleCommands } from './by-hand.ts';
import { type CpuProfile, profiled } from './profile.ts';

export interface BenchDeployOptions {
  readonly lab: string;
  readonly rounds: string;
  readonly note: string;
  /** Those that are taken, in their order. */
  readonly way: readonly Way[];
}

export const ways = ['by hand', 'cli', 'install'] as const;
type Way = (typeof ways)[number];

/** Seconds from the first start to the last end of each step, until the mesh is connected, and of the whole. */
interface Times {
  readonly steps: ReadonlyMap<StepName, number>;
  readonly connected: number;
  readonly total: number;
  /** Seconds of a deploy right afterwards, which finds nothing to do, its process as a whole. */
  readonly again?: number;
  /** Who had the cores meanwhile; undefined where this machine does not say. */
  readonly profile?: CpuProfile | undefined;
}

/** Each way in turn, round after round, so that a machine that slows down slows all of them. */
export async function benchDeploy({ lab, rounds, note, way: chosen }: BenchDeployOptions, io: Io): Promise<number> {
  const times = new Map<Way, Times[]>(ways.map((way) => [way, []]));
  for (let round = 1; round <= Number(rounds); round++) {
    for (const way of ways.filter((each) => chosen.includes(each))) {
      const taken = await inFreshLab(lab, way, io);
      times.get(way)?.push(taken);
      io.stderr.write(`round ${round}, ${way}: connected after ${duration(taken.connected)}\n`);
    }
  }
  const lines = [`${note}; median of ${rounds}`, '', ...resultTable(times), '', ...profileTable(times)];
  io.stdout.write(`${lines.join('\n')}\n`);
  return 0;
}

async function inFreshLab(labFile: string, way: Way, io: Io): Promise<Times> {
  const folder = mkdtempSync(join(tmpdir(), 'clustermesh-bench-'));
  const copy = join(folder, 'lab.yaml');
  writeFileSync(copy, labText(labFile, way));
  const lab = loadLab(copy);
  const paths = new Paths({ labFile: copy, dist: undefined, lab: lab.name, cwd: folder });
  const env = programEnvironment(io.env, lab);
  const around = { cwd: folder, home: io.home(), labFile: copy };
  await writeDist(paths, env, io.signal);
  await openStateFolder({ paths, around, env, signal: io.signal });
  try {
    const { result, profile } = await profiled(() =>
      way === 'by hand' ? typed(copy, paths, env, io.signal) : driven(folder, env),
    );
    return { ...result, profile, ...(way !== 'by hand' && { again: await nothingToDo(folder, env) }) };
  } finally {
    await script('destroy', folder, env, ['--yes']);
    rmSync(folder, { recursive: true });
  }
}

/** The lab with names of its own and the mesh method to be timed, by hand without the lab's tuning; paths in it absolute. */
function labText(labFile: string, way: Way): string {
  const { sources, regions } = loadLab(labFile);
  const document = parseDocument(readFileSync(labFile, 'utf8'));
  document.set('name', 'bench');
  document.setIn(['mesh', 'method'], way === 'install' ? 'install' : 'cli');
  document.delete('scenarios');
  if (way === 'by hand') document.set('tuning', 'none');
  document.setIn(['sources', 'ciliumChart'], asWritten(sources.ciliumChart));
  if (sources.metallbManifest !== undefined)
    document.setIn(['sources', 'metallbManifest'], asWritten(sources.metallbManifest));
  regions.forEach(({ name }, index) => {
    document.setIn(['regions', index, 'name'], `bench-${name}`.slice(0, 32));
  });
  return String(document);
}

async function typed(labFile: string, paths: Paths, env: Record<string, string>, signal: AbortSignal): Promise<Times> {
  const lab = loadLab(labFile);
  mkdirSync(paths.kubeconfigs, { recursive: true });
  writeCa(paths, await createCa(lab.name, new Date()));
  const runner = new Runner(env, signal);
  const taken = new Map<StepName, number>();
  const from = Date.now();
  for (const { step, command } of articleCommands(lab, paths, drawOwner(paths), paths.secretValues('shared-ca'))) {
    const start = Date.now();
    await runner.run(command, { log: paths.log('by-hand'), timeoutSeconds: 900 });
    taken.set(step, (taken.get(step) ?? 0) + (Date.now() - start) / 1000);
  }
  const total = (Date.now() - from) / 1000;
  return { steps: taken, connected: total, total };
}

/** Milliseconds that a mesh which was made a moment ago needs to be at rest. */
const REST = 30_000;

/** The median of three, one after the other. */
async function nothingToDo(folder: string, env: Record<string, string>): Promise<number> {
  await sleep(REST);
  const taken: number[] = [];
  for (let time = 0; time < 3; time++) {
    const start = performance.now();
    await script('deploy', folder, env, ['--skip-test']);
    taken.push((performance.now() - start) / 1000);
  }
  return medianOf(taken) ?? NaN;
}

async function driven(folder: string, env: Record<string, string>): Promise<Times> {
  const stdout = await script('deploy', folder, env, ['--skip-test', '--output', 'json']);
  const events = stdout.split('\n').map((line) => JSON.parse(line) as DriverEvent);
  const finished = events.find((event) => event.event === 'finished');
  if (finished === undefined) throw new Error('the deploy did not finish');
  const spans = steps.flatMap(({ name }): [StepName, number][] => {
    const own = finished.timings.filter(({ step }) => step === name);
    return own.length === 0
      ? []
      : [[name, Math.max(...own.map(({ to }) => to)) - Math.min(...own.map(({ from }) => from))]];
  });
  const meshed = finished.timings.filter(({ step }) => step === 'ready' || step === 'connect');
  return { steps: new Map(spans), connected: Math.max(...meshed.map(({ to }) => to)), total: finished.at };
}

async function script(
  name: string,
  folder: string,
  env: Record<string, string>,
  args: readonly string[],
): Promise<string> {
  const file = fileURLToPath(new URL('../../bin/clustermesh-lab.mjs', import.meta.url));
  const { stdout } = await execa(process.execPath, [file, name, ...args], {
    cwd: folder,
    env,
    extendEnv: false,
  });
  return stdout;
}

/** Who had the cores, in seconds of one core: the programs that had the most, in the first round. */
function profileTable(times: ReadonlyMap<Way, readonly Times[]>): string[] {
  const taken = waysOf(times);
  const profiles = taken.map((way) => times.get(way)?.[0]?.profile);
  const had = profiles.map((profile) => new Map(profile?.programs));
  const names = [...new Set(profiles.flatMap((profile) => profile?.programs.slice(0, 12).map(([name]) => name) ?? []))];
  const row = (name: string, value: (index: number) => number | undefined): string[] => [
    name,
    ...taken.map((_, index) => value(index)?.toFixed(0) ?? ''),
  ];
  if (names.length === 0) return [];
  const sum = (index: number): number => [...(had[index]?.values() ?? [])].reduce((all, one) => all + one, 0);
  return table([
    ['core seconds', ...taken],
    ...names.map((name) => row(name, (index) => had[index]?.get(name))),
    row('others', (index) => sum(index) - names.reduce((all, name) => all + (had[index]?.get(name) ?? 0), 0)),
    row('too short to be seen', (index) => (profiles[index]?.busy ?? 0) - sum(index)),
    row('all', (index) => profiles[index]?.busy),
    [
      'cores busy',
      ...profiles.map((profile) => (profile === undefined ? '' : (profile.busy / profile.seconds).toFixed(2))),
    ],
    [
      'GiB of memory',
      ...profiles.map((profile) => (profile === undefined ? '' : (profile.memory / 2 ** 30).toFixed(1))),
    ],
  ]);
}

/** The median, over the rounds, of what a way took until it was connected, as a part of what it took by hand. */
function ratio(times: ReadonlyMap<Way, readonly Times[]>, way: Way): string {
  const byHand = times.get('by hand') ?? [];
  const ratios = (times.get(way) ?? []).map(({ connected }, round) => connected / (byHand[round]?.connected ?? NaN));
  return `${medianOf(ratios)?.toFixed(2) ?? ''} ×`;
}

function medianOf(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)];
}

function resultTable(times: ReadonlyMap<Way, readonly Times[]>): string[] {
  const cell = (way: Way, value: (one: Times) => number | undefined): string => {
    const median = medianOf((times.get(way) ?? []).flatMap((one) => value(one) ?? []));
    return median === undefined ? '' : duration(median);
  };
  const taken = waysOf(times);
  const rows = steps.map(({ name }) => [name, ...taken.map((way) => cell(way, (one) => one.steps.get(name)))]);
  return table([
    ['step', ...taken],
    ...rows.filter(([, ...cells]) => cells.some((text) => text !== '')),
    ['connected', ...taken.map((way) => cell(way, ({ connected }) => connected))],
    ...(taken.includes('by hand') ? [['of by hand', ...taken.map((way) => ratio(times, way))]] : []),
    ['whole', ...taken.map((way) => cell(way, ({ total }) => total))],
    ['nothing to do', ...taken.map((way) => cell(way, ({ again }) => again))],
  ]);
}

/** Those that were taken. */
const waysOf = (times: ReadonlyMap<Way, readonly Times[]>): Way[] =>
  ways.filter((way) => (times.get(way) ?? []).length > 0);

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import type { Lab } from '../../lab/lab.ts';
import { loadLab } from '../../lab/load.ts';
import { programEnvironment } from '../commands/environment.ts';
import type { Io } from '../commands/io.ts';
import { writeDist } from '../commands/synth.ts';
import { exitCode } from '../events/errors.ts';
import { PlainReporter } from '../events/reporters/plain.ts';
import { makeStyle, table } from '../events/reporters/text.ts';
import { type DesiredRegions, readDesired } from '../files/desired.ts';
import { Paths } from '../files/paths.ts';
import type { Observed } from '../observe/observed.ts';
import { Queries } from '../observe/queries.ts';
import { makePlan, type Plan } from '../plan/plan.ts';
import { findRefusals } from '../plan/refusals.ts';
import { execute } from '../run/execute.ts';
import type { Step } from '../steps/step.ts';
import { LearnedSums } from '../supply/sums.ts';
import { ImageUses } from '../supply/image-uses.ts';
import { SourceFiles } from '../supply/sources.ts';
import { Supply } from '../supply/supply.ts';
import { Runner } from '../tools/runner.ts';
import { nothingThere } from './nothing-there.ts';

const sizes = [2, 16, 64, 255, 511];

/** What the driver may cost. */
const most = { ratio: 1.5, seconds: 2, mebibytes: 300 };

/** Milliseconds of each part, without the start of Node.js. */
interface Measurement {
  /** lab.yaml and dist/. */
  readonly read: number;
  /** Refusals and plan. */
  readonly plan: number;
  /** Tasks, schedule, journal and reporter. */
  readonly run: number;
  readonly peakMebibytes: number;
}

const whole = ({ read, plan, run }: Measurement): number => read + plan + run;

/** @returns 1 where a region costs too much in the largest lab, or the whole of it */
export async function benchDriver({ cwd, env, signal, stdout }: Io): Promise<number> {
  const program = fileURLToPath(new URL('../bench-driver.ts', import.meta.url));
  const measured: (Measurement & { readonly regions: number })[] = [];
  for (const regions of sizes) {
    const args = ['--import', 'tsx', program, '--one', String(regions)];
    const one = await execa(process.execPath, args, { cwd, env: { ...env }, cancelSignal: signal });
    measured.push({ regions, ...(JSON.parse(one.stdout) as Measurement) });
  }
  const rows = measured.map((each) => [
    String(each.regions),
    ...[each.read, each.plan, each.run, whole(each)].map((time) => `${time.toFixed(0)} ms`),
    `${(whole(each) / each.regions).toFixed(2)} ms`,
    `${each.peakMebibytes.toFixed(0)} MiB`,
  ]);
  const cost = (size: number): number => {
    const found = measured.find(({ regions }) => regions === size);
    return found === undefined ? NaN : whole(found) / size;
  };
  const ratio = cost(511) / cost(64);
  const last = measured.at(-1);
  const isGood =
    last !== undefined &&
    ratio <= most.ratio &&
    whole(last) <= most.seconds * 1000 &&
    last.peakMebibytes <= most.mebibytes;
  const lines = [
    ...table([['regions', 'read', 'plan', 'run', 'whole', 'a region', 'peak'], ...rows]),
    '',
    `A region costs ${ratio.toFixed(2)} times as much at 511 as at 64 (at most ${most.ratio}; ${most.seconds} s and ${most.mebibytes} MiB at 511).`,
  ];
  stdout.write(`${lines.join('\n')}\n`);
  return isGood ? exitCode.done : exitCode.failed;
}

/** A deploy of so many regions from nothing, by `mesh.method: install`, whose steps do nothing: printed as JSON. */
export async function measureDriver(regions: number, io: Io): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-driver-'));
  try {
    const labFile = join(folder, 'lab.yaml');
    writeFileSync(labFile, labOf(regions));
    const paths = new Paths({ labFile, dist: undefined, lab: 'bench', cwd: folder });
    const env = programEnvironment(io.env, loadLab(labFile));
    await writeDist(paths, env, io.signal);

    const start = performance.now();
    const lab = loadLab(labFile);
    const desired = readDesired(lab, paths);
    const read = performance.now();
    const observed = nothingThere(lab, { engine });
    findRefusals(lab, lab.regions, observed);
    const plan = planOf(lab, desired, observed);
    const planned = performance.now();
    await runIdle(plan, { lab, desired, observed, paths, folder, runner: new Runner(env, io.signal) });
    const run = performance.now();

    const times: Measurement = {
      read: read - start,
      plan: planned - read,
      run: run - planned,
      peakMebibytes: process.resourceUsage().maxRSS / 1024,
    };
    io.stdout.write(JSON.stringify(times));
    return exitCode.done;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function labOf(regions: number): string {
  const names = Array.from({ length: regions }, (_, index) => `  - name: region-${index + 1}\n    workers: 1\n`);
  return `name: bench\nstack: current\nmesh: { method: install }\nregions:\n${names.join('')}`;
}

/** Enough of a Docker Engine for a plan. */
const engine = { id: 'bench', serverVersion: '28.0.0', host: {} } as unknown as Observed['engine'];

/** Its steps do as many things as they would, and nothing in each. */
function planOf(lab: Lab, desired: DesiredRegions, observed: Observed): Plan {
  const chosen = { tested: new Set<string>(), tried: false, skipTest: false, atOnce: false };
  return makePlan({ lab, regions: lab.regions, desired, observed, ...chosen }).map((planned) => ({
    ...planned,
    step: idle(planned.step),
  }));
}

const nothing = (): Promise<void> => Promise.resolve();

function idle(step: Step): Step {
  const wait = step.wait && { wait: nothing };
  if (step.scope === 'region') return { ...step, ...(step.run && { run: nothing }), ...wait };
  const { parts } = step;
  return {
    ...step,
    ...(step.run && { run: nothing }),
    ...(parts && { parts: (work) => parts(work).map((part) => ({ ...part, run: nothing })) }),
    ...wait,
  };
}

interface Around {
  readonly lab: Lab;
  readonly desired: DesiredRegions;
  readonly observed: Observed;
  readonly paths: Paths;
  readonly folder: string;
  readonly runner: Runner;
}

async function runIdle(plan: Plan, { lab, desired, observed, paths, folder, runner }: Around): Promise<void> {
  let told = 0;
  const write = (text: string): void => {
    told += text.length;
  };
  const reporter = new PlainReporter(write, makeStyle(false), (path) => path);
  const names = lab.regions.map(({ name }) => name);
  reporter.report({ event: 'started', lab: lab.name, regions: names, stack: lab.stack.name });
  const outcome = await execute(plan, {
    ...{ lab, regions: lab.regions, desired, observed, paths, concurrency: 2, runner },
    queries: new Queries(runner),
    credentialsOf: () => Promise.resolve(undefined),
    uses: new ImageUses(join(folder, 'cache')),
    sources: new SourceFiles(new Supply(join(folder, 'cache'), {}, {}), new LearnedSums(join(folder, 'sums'))),
    owner: 'bench',
    holdCluster: () => Promise.resolve({ release: nothing }),
    holdCache: () => Promise.resolve({ release: nothing }),
    timeoutSeconds: undefined,
    report: (event) => {
      reporter.report(event);
    },
  });
  if (outcome !== 'done' || told === 0) throw new Error(`the deploy of steps that do nothing is ${outcome}`);
}

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import type { DriverEvent } from '../../scripts/driver/events.ts';
import { type Bench, type BenchOptions, createBench } from '../stand-ins/lab-bench.ts';

const project = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const loader = import.meta.resolve('tsx');

/** The article's lab, one worker a region: quicker, and nothing else differs. */
export const twoRegions = `name: test-lab
regions:
  - { name: region-athens, workers: 1 }
  - { name: region-hurup, workers: 1 }
`;

export type CommandName = 'deploy' | 'plan' | 'status' | 'destroy';

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
  writeLab(text: string): void;
  synth(): Promise<void>;
  run(command: CommandName, ...options: string[]): Promise<Answer>;
  /** As `run`, without waiting. */
  start(command: CommandName, ...options: string[]): ReturnType<typeof launch>;
  /** A command whose events are read: `--output json`. */
  events(
    command: CommandName,
    ...options: string[]
  ): Promise<{ exit: number | undefined; events: DriverEvent[]; stderr: string }>;
  dispose(): void;
}

/** One of the project's programs, as a process of its own. MetalLB's manifest and the chart stay the published ones: the stand-ins know them. */
function launch(bench: Bench, script: string, args: readonly string[]) {
  return execa(process.execPath, ['--import', loader, join(project, script), ...args], {
    cwd: bench.lab,
    env: { ...bench.env },
    extendEnv: false,
    reject: false,
    stdin: 'ignore',
    stripFinalNewline: false,
  });
}

export async function makeSite(labText = twoRegions, options: BenchOptions = {}): Promise<Site> {
  const bench = createBench(options);
  const file = (...names: string[]): string => join(bench.lab, ...names);
  const script = (name: string, args: readonly string[]): ReturnType<typeof launch> => launch(bench, name, args);
  const site: Site = {
    bench,
    file,
    writeLab: (text) => {
      writeFileSync(file('lab.yaml'), text);
    },
    synth: async () => {
      const { exitCode, stderr } = await script('main.ts', []);
      if (exitCode !== 0) throw new Error(stderr);
    },
    start: (command, ...args) => script(`scripts/${command}.ts`, args),
    run: async (command, ...args) => {
      const { exitCode, stdout, stderr } = await site.start(command, ...args);
      return { exit: exitCode, stdout, stderr };
    },
    events: async (command, ...args) => {
      const { exit, stdout, stderr } = await site.run(command, '--output', 'json', ...args);
      return { exit, stderr, events: parseEvents(stdout) };
    },
    dispose: () => {
      bench.dispose();
    },
  };
  mkdirSync(bench.lab, { recursive: true });
  site.writeLab(labText);
  await site.synth();
  return site;
}

export function parseEvents(stdout: string): DriverEvent[] {
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as DriverEvent);
}

/** The steps of a deploy or plan, as `region-athens/cilium run`. */
export function planned(events: readonly DriverEvent[]): string[] {
  const plan = events.find((event) => event.event === 'planned');
  return (plan?.steps ?? []).map(
    ({ step, region, action }) => `${region === undefined ? '' : `${region}/`}${step} ${action}`,
  );
}

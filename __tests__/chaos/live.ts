import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { cloneSite, type Site, siteWith } from '../driver/drive.ts';
import { endState } from '../driver/world.ts';
import type { World } from '../stand-ins/lab-bench.ts';
import type { Happening, Scene } from './scene.ts';

/** How a scene ended: with the lab whole, or what is wrong. */
export interface Ending {
  readonly scene: Scene;
  /** Exit codes of the deploys; those after the first have no faults. Undefined where it was killed. */
  readonly exits: readonly (number | undefined)[];
  /** Empty: all is as it should be. */
  readonly wrong: readonly string[];
  /** What the deploys said. */
  readonly said: readonly string[];
}

/** Milliseconds for one deploy, on a machine that is busy with others. */
const DEADLINE = 120_000;

/** Deploys without faults until the lab is whole: one may have to say what a person must decide. */
const TRIES = 3;

/** Of somebody else, and not to be touched. */
const foreign = { network: 'theirs', file: 'notes.txt', text: 'mine\n' };
export const machine = { docker: { networks: [{ name: foreign.network, subnet: '10.99.0.0/24' }] } };

const weather = pathToFileURL(join(import.meta.dirname, 'fs-weather.mjs')).href;

/**
 * Deploys a lab while things go wrong, then until it is whole.
 * @param empty the site before its first deploy
 * @param whole what a deploy without faults makes
 */
export async function live(scene: Scene, empty: Site, whole: unknown): Promise<Ending> {
  const site = cloneSite(empty, { machine, faults: scene.faults });
  try {
    writeFileSync(site.file(foreign.file), foreign.text);
    const ends = [await deploy(siteWith(site, weatherOf(scene)), scene.event)];
    site.bench.setFaults([]);
    site.bench.setMachine(machine);
    while (ends.length <= TRIES && ends.at(-1)?.exit !== 0) ends.push(await deploy(site, undefined));
    const wrong = ends.flatMap((end) => wrongIn(end)).concat(ends.flatMap(({ text }) => leaksIn(site, text)));
    return {
      ...{ scene, exits: ends.map(({ exit }) => exit), said: ends.map(({ text }) => text) },
      wrong: [...wrong, ...wrongAtLast(site, ends.at(-1)?.exit, whole)],
    };
  } finally {
    site.dispose();
  }
}

const weatherOf = ({ fs }: Scene): Record<string, string> =>
  fs === '' ? {} : { NODE_OPTIONS: `--import=${weather}`, CHAOS_FS: fs };

interface End {
  readonly exit: number | undefined;
  readonly text: string;
  readonly isLate: boolean;
}

async function deploy(site: Site, event: Scene['event']): Promise<End> {
  const run = site.start('deploy', '--skip-test', '--timeout', '6');
  const over = new AbortController();
  let isLate = false;
  const late = sleep(DEADLINE, undefined, { signal: over.signal }).then(
    () => {
      isLate = true;
      run.kill('SIGKILL');
    },
    () => undefined,
  );
  const happening = event === undefined ? undefined : happen(site, event, run, over.signal);
  const { exitCode, stdout, stderr } = await run;
  over.abort();
  await Promise.all([late, happening]);
  return { exit: exitCode, text: `${stdout}${stderr}`, isLate };
}

/** Waits until the driver has made so many calls, and does it. */
async function happen(
  { bench }: Site,
  { after, what }: NonNullable<Scene['event']>,
  run: { kill(signal: NodeJS.Signals): boolean },
  over: AbortSignal,
): Promise<void> {
  while (bench.calls().length < after) {
    if (over.aborted) return;
    await sleep(20);
  }
  const acts: Readonly<Record<Happening, () => Promise<void> | void>> = {
    SIGKILL: () => void run.kill('SIGKILL'),
    SIGTERM: () => void run.kill('SIGTERM'),
    SIGINT: () => void run.kill('SIGINT'),
    'docker-down': async () => {
      bench.setMachine({ docker: { ...machine.docker, running: false } });
      await sleep(700);
      bench.setMachine(machine);
    },
    'docker-restart': () => {
      bench.edit(stopped);
    },
  };
  await acts[what]();
}

/** Every node is stopped, as after a restart of the Docker Engine; those without an address of their own have lost it. */
function stopped(world: World): World {
  const containers = Object.fromEntries(
    Object.entries(world.containers).map(([name, each]) => [name, { ...each, running: false }]),
  );
  return { ...world, containers };
}

/** A deploy ends well, is stopped, or says what is wrong and what to do. */
function wrongIn({ exit, text, isLate }: End): string[] {
  const said =
    exit === 0 || exit === 130 || exit === undefined || /remedy|Remedy|deploy again|run this again/.test(text);
  return [
    ...(isLate ? ['it did not end within its deadline'] : []),
    ...(said ? [] : [`it ended with ${String(exit)} and said no remedy`]),
    ...(text.includes('a bug of clustermesh-lab') ? ['it called itself a bug'] : []),
  ];
}

/** The key of the CA lies in files that nobody else may read, and nowhere else. */
function leaksIn(site: Site, text: string): string[] {
  const file = site.file('.lab', 'test-lab', 'ca', 'ca.key');
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.length > 40);
  const secrets = [...lines, ...lines.map((line) => Buffer.from(line).toString('base64').slice(4, 44))];
  const has = (content: string): boolean => secrets.some((secret) => content.includes(secret));
  const evidence = site.file('.lab', 'test-lab', 'evidence');
  const bundles = (existsSync(evidence) ? readdirSync(evidence) : []).filter((name) => name.endsWith('.tar.gz'));
  // a tar is plain text of its files
  const shown = bundles.filter((name) => has(gunzipSync(readFileSync(join(evidence, name))).toString('latin1')));
  const open = readdirSync(site.file('.'), { recursive: true, withFileTypes: true })
    .filter((each) => each.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .filter((path) => (statSync(path).mode & 0o077) !== 0 && has(readFileSync(path, 'latin1')));
  return [
    ...open.map((path) => `a key lies open in ${path}`),
    ...shown.map((name) => `a key is in the bundle ${name}`),
    ...(has(text) ? ['a key was printed'] : []),
  ];
}

/** What a run that was killed has left, and the last one was to take away. */
function leftIn(site: Site): string[] {
  const state = (name: string): string[] => {
    const folder = site.file('.lab', 'test-lab', name);
    return existsSync(folder) ? readdirSync(folder).map((each) => `${name}/${each}`) : [];
  };
  const running = state('running').map(
    (name) => `${name} (${readFileSync(site.file('.lab', 'test-lab', name), 'utf8')})`,
  );
  return [...running, ...state('evidence').filter((name) => !name.endsWith('.tar.gz'))];
}

/** Where two values differ first, and how: `clusters.region-athens.namespaces: ["a"], not []`. */
function differenceOf(one: unknown, other: unknown, path: readonly string[] = []): string | undefined {
  if (isDeepStrictEqual(one, other)) return undefined;
  const isObject = (value: unknown): value is Record<string, unknown> =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
  if (isObject(one) && isObject(other))
    for (const key of new Set([...Object.keys(one), ...Object.keys(other)])) {
      // what is there without a content is not what is not there
      if (key in one !== key in other) return `${[...path, key].join('.')} is ${key in one ? 'there' : 'not there'}`;
      const found = differenceOf(one[key], other[key], [...path, key]);
      if (found !== undefined) return found;
    }
  return `${path.join('.')}: ${JSON.stringify(one)}, not ${JSON.stringify(other)}`;
}

function wrongAtLast(site: Site, exit: number | undefined, whole: unknown): string[] {
  const world = site.bench.state();
  const { [foreign.network]: theirs, ...networks } = world.networks;
  const different = exit === 0 ? differenceOf(endState({ ...world, networks }), whole) : undefined;
  return [
    ...(exit === 0 ? [] : [`the lab is not whole after ${TRIES} deploys without faults`]),
    ...(different === undefined ? [] : [`the lab is not that of a deploy without faults: ${different}`]),
    ...(theirs === undefined ? ['a foreign network is gone'] : []),
    ...Object.keys(world.volumes).map((name) => `a volume is left: ${name}`),
    ...leftIn(site).map((name) => `${name} is left`),
    ...(readFileSync(site.file(foreign.file), 'utf8') === foreign.text ? [] : ['a foreign file was changed']),
  ];
}

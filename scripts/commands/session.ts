import { resolve } from 'node:path';
import { loadLab } from '../../lab/load.ts';
import type { Surroundings } from '../../lab/own-place.ts';
import type { Lab, Region } from '../../lab/lab.ts';
import { type Credentials, DockerConfig } from '../tools/docker-config.ts';
import { Children } from '../tools/children.ts';
import { Runner } from '../tools/runner.ts';
import { programEnvironment } from './environment.ts';
import { UserError } from '../events/errors.ts';
import type { DriverEvent } from '../events/events.ts';
import { Queries } from '../observe/queries.ts';
import type { CommonOptions, RegionOptions } from './options.ts';
import { type CommandLine, Paths } from '../files/paths.ts';
import { Secrets } from '../files/secrets.ts';
import type { Io } from './io.ts';
import type { Programs } from '../supply/programs.ts';
import type { SourceFiles } from '../supply/sources.ts';
import { ImageUses } from '../supply/image-uses.ts';
import type { Supply } from '../supply/supply.ts';
import { supplyOf } from './supply-of.ts';

/** Another folder's lab, by its docker network. */
interface Adopted {
  readonly owner: string;
  readonly network: string;
}

/** A lab with the means to look at it, and to work on it. */
export interface Session {
  readonly lab: Lab;
  readonly paths: Paths;
  readonly around: Surroundings;
  readonly env: Readonly<Record<string, string>>;
  /** The user's own, of which `env` is what programs get. */
  readonly userEnv: Io['env'];
  readonly runner: Runner;
  readonly queries: Queries;
  readonly children: Children;
  /** What nobody is to see. */
  readonly secrets: Secrets;
  readonly programs: Programs;
  readonly sources: SourceFiles;
  readonly supply: Supply;
  readonly uses: ImageUses;
  /** What Docker's own configuration has for a registry, by its URL: from then on nobody sees the password. */
  readonly credentialsOf: (url: string) => Promise<Credentials | undefined>;
  /** It may change things; false for commands that only look. */
  readonly touches: boolean;
  /** The lab that this run takes over (`--adopt`), once nothing stands against it; undefined where it takes over none. */
  readonly adopts?: Adopted;
}

/**
 * @param keeps logs and traces of running programs are kept under `.lab/`; false for commands that touch nothing
 * @param tell told of downloads, and when logs and traces cannot be kept
 * @param brings programs that are missing are downloaded when they are called @default true
 * @throws LabError
 * @throws UserError where the home folder is not known
 */
export function openSession(
  options: CommonOptions,
  io: Io,
  keeps: boolean,
  tell: (event: DriverEvent) => void = () => undefined,
  brings = true,
): Session {
  const labFile = resolve(io.cwd, options.lab);
  const dist = options.dist === undefined ? undefined : resolve(io.cwd, options.dist);
  const lab = loadLab(options.lab, dist);
  const paths = new Paths({ labFile, dist, lab: lab.name, cwd: io.cwd });
  const env = programEnvironment(io.env, lab);
  const children = new Children(paths.running);
  const { programs, sources, supply } = supplyOf(lab, paths, env, io, tell, brings);
  const runner = new Runner(env, io.signal, {
    ...(keeps && { children }),
    warn: (message) => {
      tell({ event: 'warning', message });
    },
    locate: async (program) => (await programs.have(program)).file,
  });
  const secrets = new Secrets(paths);
  const dockerConfig = new DockerConfig(env, io.home(), io.signal);
  const around = { cwd: io.cwd, home: io.home(), labFile };
  return {
    lab,
    paths,
    around,
    env,
    userEnv: io.env,
    runner,
    queries: new Queries(runner, keeps ? paths.log('observe') : undefined, io.routes),
    children,
    secrets,
    credentialsOf: async (url) => {
      const credentials = await dockerConfig.credentialsOf(url);
      if (credentials !== undefined) secrets.keep(credentials.password);
      return credentials;
    },
    programs,
    sources,
    supply,
    uses: new ImageUses(supply.store.root),
    touches: keeps,
  };
}

/** How a command is typed after one that was refused: what that one would have taken over is still another's. */
export function commandLine({ paths, adopts }: Pick<Session, 'paths' | 'adopts'>): CommandLine {
  if (adopts === undefined) return paths.command;
  return (command, ...options) => paths.command(command, '--adopt', ...options);
}

/** The regions that `--region` names. @throws UserError for a name that lab.yaml has not */
export function selectRegions(lab: Lab, { region: names }: Pick<RegionOptions, 'region'>): readonly Region[] {
  checkRegionNames(
    names,
    lab.regions.map(({ name }) => name),
    lab,
  );
  return names === undefined ? lab.regions : lab.regions.filter(({ name }) => names.includes(name));
}

/** @throws UserError naming those of `--region` that are not known */
export function checkRegionNames(names: readonly string[] = [], known: readonly string[], lab: Lab): void {
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  throw new UserError(`--region ${unknown.join(' ')}: no such region in ${lab.name}. It has ${known.join(', ')}.`);
}

import { availableParallelism } from 'node:os';
import { Command, InvalidArgumentError, Option } from 'commander';

export interface CommonOptions {
  readonly lab: string;
  /** undefined: beside the lab file */
  readonly dist?: string;
  readonly output: 'text' | 'json';
}

export interface StatusOptions extends CommonOptions {
  readonly check?: true;
}

export interface RegionOptions extends CommonOptions {
  /** undefined: all */
  readonly region?: string[];
}

interface IgnoreOptions {
  /** Names of checks whose findings stop nothing; undefined: none */
  readonly ignore?: string[];
}

export type DoctorOptions = CommonOptions & IgnoreOptions;

export interface DeployOptions extends RegionOptions, IgnoreOptions {
  readonly yes: boolean;
  readonly adopt: boolean;
  readonly skipTest: boolean;
  readonly atOnce: boolean;
  /** Seconds. */
  readonly timeout?: number;
  readonly concurrency: number;
}

export interface VerifyOptions extends RegionOptions {
  readonly watch?: true;
  /** File to write */
  readonly junit?: string;
}

export interface ToolsOptions extends CommonOptions {
  readonly prune?: true;
}

export interface PlanOptions extends DeployOptions {
  readonly detailedExitcode?: true;
}

export interface ScenarioOptions extends RegionOptions {
  /** undefined: show them */
  readonly action?: 'up' | 'down';
  /** Of the scenario. */
  readonly name?: string;
  /** Seconds. */
  readonly timeout?: number;
}

/** Of `pause` and `resume`. */
export interface RestOptions extends RegionOptions {
  readonly adopt: boolean;
  /** Seconds. */
  readonly timeout?: number;
}

export interface DestroyOptions extends RegionOptions {
  readonly yes: boolean;
  readonly adopt: boolean;
}

/** Seconds: a day. Node's timers could count 24 of them; nothing here takes as long as one. */
const longestTimeout = 24 * 60 * 60;

/** Most regions that a mesh can have. */
const mostRegions = 511;

/** The options that a command was given, for a command that it proposes; without those of the lab, which `Paths.command` adds. */
export function asTyped({
  region,
  skipTest = false,
  atOnce = false,
  adopt = false,
  ignore,
}: RegionOptions & Partial<Pick<DeployOptions, 'skipTest' | 'atOnce' | 'adopt' | 'ignore'>>): string[] {
  return [
    ...(region === undefined ? [] : ['--region', ...region]),
    ...(skipTest ? ['--skip-test'] : []),
    ...(atOnce ? ['--at-once'] : []),
    ...(adopt ? ['--adopt'] : []),
    ...(ignore === undefined ? [] : ['--ignore', ...ignore]),
  ];
}

/** A program of the project; its subcommands inherit what is set here. */
export function program(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .helpOption('-h, --help', 'show this help')
    .helpCommand(false)
    .showHelpAfterError(`npx ${name} --help lists all.`)
    .exitOverride();
}

/** A subcommand without options. */
export function subcommand(parent: Command, name: string, description: string): Command {
  return parent
    .command(name)
    .description(description)
    .showHelpAfterError(`npx ${parent.name()} ${name} --help lists all.`);
}

/** A subcommand with the options that every command of the driver has. */
export function command(parent: Command, name: string, description: string): Command {
  return subcommand(parent, name, description)
    .option('--lab <file>', 'the lab file; its folder holds dist/ and .lab/ too', 'lab.yaml')
    .option('--dist <folder>', 'the synthesized YAML (default: dist/ beside the lab file)')
    .addOption(
      new Option('--output <format>', 'text for people, json: one event per line')
        .choices(['text', 'json'])
        .default('text'),
    );
}

export function regionOption(): Option {
  return new Option('--region <name...>', 'only these regions (default: all of the lab)');
}

export function ignoreOption(): Option {
  return new Option('--ignore <check...>', 'findings of these checks stop nothing; doctor names them');
}

export function yesOption(description: string): Option {
  return new Option('--yes', description).default(false, 'ask');
}

export function adoptOption(): Option {
  return new Option(
    '--adopt',
    "take over the lab of this name that another folder made, or this folder's .lab/ has lost",
  ).default(false, 'refuse it');
}

export function skipTestOption(): Option {
  return new Option('--skip-test', "leave out Cilium's connectivity test").default(false, 'test');
}

export function atOnceOption(): Option {
  return new Option(
    '--at-once',
    'change Cilium of a living mesh in all regions side by side, with nothing asked meanwhile',
  ).default(false, 'one region at a time, under load');
}

export function timeoutOption(): Option {
  return new Option(
    '--timeout <seconds>',
    'for each command and each wait (default: 900, the connectivity test 3600)',
  ).argParser(wholeNumber(longestTimeout, ' (a day)'));
}

/** A region's work is mostly waiting, so two regions a core would do; one a core leaves room for the clusters themselves. */
export function concurrencyOption(): Option {
  const cores = Math.max(2, availableParallelism());
  return new Option('--concurrency <regions>', 'regions that work at once')
    .argParser(wholeNumber(mostRegions))
    .default(cores, `one a core, at least 2: ${cores}`);
}

/** Digits alone: JavaScript takes 1e3 and 0x10 for numbers too. */
function wholeNumber(most: number, meaning = ''): (text: string) => number {
  return (text) => {
    const value = /^[1-9]\d*$/.test(text) ? Number(text) : Infinity;
    if (value > most) throw new InvalidArgumentError(`It must be a whole number from 1 to ${most}${meaning}.`);
    return value;
  };
}

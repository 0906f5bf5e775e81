import { availableParallelism } from 'node:os';
import { Command, InvalidArgumentError, Option } from 'commander';
import { durationOf, faultNames, perCentOf } from '../../lab/failover.ts';
import { usual } from './options.ts';

/** Seconds: a day. Node's timers could count 24 of them; nothing here takes as long as one. */
const longestTimeout = 24 * 60 * 60;

/** Most regions that a mesh can have. */
const mostRegions = 511;

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

export function failoverOptions(command: Command): Command {
  return command
    .option('--fault <name...>', `what is to fail: ${faultNames.join(', ')}`)
    .option('--all', 'all of them, one after the other')
    .option('--region <name>', 'the region in which it fails (default: the first)')
    .option(
      '--duration <seconds>',
      'for which it stays (default: as long as shows what comes of it)',
      wholeNumber(3600),
    )
    .addOption(
      new Option('--rate <requests>', 'a second, of each client').argParser(wholeNumber(1000)).default(usual.rate),
    )
    .addOption(new Option('--repeat <runs>', 'of each fault').argParser(wholeNumber(100)).default(usual.repeat))
    .addOption(
      new Option('--baseline <seconds>', 'before it without a fault, after half as many of warm-up')
        .argParser(wholeNumber(3600))
        .default(usual.baseline),
    )
    .option('--after <seconds>', 'after its repair (default: as long as shows what comes of it)', wholeNumber(3600))
    .option('--keepalive', 'connections are kept; else each request has its own')
    .addOption(
      new Option('--request-timeout <milliseconds>', 'until a request is given up')
        .argParser(wholeNumber(60_000))
        .default(usual.requestTimeout),
    )
    .option('--max-gap <duration>', 'exit 1 where a client was longer without an answer: 500ms, 5s', duration)
    .option('--max-failed <per cent>', 'exit 1 where more of its requests failed: 0.1%', perCent)
    .option('--junit <file>', 'write it there as JUnit too')
    .addOption(timeoutOption());
}

/** @returns milliseconds */
function duration(text: string): number {
  const milliseconds = durationOf(text);
  if (milliseconds === undefined) throw new InvalidArgumentError('It must be a duration, such as 500ms, 5s or 1m.');
  return milliseconds;
}

function perCent(text: string): number {
  const value = perCentOf(text);
  if (value === undefined) throw new InvalidArgumentError('It must be a part of a hundred, such as 0.1%.');
  return value;
}

/** A region's work is mostly waiting, so two regions a core would do; one a core leaves room for the clusters themselves. */
export function concurrencyOption(): Option {
  const cores = Math.max(2, availableParallelism());
  return new Option('--concurrency <regions>', 'regions that work at once')
    .argParser(wholeNumber(mostRegions))
    .default(cores, `one a core, at least 2: ${cores}`);
}

/** Of an option: whole days, from none to a hundred years. */
export function days(text: string): number {
  const value = /^\d{1,5}$/.test(text) ? Number(text) : Infinity;
  if (value > 36_500) throw new InvalidArgumentError('It must be a whole number of days from 0 to 36500.');
  return value;
}

/** Digits alone: JavaScript takes 1e3 and 0x10 for numbers too. */
export function wholeNumber(most: number, meaning = ''): (text: string) => number {
  return (text) => {
    const value = /^[1-9]\d*$/.test(text) ? Number(text) : Infinity;
    if (value > most) throw new InvalidArgumentError(`It must be a whole number from 1 to ${most}${meaning}.`);
    return value;
  };
}

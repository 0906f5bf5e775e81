import { Argument, type Command, Option } from 'commander';
import * as flags from './flags.ts';
import type { BundleOptions, DegradeOptions, ScenarioOptions } from './options.ts';
import type { Io } from './io.ts';

/**
 * `clustermesh-lab` and its commands. Each loads its code when it is asked for, so that `--help` loads none.
 * @param done takes the exit code of the command that ran
 */
export function commandLine(io: Io, done: (exitCode: number) => void): Command {
  /** The action of a command: loads its function, and calls it with the options. */
  const does =
    <Options>(load: () => Promise<(given: Options, io: Io) => number | Promise<number>>) =>
    async (given: Options): Promise<void> => {
      const run = await load();
      done(await run(given, io));
    };
  const program = flags.program(
    'clustermesh-lab',
    'A multi-cluster Kubernetes lab from one file: kind, Cilium ClusterMesh and MetalLB, one cluster per region.',
  );
  program
    .command('synth')
    .description('Write the YAML of the lab into dist/, to be reviewed and applied.')
    .usage('[options]')
    // all of them are main.ts's own, --help too
    .argument('[options...]')
    .allowUnknownOption()
    .helpOption(false)
    .action(does<string[]>(async () => (await import('./synth.ts')).passToSynth));
  flags
    .command(program, 'plan', 'Print each step of a deploy with run or skip and why. Touches nothing.')
    .addOption(flags.regionOption())
    .addOption(flags.skipTestOption())
    .addOption(flags.atOnceOption())
    .addOption(flags.ignoreOption())
    .option('--detailed-exitcode', 'exit 0 where nothing is to do, 3 where there are steps to run')
    .action(does(async () => (await import('./plan.ts')).showPlan));
  flags
    .command(
      program,
      'deploy',
      'Build the lab: observe what exists, plan what is missing, run it. Safe to run again at any time.',
    )
    .addOption(flags.regionOption())
    .addOption(flags.skipTestOption())
    .addOption(flags.atOnceOption())
    .addOption(flags.yesOption('accept another subnet where the one of lab.yaml is taken'))
    .addOption(flags.adoptOption())
    .addOption(flags.ignoreOption())
    .option('--bundle <file>', 'build it from what npm run bundle wrote: nothing is downloaded')
    .addOption(flags.timeoutOption())
    .addOption(flags.concurrencyOption())
    .action(does(async () => (await import('./deploy.ts')).deploy));
  flags
    .command(
      program,
      'bundle',
      'Write one file with all that the lab is made of: programs, chart, manifest, images; for a machine without a network.',
    )
    .argument('<file>', 'the file to write')
    .addOption(flags.timeoutOption())
    .action(async (file: string, given: Omit<BundleOptions, 'file'>) => {
      const { bundle } = await import('./bundle.ts');
      done(await bundle({ ...given, file }, io));
    });
  flags
    .command(
      program,
      'status',
      'Show the whole lab on one screen: regions, nodes, Cilium, addresses, mesh. Touches nothing.',
    )
    .option('--check', 'exit 1 where something is not as it should be')
    .action(does(async () => (await import('./status.ts')).showStatus));
  flags
    .command(
      program,
      'verify',
      'Try every path between the regions: pods, services, names, addresses, full-size packets, and what is to be shut.',
    )
    .addOption(flags.regionOption())
    .option('--watch', 'again and again, until it is stopped; shows what changes')
    .option('--junit <file>', 'write the outcome as JUnit XML too')
    .action(does(async () => (await import('./verify.ts')).verify));
  flags
    .command(
      program,
      'doctor',
      'Look at this machine: will the lab work on it, and if not, what to type. Each deploy does so too. Touches nothing.',
    )
    .addOption(flags.ignoreOption())
    .action(does(async () => (await import('./doctor.ts')).doctor));
  flags
    .command(program, 'pause', 'Stop the nodes, for the night: nothing of the lab is lost.')
    .addOption(flags.regionOption())
    .addOption(flags.adoptOption())
    .addOption(flags.timeoutOption())
    .action(does(async () => (await import('./pause.ts')).pause));
  flags
    .command(program, 'resume', 'Start the nodes again, wait until all is up, and try every path between the regions.')
    .addOption(flags.regionOption())
    .addOption(flags.adoptOption())
    .addOption(flags.timeoutOption())
    .action(does(async () => (await import('./resume.ts')).resume));
  flags
    .command(program, 'destroy', "Remove the lab's clusters, network and files, and nothing else.")
    .addOption(flags.regionOption())
    .addOption(flags.yesOption('do not ask'))
    .addOption(flags.adoptOption())
    .action(does(async () => (await import('./destroy.ts')).destroy));
  flags
    .command(
      program,
      'tools',
      "Show the lab's programs: version, where each is, checksum. Downloads those that are missing, and does nothing else.",
    )
    .option('--prune', 'remove downloads of other versions, and what broken downloads have left')
    .action(does(async () => (await import('./tools.ts')).showTools));
  flags
    .command(
      program,
      'cache',
      'Show the caches of registries, which all labs share, and what they hold. Removes nothing unless told to.',
    )
    .addOption(
      new Option('--prune <days>', 'remove the images that no lab has asked for within so many days; 0: all').argParser(
        flags.days,
      ),
    )
    .action(does(async () => (await import('./cache.ts')).showCaches));
  flags
    .command(
      program,
      'scenario',
      'Show the scenarios of lab.yaml with their state, or bring one up, or take it down: up NAME, down NAME.',
    )
    .addArgument(new Argument('[action]', 'what to do with a scenario').choices(['up', 'down']))
    .argument('[name]', 'the scenario')
    .addOption(flags.regionOption())
    .addOption(flags.timeoutOption())
    .action(async (action: ScenarioOptions['action'], name: string | undefined, given: ScenarioOptions) => {
      const { scenario } = await import('./scenario.ts');
      done(await scenario({ ...given, ...(action && { action }), ...(name !== undefined && { name }) }, io));
    });
  flags
    .failoverOptions(
      flags.command(
        program,
        'failover',
        'Bring faults about under load, undo them, and tell what clients saw: what failed, for how long, when all was well.',
      ),
    )
    .action(does(async () => (await import('./failover.ts')).failover));
  flags
    .command(
      program,
      'degrade',
      'Put a worse network of lab.yaml between regions, on PROFILE, or take it off, and measure round trips before and after.',
    )
    .addArgument(new Argument('<action>', 'what to do').choices(['on', 'off']))
    .argument('[profile]', 'of degrade: in lab.yaml; off needs none')
    .addOption(flags.timeoutOption())
    .action(async (action: DegradeOptions['action'], profile: string | undefined, given: DegradeOptions) => {
      const { degrade } = await import('./degrade.ts');
      done(await degrade({ ...given, action, ...(profile !== undefined && { profile }) }, io));
    });
  flags
    .command(
      program,
      'report',
      'Write one HTML page of the lab: regions, paths, failovers, the deploy step by step; from what runs have recorded.',
    )
    .option('--out <file>', 'the page to write (default: report.html in .lab/NAME/)')
    .option('--no-look', 'do not ask what exists now')
    .option('--open', 'show it in the browser')
    .action(does(async () => (await import('./report.ts')).report));
  flags
    .subcommand(
      program,
      'draw',
      'Draw the lab as an SVG picture: its docker network, a card for each region, the mesh between them.',
    )
    .option('--lab <file>', 'the lab', 'lab.yaml')
    .option('--dist <folder>', 'the synthesized YAML (default: dist/ beside the lab file)')
    .option('--out <file>', 'the picture to write (default: lab.svg beside the lab)')
    .action(does(async () => (await import('./draw.ts')).draw));
  return program;
}

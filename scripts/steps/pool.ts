import { wholeCluster } from '../observe/observed.ts';
import { apply, replace } from '../tools/kubectl.ts';
import type { Command } from '../tools/command.ts';
import { CommandError, lines } from '../tools/command-error.ts';
import { poolDifferences } from './pool-objects.ts';
import { type RegionStep, run, skip, type Work } from './step.ts';
import { waitFor } from './wait.ts';

/**
 * Ways in which the API server says that MetalLB's webhook is not up yet (metallb#1540, #1597, #1612, #1669, #1697, #2622):
 * whatever keeps it from being called. A webhook that was called and says no is another thing.
 */
const notYet = [
  /failed calling webhook "[\w-]*validationwebhook\.metallb\.io"/,
  /no matches for kind "(IPAddressPool|L2Advertisement)" in version "metallb\.io/,
];

/** The region's address pool and its announcement. A webhook that cannot be called yet is waited for, up to the deadline. */
export const pool: RegionStep = {
  name: 'pool',
  title: 'give the region its address pool',
  scope: 'region',
  after: ['metallb'],
  decide({ region, wanted, cluster }) {
    if (cluster === undefined || cluster.poolObjects.size === 0) return run('not there');
    const differing = poolDifferences(cluster, wanted).map(({ name, where }) => `${name} (${where})`);
    return differing.length === 0 ? skip(`${region.pool}`) : run(`not as in dist/: ${differing.join(', ')}`);
  },
  takes: 'nothing',
  async run(work, region, wanted) {
    const { paths, observed } = work;
    const files = [
      paths.manifest(region.name, 'ipaddresspool.yaml'),
      paths.manifest(region.name, 'l2advertisement.yaml'),
    ];
    await called(work, apply(paths.target(region), files));
    const cluster = wholeCluster(region, observed.regions.get(region.name));
    const isChanged = cluster !== undefined && poolDifferences(cluster, wanted).some(({ exists }) => exists);
    // apply keeps what somebody else has added
    if (isChanged) await called(work, replace(paths.target(region), files));
  },
};

/** Runs a command that MetalLB's webhook must answer. */
async function called(work: Work, command: Command): Promise<void> {
  const applied = async (): Promise<string | undefined> => {
    const outcome = await work.attempt(command);
    if (outcome.ended === 'exit' && outcome.exitCode === 0) return undefined;
    if (!notYet.some((known) => known.test(outcome.stderr))) throw new CommandError(outcome);
    return lines(outcome.stderr).at(-1) ?? 'no answer';
  };
  // kubectl calls it an internal error; it is how every MetalLB begins
  await waitFor(work, "MetalLB's webhook", applied, 'not up yet');
}

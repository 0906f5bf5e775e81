import { apply } from '../tools/kubectl.ts';
import { CommandError, lines } from '../tools/command-error.ts';
import { type RegionStep, run, skip } from './step.ts';
import { includes } from './values.ts';
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
    const differing = [...wanted.poolObjects].filter(([name, spec]) => !includes(cluster.poolObjects.get(name), spec));
    if (differing.length === 0) return skip(`${region.pool}`);
    return run(`not as in dist/: ${differing.map(([name]) => name).join(', ')}`);
  },
  takes: 'nothing',
  async run(work, region) {
    const { paths } = work;
    const files = [paths.manifest(region.name, 'ipaddresspool'), paths.manifest(region.name, 'l2advertisement')];
    const command = apply(paths.target(region), files);
    await waitFor(work, "MetalLB's webhook", async () => {
      const outcome = await work.attempt(command);
      if (outcome.ended === 'exit' && outcome.exitCode === 0) return undefined;
      if (!notYet.some((known) => known.test(outcome.stderr))) throw new CommandError(outcome);
      return lines(outcome.stderr).at(-1) ?? 'no answer';
    });
  },
};

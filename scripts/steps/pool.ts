import { poolFilesOf } from '../../lab/generated.ts';
import type { LoadBalancer } from '../../lab/lab.ts';
import { wholeCluster } from '../observe/observed.ts';
import { apply, replace, rolloutStatus } from '../tools/kubectl.ts';
import type { Command } from '../tools/command.ts';
import { CommandError, lines } from '../tools/command-error.ts';
import { poolDifferences } from './pool-objects.ts';
import { type RegionStep, run, skip, waitAgain, type Work } from './step.ts';
import { waitFor, waitingFor } from './wait.ts';

/** What must be there before a pool is taken, and the ways in which the API server says that it is not yet. */
const taker: Readonly<Record<LoadBalancer, { what: string; normal: string; notYet: readonly RegExp[] }>> = {
  metallb: {
    what: "MetalLB's webhook",
    // kubectl calls it an internal error; it is how every MetalLB begins
    normal: 'not up yet',
    // metallb#1540, #1597, #1612, #1669, #1697, #2622: whatever keeps the webhook from being called, not what it answers
    notYet: [
      /failed calling webhook "[\w-]*validationwebhook\.metallb\.io"/,
      /no matches for kind "(IPAddressPool|L2Advertisement)" in version "metallb\.io/,
    ],
  },
  cilium: {
    what: "Cilium's CRDs",
    normal: 'its operator has not registered them yet',
    notYet: [
      /no matches for kind "Cilium(LoadBalancerIPPool|L2AnnouncementPolicy)" in version "cilium\.io/,
      // registered, and not served yet
      /the server could not find the requested resource/,
      // those of Cilium 1.14, in the middle of an upgrade
      /CiliumLoadBalancerIPPool: strict decoding error: unknown field "spec\.blocks"/,
    ],
  },
};

/**
 * The region's address pool and its announcement, until somebody announces. Who cannot take them yet is waited for, up to the
 * deadline.
 */
export const pool: RegionStep = {
  name: 'pool',
  title: 'give the region its address pool',
  needsNodes: true,
  scope: 'region',
  after: ['metallb', 'cluster'],
  decide({ region, wanted, cluster, runs }) {
    if (cluster === undefined || cluster.poolObjects.size === 0) return run('not there');
    const differing = poolDifferences(cluster, wanted).map(({ name, where }) => `${name} (${where})`);
    if (differing.length > 0) return run(`not as in dist/: ${differing.join(', ')}`);
    return runs('metallb', region) ? waitAgain('metallb runs before: looked at again') : skip(`${region.pool}`);
  },
  takes: 'nothing',
  reaches: 'the pool',
  async run(work, region, wanted) {
    const { paths, observed } = work;
    const files = poolFilesOf(work.lab).map((file) => paths.manifest(region.name, file));
    await called(work, apply(paths.target(region), files));
    const cluster = wholeCluster(region, observed.regions.get(region.name));
    const isChanged = cluster !== undefined && poolDifferences(cluster, wanted).some(({ exists }) => exists);
    // apply keeps what somebody else has added
    if (isChanged) await called(work, replace(paths.target(region), files));
    work.reached();
  },
  async wait({ lab, paths, patienceSeconds, ...work }, region) {
    if (lab.loadBalancer !== 'metallb') return;
    work.progress(waitingFor(work, "MetalLB's speakers"));
    await work.run(rolloutStatus(paths.target(region), 'metallb-system', 'daemonset/speaker', patienceSeconds));
  },
};

/** Runs a command as soon as pools are taken. */
async function called(work: Work, command: Command): Promise<void> {
  const { what, normal, notYet } = taker[work.lab.loadBalancer];
  const applied = async (): Promise<string | undefined> => {
    const outcome = await work.attempt(command);
    if (outcome.ended === 'exit' && outcome.exitCode === 0) return undefined;
    if (!notYet.some((known) => known.test(outcome.stderr))) throw new CommandError(outcome);
    return lines(outcome.stderr).at(-1) ?? 'no answer';
  };
  await waitFor(work, what, applied, normal);
}

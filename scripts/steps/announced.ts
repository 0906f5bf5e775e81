import type { Region } from '../../lab/lab.ts';
import { announcements, unannounced } from '../observe/announced.ts';
import { annotate, getEverywhere, parseObjects } from '../tools/kubectl.ts';
import type { Work } from './step.ts';
import { waitFor } from './wait.ts';

/** The one policy of a region: constructs/lb-ipam.ts. */
const POLICY = 'ciliuml2announcementpolicy/default';

/** Milliseconds after which those that nobody answers for are told anew: as a rule an agent does within three seconds. */
const PATIENCE = 5000;

/**
 * Waits until the LoadBalancer addresses in a namespace are given, and an agent answers for each. Agents of Cilium 1.20
 * miss an address that is given after they have read the policy: they look at Services that change, and an address is no change
 * of a Service (pkg/l2announcer and pkg/loadbalancer/writer of v1.20.0, not yet of v1.18.0-pre.3; seen, for 15 minutes). A policy
 * that changes makes them look at all of them again.
 */
export async function untilAnnounced(work: Work, region: Region, inNamespace: string): Promise<void> {
  const target = work.paths.target(region);
  let told = Date.now();
  await waitFor(work, `${region.name}'s LoadBalancer addresses`, async () => {
    const objects = await work.queries.read(getEverywhere(target, `services,${announcements}`), parseObjects);
    const { bare, silent } = unannounced(objects, inNamespace);
    if (silent.length > 0 && Date.now() - told > PATIENCE) {
      told = Date.now();
      await work.run(annotate(target, POLICY, 'clustermesh-lab/told-again', new Date(told).toISOString()));
    }
    const missing = [
      ...bare.map((name) => `${name} has none`),
      ...silent.map((name) => `nobody answers for that of ${name}`),
    ];
    return missing.length === 0 ? undefined : missing.join(', ');
  });
}

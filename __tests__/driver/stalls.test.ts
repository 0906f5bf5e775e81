import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { copySite, makeDeployedSite, type Site } from './drive.ts';
import { trouble } from './world.ts';

let living: Site;
beforeAll(async () => {
  living = await makeDeployedSite();
});
afterAll(() => {
  living.dispose();
});

const coming = (reason: string, message: string, more: Record<string, unknown> = {}) => ({
  ...{ phase: 'Pending', conditions: [{ type: 'Ready', status: 'False' }] },
  containerStatuses: [{ name: 'main', restartCount: 0, state: { waiting: { reason, message } }, ...more }],
});

/** `cilium status --wait` sees a workload that is not up, and says so after 15 minutes. */
const waits = {
  tool: 'cilium',
  match: 'status --context kind-region-athens --wait',
  times: 1,
  hangSeconds: 900,
} as const;

async function deployWith(...[workload, status, event]: [string, Record<string, unknown>, string?]) {
  const site = copySite(living);
  site.bench.edit((world) => trouble(world, 'region-athens', workload, status, event));
  site.bench.setFaults([waits]);
  const began = performance.now();
  const { exit, stdout } = await site.run('deploy', '--skip-test');
  const text = site.plain(stdout);
  return { site, exit, seconds: (performance.now() - began) / 1000, failure: text.slice(text.indexOf('\n✗ ') + 1) };
}

describe('GIVEN a pod that does not come up, and a program that would wait for it', () => {
  it.each([
    {
      given: 'an image that no node can pull',
      workload: 'Deployment/hubble-relay',
      status: coming('ImagePullBackOff', 'Back-off pulling image "quay.io/cilium/hubble-relay:v9"'),
      event: undefined,
    },
    {
      given: 'a volume that nobody makes',
      workload: 'Deployment/clustermesh-apiserver',
      status: coming('PodInitializing', ''),
      event: 'MountVolume.SetUp failed for volume "etcd-users-config" : configmap "clustermesh-remote-users" not found',
    },
  ])(
    'WHEN it is $given THEN the wait ends within a minute, with the reason',
    async ({ workload, status, event, given }) => {
      const { site, exit, seconds, failure } = await deployWith(workload, status, event);

      expect(exit).toBe(1);
      expect(seconds).toBeLessThan(100);
      await expect(failure).toMatchFileSnapshot(`golden/stalls/${given.replaceAll(' ', '-')}.txt`);

      // what was wrong is put right
      site.bench.edit((world) => trouble(world, 'region-athens', 'none', {}));
      expect((await site.run('deploy', '--skip-test')).exit).toBe(0);
    },
  );
});

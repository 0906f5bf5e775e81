import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { changes, find } from './calls.ts';
import { makeSite, type Site, withoutEvidence } from './drive.ts';

const applyPool = 'region-athens/ipaddresspool.yaml';

describe('GIVEN a region whose etcd has no leader for a moment', () => {
  it('WHEN the manifest of MetalLB is applied THEN it is applied again, and the deploy goes on', async () => {
    const site = await makeSite();
    onTestFinished(() => {
      site.dispose();
    });
    const stderr = 'Error from server: error when creating "metallb-native.yaml": etcdserver: request timed out\n';
    site.bench.setFaults([{ tool: 'kubectl', match: 'region-athens apply … metallb', times: 2, exit: 1, stderr }]);

    const { exit } = await site.events('deploy', '--skip-test');

    expect(exit).toBe(0);
    expect(find(changes(site), 'kubectl', 'region-athens apply … metallb').length).toBeGreaterThanOrEqual(3);
  });
});

describe('GIVEN a region without MetalLB', () => {
  it('THEN it finds the pool when it comes, and nobody waits for its webhook', async () => {
    const site = await makeSite(undefined, { webhookFailures: 99 });
    onTestFinished(() => {
      site.dispose();
    });

    expect((await site.run('deploy', '--skip-test')).exit).toBe(0);
    const ofAthens = changes(site).filter(({ args }) => args.includes('kind-region-athens'));
    const order = ofAthens.flatMap(
      ({ args }) => /metallb-kinds|ipaddresspool\.yaml|metallb-native/.exec(args.join(' '))?.[0] ?? [],
    );
    expect(order).toEqual(['metallb-kinds', 'ipaddresspool.yaml', 'metallb-native', 'ipaddresspool.yaml']);
  });
});

describe("GIVEN MetalLB's webhook that is not up for the first calls", () => {
  let site: Site;
  beforeAll(async () => {
    site = await makeSite(undefined, { webhookFailures: 4 });
  });
  afterAll(() => {
    site.dispose();
  });

  it('WHEN the error is none of the known "not yet" THEN the step fails at once', async () => {
    const stderr =
      'Error from server: admission webhook "ipaddresspoolvalidationwebhook.metallb.io" denied the request: CIDR "172.19.255.1/32" in pool "default-pool" overlaps with already defined CIDR "172.19.255.0/24"\n';
    site.bench.setFaults([{ tool: 'kubectl', match: applyPool, times: 99, exit: 1, stderr }]);
    const { exit, stdout } = await site.run('deploy', '--skip-test');

    expect(exit).toBe(1);
    expect(withoutEvidence(stdout.slice(stdout.indexOf('\n  cause')))).toBe(`
  cause   MetalLB refuses the pool: another pool in this cluster holds some of its addresses
  remedy  kubectl get ipaddresspools -A shows them; remove the other one, or give this region another pool
  log     .lab/test-lab/logs/region-athens-pool.log
`);
    // once before MetalLB, where it may fail, and once after it
    expect(find(changes(site), 'kubectl', applyPool)).toHaveLength(2);
  });

  it('WHEN it says one of the known "not yet" THEN the pools are applied until they are taken', async () => {
    site.bench.setFaults([
      {
        tool: 'kubectl',
        match: applyPool,
        times: 1,
        exit: 1,
        stderr:
          'error: resource mapping not found for name: "default-pool" namespace: "metallb-system" from "F": no matches for kind "IPAddressPool" in version "metallb.io/v1beta1"\nensure CRDs are installed first\n',
      },
    ]);
    const { exit, events } = await site.events('deploy', '--skip-test');
    const waits = events.flatMap((event) =>
      event.event === 'step-progress' &&
      event.step === 'pool' &&
      event.line.endsWith("for MetalLB's webhook: not up yet")
        ? [event.region]
        : [],
    );

    expect(exit).toBe(0);
    // once for the missing kind, twice for four failures of two objects
    expect(find(changes(site), 'kubectl', applyPool)).toHaveLength(2 + 1 + 2 + 1);
    expect(waits.filter((region) => region === 'region-athens')).toHaveLength(3);
  });
});

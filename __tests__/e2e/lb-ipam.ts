import { beforeAll, expect, it } from 'vitest';
import type { StackName } from '../../lab/stacks.ts';
import { describeLab } from './describe-lab.ts';

const [athens, hurup] = ['e2e-athens', 'e2e-hurup'] as const;
const regions = [athens, hurup];
const system = ['--namespace', 'kube-system'];

/** LoadBalancer addresses by Cilium's own LB-IPAM and L2 announcements, without MetalLB. */
export function lbIpam(stack: StackName): void {
  describeLab('LoadBalancer addresses by Cilium', { name: 'e2e-lb-ipam', stack, regions }, (lab) => {
    /** Whether this machine gets an answer from the Hubble UI of a region, at its LoadBalancer address. */
    const answers = async (region: string): Promise<boolean> => {
      const address = (await lab.status()).find((each) => each.region === region)?.hubbleUi ?? '';
      return fetch(`http://${address}/`, { signal: AbortSignal.timeout(3000) }).then(
        ({ ok }) => ok,
        () => false,
      );
    };

    beforeAll(async () => {
      await lab.write(regions, 'loadBalancer: { by: cilium }\nmesh: { method: install }\n');
    });

    it('WHEN it is deployed THEN every address is of its own pool, and the mesh stands on them', async () => {
      const ran = await lab.deploy('--yes', '--skip-test');

      expect(ran.filter((id) => id.endsWith('/metallb'))).toEqual([]);
      expect(ran).toContain('paths');
      await lab.expectWholeMesh();
      expect(await lab.deploy('--skip-test')).toEqual([]);
    });

    it('AND they are answered for on the docker network', async () => {
      for (const region of regions) await expect.poll(() => answers(region), { timeout: 30_000 }).toBe(true);
    });

    it('WHEN the agent that answers for an address is gone THEN another does, or the next one', async () => {
      const lease = 'lease/cilium-l2announce-kube-system-hubble-ui';
      const node = await lab.kubectl(athens, ...system, 'get', lease, '--output=jsonpath={.spec.holderIdentity}');
      expect(node).toMatch(/^e2e-athens-/);
      await lab.kubectl(
        athens,
        ...[...system, 'delete', 'pod', '--selector', 'k8s-app=cilium', '--field-selector', `spec.nodeName=${node}`],
        ...['--grace-period=0', '--force'],
      );

      await expect.poll(() => answers(athens), { timeout: 120_000, interval: 1000 }).toBe(true);
      expect(await lab.causes()).toEqual([]);
    });
  });
}

import { beforeAll, expect, it } from 'vitest';
import type { StackName } from '../../lab/stacks.ts';
import { describeLab } from './describe-lab.ts';
import { scenario } from './real-lab.ts';

const [athens, hurup] = ['e2e-athens', 'e2e-hurup'];
const regions = [athens, hurup];
const scenarios = `scenarios: { ${scenario}: {}, policy: { allow: [${hurup}] } }\n`;

/** A lab on the real programs of a stack, its mesh part of the first Helm install. */
export function installMesh(stack: StackName): void {
  describeLab('a lab whose mesh is part of the first Helm install', { name: 'e2e-install', stack, regions }, (lab) => {
    beforeAll(async () => {
      await lab.write(regions, `mesh: { method: install }\n${scenarios}`);
    });

    it('WHEN it is deployed, killed in the middle of cilium and deployed again THEN it is connected AND tested, without enable or connect', async () => {
      await lab.deployKilledAt('cilium', 900);

      const ran = await lab.deploy('--yes');

      expect(ran).toContain('test');
      expect(ran.filter((id) => /enable|connect/.test(id))).toEqual([]);
    });

    it('AND the global Service is answered by both regions', async () => {
      await lab.expectScenariosUp(regions, [scenario, 'policy']);
      await lab.expectAnswersOf(regions, 'e2e-hurup');
    });

    it('AND a policy by region lets in the clients of one region, and not those of the other', async () => {
      await expect.poll(() => lab.getsIn(hurup, athens), { timeout: 60_000 }).toBe(true);
      expect(await lab.getsIn(athens, hurup)).toBe(false);
      expect(await lab.getsIn(athens, athens)).toBe(true);
      expect(await lab.getsIn(hurup, hurup)).toBe(true);
    });

    it('AND a second deploy runs nothing', async () => {
      expect(await lab.deploy()).toEqual([]);
    });

    it('WHEN somebody has scaled Hubble UI to zero and made a pool give nothing THEN a deploy puts back these alone', async () => {
      const hubbleUi = [
        '--namespace',
        'kube-system',
        'get',
        'deployment/hubble-ui',
        '--output',
        'jsonpath={.status.readyReplicas}',
      ];
      const pool = [
        '--namespace',
        'metallb-system',
        'get',
        'ipaddresspool/default-pool',
        '--output',
        'jsonpath={.spec.autoAssign}',
      ];
      await lab.kubectl('e2e-athens', '--namespace', 'kube-system', 'scale', 'deployment/hubble-ui', '--replicas=0');
      await lab.kubectl(
        'e2e-hurup',
        '--namespace',
        'metallb-system',
        'patch',
        'ipaddresspool/default-pool',
        '--type=merge',
        '--patch={"spec":{"autoAssign":false}}',
      );

      const ran = await lab.deploy('--skip-test');

      expect(ran.sort()).toEqual(['e2e-athens/cilium', 'e2e-athens/ready', 'e2e-hurup/pool', 'paths']);
      expect(await lab.kubectl('e2e-athens', ...hubbleUi)).toBe('1');
      expect(await lab.kubectl('e2e-hurup', ...pool)).toBe('true');
    });
  });
}

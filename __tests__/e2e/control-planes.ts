import { beforeAll, expect, it } from 'vitest';
import type { StackName } from '../../lab/stacks.ts';
import { describeLab } from './describe-lab.ts';
import { loadBalancers } from './kit.ts';
import { withScenario } from './real-lab.ts';

const [planes, other] = ['e2e-athens', 'e2e-hurup'];
const regions = [planes, other];

/** A lab on the real programs of a stack, one of its regions with three control planes behind kind's load balancer. */
export function controlPlanes(stack: StackName): void {
  const images = [loadBalancers[stack]];
  describeLab('a region with three control planes', { name: 'e2e-planes', stack, regions, images }, (lab) => {
    beforeAll(async () => {
      const nodes = { [planes]: 'controlPlanes: 3, workers: 1', [other]: 'workers: 0' };
      await lab.write(regions, `mesh: { method: install }\n${withScenario}`, nodes);
    });

    it('WHEN the driver is killed in the middle of cluster THEN the next deploy makes it anew, connects and tests it', async () => {
      await lab.deployKilledAt('cluster', 20_000);

      const ran = await lab.deploy('--yes');

      expect(ran).toContain(`${planes}/cluster`);
      expect(ran).toContain('test');
      await lab.expectWholeMesh();
    });

    it('AND a second deploy runs nothing', async () => {
      expect(await lab.deploy()).toEqual([]);
    });

    it('AND both regions answer for the global Service', async () => {
      await lab.expectScenariosUp(regions);
      await lab.expectAnswersOf(regions, planes);
    });

    it('WHEN the first control plane stops THEN the API server still answers, AND a deploy names what to start', async () => {
      await lab.docker('stop', `${planes}-control-plane`);

      await expect
        .poll(async () => (await lab.status())[0], { timeout: 120_000, interval: 2_000 })
        .toMatchObject({ state: 'up', nodesReady: 3, nodes: 4 });
      const { exit, stderr } = await lab.run('deploy');
      expect({ exit, stderr }).toEqual({
        exit: 2,
        stderr: expect.stringContaining(`docker start ${planes}-control-plane;`) as string,
      });
    });

    it('WHEN it is started again THEN all is well, and a deploy has nothing to do', async () => {
      await lab.docker('start', `${planes}-control-plane`);

      // its pods come back one after the other: the last is a plan that finds nothing to do
      await expect
        .poll(async () => (await lab.run('plan', '--detailed-exitcode')).exit, { timeout: 600_000, interval: 2_000 })
        .toBe(0);
      expect(await lab.deploy()).toEqual([]);
      await lab.expectWholeMesh();
    });

    it('WHEN the lab is destroyed THEN nothing of it is left, the load balancer neither', async () => {
      const { exit } = await lab.run('destroy', '--yes');

      expect(exit).toBe(0);
      await lab.expectNothingLeft(regions);
    });
  });
}

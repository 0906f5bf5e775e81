import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StackName } from '../../lab/stacks.ts';
import { livingContract } from '../contract/living.ts';
import { describeLab } from './describe-lab.ts';
import { type RealLab, scenario, withScenario } from './real-lab.ts';

const two = ['e2e-athens', 'e2e-hurup'];
const three = [...two, 'e2e-chania'];
const foreign = 'e2e-foreign';

/** With a value that restarts all agents. */
const changedTo = (events: number): string =>
  `${withScenario}cilium: { values: { hubble: { eventBufferCapacity: "${events}" } } }\n`;

/** A lab's whole life on the real programs of a stack, its mesh made by the Cilium CLI; with a later life of it, where it `changes`. */
export function cliMesh(stack: StackName, { changes }: { changes: boolean }): void {
  describeLab('a lab meshed by the Cilium CLI', { name: 'e2e-cli', stack, regions: three }, (lab) => {
    let before: string;

    beforeAll(async () => {
      await lab.open([foreign], [foreign]);
      await lab.createForeignCluster(foreign);
      before = await lab.foreign(foreign);
      await lab.write(two, withScenario);
    });

    afterAll(async () => {
      await lab.removeForeignCluster(foreign);
    });

    it('WHEN the driver is killed in the middle of cluster, of cilium and of connect THEN the next deploy goes on', async () => {
      await lab.deployKilledAt('cluster', 12_000);
      await lab.deployKilledAt('cilium', 900);
      await lab.deployKilledAt('connect', 4_000);

      const ran = await lab.deploy('--yes');

      expect(ran).not.toContain('e2e-athens/cluster');
      expect(ran).toContain('connect');
      expect(ran).toContain('test');
    });

    it('THEN every node is ready, every address is of its own pool, both regions are connected', async () => {
      await lab.expectWholeMesh();
    });

    it('AND a second deploy runs nothing', async () => {
      expect(await lab.deploy()).toEqual([]);
    });

    it('AND a pod of one region reaches a pod of the other, and both answer for the global Service', async () => {
      await lab.expectScenariosUp(two);
      const pods = ['--selector', 'app=server'];
      const address = await lab.inScenario(
        'e2e-hurup',
        'get',
        'pods',
        ...pods,
        '--output=jsonpath={.items[0].status.podIP}',
      );
      expect(await lab.answerFrom('e2e-athens', `${address}:8080`)).toBe('e2e-hurup');

      await lab.expectAnswersOf(two, 'e2e-athens');

      await lab.inScenario('e2e-athens', 'scale', 'deployment/server', '--replicas=0');
      await lab.inScenario('e2e-athens', 'wait', '--for=delete', 'pod', ...pods, '--timeout=120s');
      for (let request = 0; request < 10; request++) expect(await lab.answerFrom('e2e-athens')).toBe('e2e-hurup');
    });

    it('WHEN the scenario is taken down THEN nothing of it is left AND up brings it back, whole', async () => {
      expect((await lab.run('scenario', 'down', scenario)).exit).toBe(0);
      for (const region of two)
        expect(await lab.kubectl(region, 'get', 'namespace', scenario, '--ignore-not-found')).toBe('');

      expect((await lab.run('scenario', 'up', scenario)).exit).toBe(0);
      await lab.expectScenariosUp(two);
      await lab.expectAnswersOf(two, 'e2e-athens');
    });

    if (changes) laterLife(lab);

    if (changes)
      describe('beside the same lab of the stand-ins', () => {
        livingContract(() => lab.living());
      });

    it("WHEN the lab is destroyed THEN nothing of it is left AND what is not the lab's is as it was", async () => {
      const { exit } = await lab.run('destroy', '--yes');

      expect(exit).toBe(0);
      await lab.expectNothingLeft(three);
      expect(await lab.foreign(foreign)).toBe(before);
    });
  });
}

/** What an owner changes in a lab that lives. */
function laterLife(lab: RealLab): void {
  it('WHEN a value changes in lab.yaml THEN one region after the other is changed, under load, AND the mesh stays', async () => {
    await lab.write(two, changedTo(8191));

    const ran = await lab.deploy('--skip-test');

    expect(ran).toEqual([...two.map((name) => `${name}/upgrade`), 'paths']);
    // done means done: the links stand at once
    expect((await lab.status()).map(({ links }) => Object.values(links))).toEqual([['2/2'], ['2/2']]);
  });

  it('WHEN a node stands still meanwhile THEN no other region is touched AND the next deploy goes on', async () => {
    await lab.write(two, changedTo(4095));

    const { exit, events } = await lab.deployMeanwhile(
      (event) => event.event === 'step-progress' && event.step === 'upgrade' && event.line.includes('the Helm upgrade'),
      async () => {
        await lab.docker('pause', 'e2e-hurup-worker');
        await sleep(10_000);
        await lab.docker('unpause', 'e2e-hurup-worker');
      },
    );

    expect(exit).toBe(1);
    const failed = events.flatMap((event) => (event.event === 'step-failed' ? [event] : []));
    expect(failed.map(({ step, region }) => `${region ?? ''}/${step}`)).toEqual(['e2e-athens/upgrade']);
    console.log([failed[0]?.failure.reason, ...(failed[0]?.failure.lastLines ?? [])].join('\n'));
    expect(failed[0]?.failure.reason).toMatch(
      /^e2e-athens is changed, and not without loss .* none after it was touched$/,
    );
    expect(failed[0]?.failure.lastLines.join('\n')).toMatch(/pod e2e-\S+ → e2e-hurup-worker: \d+ of \d+ requests lost/);
    expect(failed[0]?.failure.remedy).toMatch(/or helm rollback cilium \d+ --namespace kube-system /);

    expect(await lab.deploy('--skip-test')).toEqual(['e2e-hurup/upgrade', 'paths']);
  });

  it('WHEN a region is added to the living lab THEN only it is built, and connected to all', async () => {
    const nodesOfAthens = (): Promise<string> =>
      lab.docker('ps', '--no-trunc', '--quiet', '--filter', 'label=io.x-k8s.kind.cluster=e2e-athens');
    const nodes = await nodesOfAthens();
    await lab.write(three, changedTo(4095));

    const ran = await lab.deploy('--skip-test');

    // where the kit's nodes hold the image, there is none to load
    const made = ran.filter((id) => !/image|load|pull/.test(id));
    const ofChania = ['cilium', 'cluster', 'enable', 'metallb', 'pool', 'ready'].map((step) => `e2e-chania/${step}`);
    // some of them at the same time
    expect(made.slice(0, -3).toSorted()).toEqual(ofChania);
    expect(made.at(-3)).toBe('connect');
    expect(made.slice(-2).toSorted()).toEqual(['e2e-chania/scenario', 'paths']);
    expect(await nodesOfAthens()).toBe(nodes);
    await lab.expectWholeMesh();
  });
}

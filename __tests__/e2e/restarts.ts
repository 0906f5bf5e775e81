import { beforeAll, describe, expect, it } from 'vitest';
import { noEngine, restartEngine } from './engine.ts';
import type { RealLab } from './real-lab.ts';

/**
 * What a lab lives through: a night, somebody who starts its containers in another order, another Docker Engine under it.
 * @param network of the lab, whose scenario is up
 */
export function restarts(lab: RealLab, network: string, regions: readonly string[]): void {
  describe('which is stopped and started', () => {
    const names = async (): Promise<string[]> => {
      const all = await lab.docker('ps', '--all', '--filter', `network=${network}`, '--format', '{{.Names}}');
      return all.split('\n').toSorted();
    };
    const addresses = async (): Promise<string> =>
      lab.docker(
        ...['inspect', '--format', '{{.Name}} {{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}'],
        ...(await names()),
      );
    let before: string;

    beforeAll(async () => {
      before = await addresses();
    });

    const expectAsBefore = async (): Promise<void> => {
      expect(await addresses()).toBe(before);
      await lab.expectWholeMesh();
      await lab.expectScenariosUp(regions);
      for (const region of regions) await lab.expectAnswersOf(regions, region);
    };

    it('WHEN it is paused THEN nothing of it runs AND WHEN it is resumed THEN it is whole', async () => {
      expect((await lab.run('pause')).exit).toBe(0);
      expect(await lab.docker('ps', '--quiet', '--filter', `network=${network}`)).toBe('');

      const { exit, stderr } = await lab.run('resume');
      expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
      await expectAsBefore();
    });

    it('WHEN its containers are stopped, and started in reversed order THEN a deploy makes nothing again', async () => {
      await lab.docker('stop', ...(await names()));
      await lab.docker('start', ...(await names()).toReversed());

      const ran = await lab.deploy('--skip-test');

      expect(ran.filter((step) => !/(start|paths)$/.test(step))).toEqual([]);
      await expectAsBefore();
    });

    it.skipIf(noEngine !== undefined)(
      `WHEN the Docker Engine is restarted THEN a deploy makes nothing again${noEngine === undefined ? '' : ` (skipped: ${noEngine})`}`,
      async () => {
        await restartEngine();

        const ran = await lab.deploy('--skip-test');

        expect(ran.filter((step) => !/(start|paths)$/.test(step))).toEqual([]);
        await expectAsBefore();
      },
    );
  });
}

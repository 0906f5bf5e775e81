import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Mirror, mirrored, mirroredVersions } from './mirror.ts';
import type { RealLab } from './real-lab.ts';

/**
 * Deploys a lab whose programs come from a mirror of this machine; where the kit does not have them, with those that are given.
 * @param write writes lab.yaml, with these lines too
 */
export function bareMachine(lab: RealLab, write: (pins: string) => Promise<void>): void {
  const { missing } = Mirror;
  const lacks = `no download of programs: the kit lacks ${missing.join(', ')}`;

  describe(missing.length === 0 ? 'on a machine with kind alone' : `on this machine (${lacks})`, () => {
    const mirror = new Mirror();

    beforeAll(async () => {
      if (missing.length > 0) return write('');
      await write(mirroredVersions);
      lab.without(mirrored, await mirror.open());
    });
    afterAll(() => {
      mirror.close();
    });

    it('WHEN it is deployed THEN the mesh stands', async () => {
      await lab.deploy('--yes', '--skip-test');
      await lab.expectWholeMesh();
    });

    it.skipIf(missing.length > 0)('THEN programs came by the mirror AND a second deploy asks nobody', async () => {
      expect(mirror.asked.filter((url) => !/\.sha256(sum)?$/.test(url))).toHaveLength(3);

      mirror.asked.length = 0;
      expect(await lab.deploy('--skip-test')).toEqual([]);
      expect(mirror.asked).toEqual([]);
    });
  });
}

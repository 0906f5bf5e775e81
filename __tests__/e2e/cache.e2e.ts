import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findKit } from './kit.ts';
import { RealLab } from './real-lab.ts';
import { fromRegistry, removeCaches, Upstream } from './registry.ts';

const name = 'e2e-cached';
const regions = ['e2e-athens', 'e2e-hurup'];
const image = 'registry:3.0.0';

const kit = findKit(process.env, 'article', [image, 'kindest/node:v1.27.3-bare']);
const missing = typeof kit === 'string' ? kit : kit.nodeImage === undefined ? 'it needs a kit' : Upstream.missing;

describe.skipIf(missing !== undefined)(
  `the stack article: images through caches${missing === undefined ? '' : ` (skipped: ${missing})`}`,
  () => {
    const upstream = new Upstream();
    let lab: RealLab;
    let once = 0;

    beforeAll(async () => {
      if (typeof kit === 'string') return;
      await upstream.start();
      removeCaches(upstream.url);
      lab = new RealLab(name, fromRegistry(kit, upstream.url, `by: cache, cache: '${image}'`));
      await lab.open(regions, [name]);
      await lab.write(regions);
    });

    afterAll(async () => {
      await lab.close();
      removeCaches(upstream.url);
      await upstream.close();
    });

    /** What a deploy costs, for docs/performance.md. */
    const deployed = async (how: string): Promise<number> => {
      upstream.forget();
      const began = performance.now();
      await lab.deploy('--yes', '--skip-test');
      const { blobs, bytes } = upstream.asked();
      const requests = [...blobs.values()].reduce((sum, count) => sum + count, 0);
      const seconds = Math.round((performance.now() - began) / 1000);
      console.log(`${how}: ${requests} blobs, ${(bytes / 1e6).toFixed(0)} MB, ${seconds} s`);
      return bytes;
    };

    it('WHEN a lab is deployed THEN the registry is asked for each blob once, whatever the number of nodes', async () => {
      once = await deployed('cache, the first time');

      const { blobs } = upstream.asked();
      expect(blobs.size).toBeGreaterThan(20);
      expect([...blobs].filter(([, count]) => count !== 1)).toEqual([]);
      await lab.expectWholeMesh();
    });

    it('WHEN it is destroyed, and deployed again THEN it is asked for none', async () => {
      expect((await lab.run('destroy', '--yes')).exit).toBe(0);
      await lab.expectNothingLeft(regions);

      await deployed('cache, the next lab');

      expect([...upstream.asked().blobs]).toEqual([]);
      await lab.expectWholeMesh();
    });

    it('WHEN it is deployed again, and no registry answers, and the caches were stopped too THEN everything comes up', async () => {
      expect((await lab.run('destroy', '--yes')).exit).toBe(0);
      await upstream.stop();
      removeCaches(upstream.url, true);

      await lab.deploy('--yes', '--skip-test');

      await lab.expectWholeMesh();
      expect(await lab.causes()).toEqual([]);
    });

    it.each([
      { by: 'nodes', agent: undefined, what: 'more is asked for: every node asks for itself' },
      { by: 'preload', agent: 'cilium/cilium:v1.14.2', what: 'each lab asks anew' },
    ])('AND by: $by $what', async ({ by, agent }) => {
      if (typeof kit === 'string') return;
      await lab.close();
      await upstream.start();
      // Docker takes images from a registry without TLS on this machine alone
      const override = agent && `${upstream.url.replace(/^http:\/\/[\d.]+/, '127.0.0.1')}/${agent}`;
      lab = new RealLab(name, fromRegistry(kit, upstream.url, `by: ${by}`, override));
      await lab.open(regions, [name]);
      await lab.write(regions);

      const bytes = await deployed(by);
      expect(bytes).toBeGreaterThan(by === 'nodes' ? 2 * once : 100e6);
      if (override !== undefined) await lab.docker('image', 'rm', override);
    });
  },
);

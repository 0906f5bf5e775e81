import { copyFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundledName } from '../../lab/image-name.ts';
import { sha256OfFile } from '../../scripts/tools/download.ts';
import { type Kit, findKit } from './kit.ts';
import { Mirror, mirrored, mirroredVersions } from './mirror.ts';
import { RealLab } from './real-lab.ts';
import { fromRegistry, removeCaches, Upstream } from './registry.ts';

const name = 'e2e-bundled';
const regions = ['e2e-athens', 'e2e-hurup'];
const cacheImage = 'registry:3.0.0';
const bareNode = 'kindest/node:v1.27.3-bare';
const chart = 'https://helm.example/cilium-1.14.2.tgz';
/** Nobody answers there. */
const nowhere = 'http://127.0.0.1:9';

const kit = findKit(process.env, 'article', [cacheImage, bareNode]);
const missing =
  typeof kit === 'string'
    ? kit
    : (Upstream.missing ?? (Mirror.missing.length > 0 ? `the kit lacks ${Mirror.missing.join(', ')}` : undefined));

const docker = async (...args: string[]): Promise<string> => (await execa('docker', args)).stdout;

/** A registry of the image of caches, which gives images of this machine's Docker digests. */
class OwnRegistry {
  readonly #name = 'e2e-own-registry';
  #host = '';

  async open(): Promise<void> {
    await docker('rm', '--force', this.#name).catch(() => undefined);
    await docker(
      'run',
      '--detach',
      '--name',
      this.#name,
      '--publish',
      '127.0.0.1::5000',
      '--env',
      'OTEL_TRACES_EXPORTER=none',
      cacheImage,
    );
    const port = /:(\d+)$/.exec(await docker('port', this.#name, '5000/tcp'))?.[1] ?? '';
    this.#host = `127.0.0.1:${port}`;
  }

  /** @returns the image under another name, with a digest, which this machine's Docker has too */
  async publish(image: string, repository: string): Promise<string> {
    const there = `${this.#host}/${repository}`;
    await docker('tag', image, there);
    await docker('push', '--quiet', there);
    const digests = await docker('image', 'inspect', '--format', '{{join .RepoDigests "\\n"}}', there);
    const digest = digests.split('\n').find((each) => each.startsWith(`${this.#host}/`)) ?? '';
    return `${there}${digest.slice(digest.indexOf('@'))}`;
  }

  /** Its images go from this machine's Docker too. */
  async close(): Promise<void> {
    await docker('rm', '--force', '--volumes', this.#name).catch(() => undefined);
    const names = (await docker('image', 'ls', '--digests', '--format', '{{.Repository}} {{.Tag}} {{.Digest}}')).split(
      '\n',
    );
    for (const line of names.filter((each) => this.#host !== '' && each.startsWith(`${this.#host}/`))) {
      const [repository = '', tag = '', digest = ''] = line.split(' ');
      await docker('image', 'rm', tag === '<none>' ? `${repository}@${digest}` : `${repository}:${tag}`).catch(
        () => undefined,
      );
    }
  }
}

describe.skipIf(missing !== undefined)(
  `the stack article: a lab out of a bundle${missing === undefined ? '' : ` (skipped: ${missing})`}`,
  () => {
    const upstream = new Upstream();
    const mirror = new Mirror();
    const images = new OwnRegistry();
    let node = '';
    let cache = '';
    let chartSum = '';
    let here: RealLab;
    let there: RealLab;

    /** Its programs, its chart, its node image and its caches come from elsewhere too. */
    const labOf = (of: Kit): RealLab => {
      const own = fromRegistry(of, upstream.url, `by: cache, cache: '${cache}'`);
      const labYaml = own.labYaml
        .replace(/nodeImage: \S+/, `nodeImage: ${node}`)
        .replace(/ciliumChart: \S+/, `ciliumChart: ${chart}#sha256=${chartSum}`);
      return new RealLab(name, { ...own, labYaml: `${labYaml}${mirroredVersions}` });
    };

    beforeAll(async () => {
      if (typeof kit === 'string') return;
      const chartFile = /ciliumChart: (\S+)/.exec(kit.labYaml)?.[1] ?? '';
      await Promise.all([upstream.start(), images.open()]);
      removeCaches(upstream.url);
      node = await images.publish(bareNode, 'node:bare');
      cache = await images.publish(cacheImage, 'cache:3');
      mirror.add(chart, chartFile);
      chartSum = (await sha256OfFile(chartFile)) ?? '';
      const url = await mirror.open();
      [here, there] = [labOf(kit), labOf(kit)];
      here.without(mirrored, url);
      there.without(mirrored, nowhere);
      for (const lab of [here, there]) {
        await lab.open(regions, [name]);
        await lab.write(regions);
      }
    });

    afterAll(async () => {
      await there.close();
      await here.close();
      removeCaches(upstream.url);
      await upstream.close();
      mirror.close();
      await images.close();
      for (const image of [node, cache]) await docker('image', 'rm', bundledName(image)).catch(() => undefined);
    });

    it('WHEN a bundle is written THEN it is one file, AND no cluster was made for it', async () => {
      const began = performance.now();
      const { exit, events, stderr } = await here.run('bundle', 'lab.bundle');

      expect({ exit, stderr, failed: events.filter(({ event }) => event === 'step-failed') }).toEqual({
        ...{ exit: 0, stderr: '', failed: [] },
      });
      const { size } = statSync(join(here.folder, 'lab.bundle'));
      console.log(`bundle: ${(size / 1e6).toFixed(0)} MB, ${Math.round((performance.now() - began) / 1000)} s`);
      expect(size).toBeGreaterThan(500e6);
      await here.expectNothingLeft(regions);
    });

    it('AND no registry answers, nor any site, and this machine has no image of it WHEN another folder deploys it from the file THEN all comes up', async () => {
      copyFileSync(join(here.folder, 'lab.bundle'), join(there.folder, 'lab.bundle'));
      await upstream.stop();
      await images.close();
      mirror.close();
      removeCaches(upstream.url);
      expect(await docker('image', 'ls', '--quiet', '--filter', `reference=127.0.0.1:*/*`)).toBe('');

      const began = performance.now();
      await there.deploy('--yes', '--skip-test', '--bundle', 'lab.bundle');
      console.log(`deploy from it: ${Math.round((performance.now() - began) / 1000)} s`);

      await there.expectWholeMesh();
      expect(await there.causes()).toEqual([]);
      const used = await docker('container', 'inspect', '--format', '{{.Config.Image}}', `${regions[0] ?? ''}-worker`);
      expect(used).toBe(bundledName(node));
    });

    it('AND the bundle is gone WHEN that is destroyed, and deployed again THEN all comes up: what came out of it is here', async () => {
      expect((await there.run('destroy', '--yes')).exit).toBe(0);

      await there.deploy('--yes', '--skip-test');

      await there.expectWholeMesh();
    });
  },
);

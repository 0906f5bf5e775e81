import { describe, expect, it } from 'vitest';
import { askedFor, databaseImage, preloadOf, probeImage } from '../../lab/preload.ts';

const digest = `sha256:${'a'.repeat(64)}`;
const agent = 'quay.io/cilium/cilium:v1.14.2';
const published = 'quay.io/cilium/json-mock:v1.4.1';

const own = (images: Parameters<typeof probeImage>[0]) => [probeImage(images)];

describe('the images that are put on all nodes', () => {
  it("GIVEN nothing THEN the agent's and the probe's, pulled by digest and asked for by name", () => {
    const { images } = preloadOf({ preload: true }, {}, '1.14.2', own({ preload: true }));

    expect(images.map(({ name }) => name)).toEqual([agent, published]);
    expect(images.map(({ reference }) => reference)).toEqual([
      expect.stringMatching(`^${agent}@sha256:[0-9a-f]{64}$`),
      expect.stringMatching(`^${published}@sha256:[0-9a-f]{64}$`),
    ]);
    expect(askedFor(probeImage({ preload: true }))).toBe(published);
  });

  it('GIVEN values by which the agent cannot be preloaded THEN the probe alone, and the reason', () => {
    const { images, withoutAgent } = preloadOf(
      { preload: true },
      { image: { useDigest: true } },
      '1.14.2',
      own({ preload: true }),
    );

    expect(images.map(({ name }) => name)).toEqual([published]);
    expect(withoutAgent).toBe('cilium.values ask for the image by its digest, which kind cannot load');
  });

  it('GIVEN preload: false THEN none, and the nodes pull the probe by its digest', () => {
    expect(preloadOf({ preload: false }, {}, '1.14.2', own({ preload: false }))).toEqual({
      images: [],
      withoutAgent: 'sources.images.preload is false',
    });
    expect(askedFor(probeImage({ preload: false }))).toMatch(new RegExp(`^${published}@sha256:[0-9a-f]{64}$`));
  });

  it('GIVEN preload: false and a probe of their own THEN that one alone: it may be on this machine and nowhere else', () => {
    const images = { preload: false, probe: 'clustermesh-lab/probe:e2e' };

    expect(preloadOf(images, {}, '1.14.2', own(images)).images).toEqual([
      { name: 'docker.io/clustermesh-lab/probe:e2e', reference: 'clustermesh-lab/probe:e2e' },
    ]);
    expect(askedFor(probeImage(images))).toBe('docker.io/clustermesh-lab/probe:e2e');
  });

  it.each([
    ['probe', 'docker.io/library/probe:latest'],
    ['probe:1', 'docker.io/library/probe:1'],
    ['me/probe:1', 'docker.io/me/probe:1'],
    ['localhost/probe:1', 'localhost/probe:1'],
    ['registry:5000/probe', 'registry:5000/probe:latest'],
    [`registry.example/probe:1@${digest}`, 'registry.example/probe:1'],
    [`me/probe@${digest}`, 'docker.io/me/probe:latest'],
  ])('GIVEN the probe %s THEN its name on the nodes is %s', (probe, name) => {
    const images = { preload: true, probe };
    expect(preloadOf(images, {}, '1.14.2', own(images)).images.at(-1)).toEqual({ name, reference: probe });
  });

  it('GIVEN a database THEN PostgreSQL by its digest, or one of their own by its name', () => {
    expect(askedFor(databaseImage({ preload: true }))).toBe('docker.io/library/postgres:17.6-alpine');
    expect(askedFor(databaseImage({ preload: false }))).toMatch(/^docker\.io\/library\/postgres:17\.6-alpine@sha256:/);
    expect(askedFor(databaseImage({ preload: false, database: 'pg:16' }))).toBe('docker.io/library/pg:16');
  });
});

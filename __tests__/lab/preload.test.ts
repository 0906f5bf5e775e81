import { describe, expect, it } from 'vitest';
import { askedFor, databaseImage, preloadOf, probeImage } from '../../lab/preload.ts';

const digest = `sha256:${'a'.repeat(64)}`;
const agent = 'quay.io/cilium/cilium:v1.14.2';
const published = 'quay.io/cilium/json-mock:v1.4.1';

const own = (images: Parameters<typeof probeImage>[0]) => [probeImage(images)];

describe('the images that are put on all nodes', () => {
  it("GIVEN nothing THEN the agent's and the probe's, pulled by digest and asked for by name", () => {
    const { images } = preloadOf({ by: 'preload' }, {}, '1.14.2', own({ by: 'preload' }));

    expect(images.map(({ name }) => name)).toEqual([agent, published]);
    expect(images.map(({ reference }) => reference)).toEqual([
      expect.stringMatching(`^${agent}@sha256:[0-9a-f]{64}$`),
      expect.stringMatching(`^${published}@sha256:[0-9a-f]{64}$`),
    ]);
    expect(askedFor(probeImage({ by: 'preload' }))).toBe(published);
  });

  it('GIVEN values by which the agent cannot be preloaded THEN the probe alone, and the reason', () => {
    const { images, withoutAgent } = preloadOf(
      { by: 'preload' },
      { image: { useDigest: true } },
      '1.14.2',
      own({ by: 'preload' }),
    );

    expect(images.map(({ name }) => name)).toEqual([published]);
    expect(withoutAgent).toBe('cilium.values ask for the image by its digest, which kind cannot load');
  });

  it('GIVEN by: nodes THEN none, and the nodes pull the probe by its digest', () => {
    expect(preloadOf({ by: 'nodes' }, {}, '1.14.2', own({ by: 'nodes' }))).toEqual({
      images: [],
      withoutAgent: 'sources.images.by is nodes',
    });
    expect(askedFor(probeImage({ by: 'nodes' }))).toMatch(new RegExp(`^${published}@sha256:[0-9a-f]{64}$`));
  });

  it('GIVEN by: nodes and a probe of their own THEN that one alone: it may be on this machine and nowhere else', () => {
    const images = { by: 'nodes' as const, probe: 'clustermesh-lab/probe:e2e' };

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
    const images = { by: 'preload' as const, probe };
    expect(preloadOf(images, {}, '1.14.2', own(images)).images.at(-1)).toEqual({ name, reference: probe });
  });

  it('GIVEN a database THEN PostgreSQL by its digest, or one of their own by its name', () => {
    expect(askedFor(databaseImage({ by: 'preload' }))).toBe('docker.io/library/postgres:17.6-alpine');
    expect(askedFor(databaseImage({ by: 'nodes' }))).toMatch(/^docker\.io\/library\/postgres:17\.6-alpine@sha256:/);
    expect(askedFor(databaseImage({ by: 'nodes', database: 'pg:16' }))).toBe('docker.io/library/pg:16');
  });
});

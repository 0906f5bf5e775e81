import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readInput } from '../../lab/input.ts';
import { resolveLab } from '../../lab/resolve.ts';
import { labJsonSchema, labSchema } from '../../lab/schema.ts';
import { isValues } from '../../lab/values.ts';

describe('lab.schema.json', () => {
  it('is current: `npm run schema` would not change it', () => {
    const committed = readFileSync(new URL('../../lab.schema.json', import.meta.url), 'utf8');
    expect(committed).toBe(`${JSON.stringify(labJsonSchema(), null, 2)}\n`);
  });

  it('describes every key and closes every map', () => {
    const schema = labJsonSchema();
    expect(keysWithout('description', schema.properties)).toEqual([]);
    expect(schema.additionalProperties).toBe(false);
  });

  /** Dotted names of the properties, at any depth, that lack `field`. */
  function keysWithout(field: string, properties: unknown, above = ''): string[] {
    if (!isValues(properties)) return [];
    return Object.entries(properties).flatMap(([key, schema]) => {
      if (!isValues(schema)) return [];
      const items = isValues(schema.items) ? schema.items : {};
      const below = [schema.properties, items.properties].flatMap((inner) =>
        keysWithout(field, inner, `${above}${key}.`),
      );
      return field in schema ? below : [`${above}${key}`, ...below];
    });
  }
});

it('GIVEN only names THEN everything else has the documented default', () => {
  const input = labSchema.parse({ name: 'lab', regions: [{ name: 'a' }] });
  expect(input).toMatchObject({
    stack: 'article',
    regions: [{ name: 'a', workers: 3, controlPlanes: 1, cilium: { values: {} } }],
    cilium: { values: {} },
    mesh: { method: 'cli' },
    versions: {},
    sources: { mirrors: {}, images: { by: 'preload' } },
    test: { only: [] },
  });
  expect(input.network.subnet.toString()).toBe('172.19.0.0/16');
  expect(input.network.pods.toString()).toBe('10.0.0.0/8');
});

describe('lab.schema.json beside the loader', () => {
  const schema = z.fromJSONSchema(labJsonSchema());
  const isAccepted = (raw: unknown) => {
    const { input, problems } = readInput(raw);
    return input !== undefined && problems.length === 0 && !('problems' in resolveLab(input));
  };

  const octet = fc.integer({ min: 0, max: 256 });
  const ipv4 = fc.tuple(octet, octet, octet, octet).map((octets) => octets.join('.'));
  const anything = fc.oneof(fc.constantFrom(0, 1, null, true, '', 'x', [], {}), fc.string());
  /** Right more often than not, so that whole labs are. */
  const mostly = <T>(right: fc.Arbitrary<T>, ...wrong: fc.Arbitrary<unknown>[]) =>
    fc.oneof({ weight: 25, arbitrary: right }, { weight: 1, arbitrary: fc.oneof(anything, ...wrong) });
  const subnet = fc
    .tuple(fc.integer({ min: 8, max: 24 }), fc.integer({ min: 0, max: 255 }))
    .map(([prefix, second]) => (prefix < 16 ? `10.0.0.0/${prefix}` : `10.${second}.0.0/${prefix}`));
  const cidr = mostly(
    subnet,
    fc.tuple(ipv4, fc.integer({ min: 0, max: 33 })).map((parts) => parts.join('/')),
  );
  const pool = mostly(
    fc.integer({ min: 1, max: 100 }).map((last) => `172.19.200.${last}-172.19.200.${last + 9}`),
    fc.tuple(ipv4, ipv4).map((parts) => parts.join('-')),
  );
  const image = mostly(
    fc.constantFrom('kindest/node:v1.27.3', 'localhost:5000/a/b@sha256:' + 'a'.repeat(64), 'Host.example/n_o-de'),
    fc.stringMatching(/^[a-zA-Z0-9/:@._-]{1,12}$/),
  );
  const name = mostly(fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,8}[a-z0-9]$/), fc.constantFrom('constructor', 'default'));
  /** Pieces of URLs and of what only looks like one. */
  const place = fc
    .array(fc.constantFrom('https:', 'HTTP:', 'oci:', '/', '//', '\\', 'h', 'u:p', '@', '?', ' ', '#sha256=', 'ab'))
    .map((pieces) => pieces.join(''));
  const raw = fc.record(
    {
      name,
      regions: fc.array(
        fc.record(
          {
            name,
            id: mostly(fc.integer({ min: 1, max: 255 })),
            podSubnet: cidr,
            serviceSubnet: cidr,
            pool,
            nodeImage: image,
          },
          { requiredKeys: ['name'] },
        ),
        { minLength: 1, maxLength: 2 },
      ),
      network: fc.record(
        { subnet: mostly(fc.constant('172.19.0.0/16'), cidr), pods: mostly(fc.constant('10.0.0.0/8'), cidr) },
        { requiredKeys: [] },
      ),
      mesh: fc.record({ maxConnectedClusters: mostly(fc.constantFrom(255, 511)) }, { requiredKeys: [] }),
      sources: fc.record(
        {
          ciliumChart: mostly(
            fc.constantFrom(
              'a b',
              'https://x/y.tgz',
              `HTTP://x#SHA256=${'A1'.repeat(32)}`,
              'oci://x/y',
              'a@b',
              'https',
            ),
            place,
          ),
          nodeImage: image,
        },
        { requiredKeys: [] },
      ),
      mirrors: mostly(
        fc.constantFrom('china', {}),
        fc.dictionary(
          fc.oneof(fc.constantFrom('a.b', 'a:1'), fc.string()),
          mostly(fc.constantFrom('https://x/y', 'http://x?a')),
        ),
      ),
      test: fc.record(
        { only: mostly(fc.array(mostly(fc.constantFrom('^a/', '!b', '(', 'p{Cc}', '\u00a0')))) },
        { requiredKeys: [] },
      ),
    },
    { requiredKeys: ['name', 'regions'] },
  );

  it('never refuses what the loader accepts', () => {
    let accepted = 0;
    fc.assert(
      fc.property(raw, (lab) => {
        if (!isAccepted(lab)) return;
        accepted++;
        expect(schema.safeParse(lab).error).toBeUndefined();
      }),
      { numRuns: 2000 },
    );
    // the property says nothing where nothing is accepted
    expect(accepted).toBeGreaterThan(100);
  });

  it.each([
    { podSubnet: '10.0.0.0' },
    { podSubnet: '10.0.0.0/33' },
    { podSubnet: '010.0.0.0/8' },
    { podSubnet: '10.0.0.0/7' },
    { podSubnet: '10.0.0.0/25' },
    { podSubnet: '127.0.0.0/16' },
    { serviceSubnet: '10.0.0.0/11' },
    { serviceSubnet: '10.0.0.0/29' },
    { serviceSubnet: '224.0.0.0/16' },
    { pool: '169.254.0.1-169.254.0.9' },
    { serviceSubnet: '10.0.256.0/24' },
    { pool: '172.19.255.0/24' },
    { pool: '172.19.255.1-224.0.0.1' },
    { pool: '172.19.255.1-255.255.255.255' },
    { pool: '172.19.255.1-172.19.255.1' },
    { name: 'default' },
    { name: '' },
    { nodeImage: 'kindest/node:' },
  ])('refuses a region with %j', (keys) => {
    expect(schema.safeParse({ name: 'lab', regions: [{ name: 'a' }] }).success).toBe(true);
    expect(schema.safeParse({ name: 'lab', regions: [{ name: 'a', ...keys }] }).success).toBe(false);
  });

  it.each([
    ...[0, 7, 29, 32].map((prefix) => ({ network: { subnet: `172.0.0.0/${prefix}` } })),
    ...[0, 2, 25, 32].map((prefix) => ({ network: { pods: `64.0.0.0/${prefix}` } })),
    ...[
      ...['https://', 'https:///h', 'http:/h', 'https:h', 'HTTPS:h', 'https:\\\\h', 'https://?h', 'https://:80/h'],
      ...['https://h/a b', 'oci://h/a b', 'https://u:p@h/c.tgz', 'oci://token@h/c'],
      ...['https://h/c.tgz#sha256=ab', 'https://h/c.tgz#SHA256=ab', `https://h/#sha256=${'a'.repeat(65)}`],
    ].flatMap((place) => [{ sources: { ciliumChart: place } }, { sources: { metallbManifest: place } }]),
    ...['a,b', '"a', 'a\u0000', 'a\nb', 'a\u0085', '^a$', '!^no-policies$'].map((pattern) => ({
      test: { only: [pattern] },
    })),
  ])('refuses a lab with %j, as the loader does', (keys) => {
    const lab = { name: 'lab', regions: [{ name: 'a' }], ...keys };
    expect(isAccepted(lab)).toBe(false);
    expect(schema.safeParse(lab).success).toBe(false);
  });

  it.each([
    ...[8, 28].map((prefix) => ({
      network: { subnet: `172.0.0.0/${prefix}` },
      regions: [{ name: 'a', workers: 3 }],
    })),
    { network: { pods: '32.0.0.0/3' } },
    {
      network: { pods: '10.9.0.0/24' },
      regions: [{ name: 'a', workers: 0, podSubnet: '10.9.0.0/24', serviceSubnet: '10.8.0.0/24' }],
    },
    { regions: [{ name: 'a', pool: '172.19.255.1-172.19.255.2' }] },
    { regions: [{ name: 'a', pool: '172.19.255.1-172.19.255.10' }] },
    ...[
      'https://h',
      'https://[::1]:80/a?b@c',
      'oci://h/a',
      './a@b c',
      'https',
      `https://h#sha256=${'aB'.repeat(32)}`,
    ].map((place) => ({ sources: { ciliumChart: place } })),
    ...['p{Cc}', '!/a', 'a b', '^a', 'a$', '^a/b$'].map((pattern) => ({ test: { only: [pattern] } })),
  ])('accepts a lab with %j, as the loader does', (keys) => {
    const lab = { name: 'lab', regions: [{ name: 'a' }], ...keys };
    expect(isAccepted(lab)).toBe(true);
    expect(schema.safeParse(lab).error).toBeUndefined();
  });
});

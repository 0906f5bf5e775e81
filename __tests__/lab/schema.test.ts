import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
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
    sources: { images: { preload: true } },
    test: { only: [] },
  });
  expect(input.network.subnet.toString()).toBe('172.19.0.0/16');
  expect(input.network.pods.toString()).toBe('10.0.0.0/8');
});

import { expect, it } from 'vitest';
import { mergeValues, valueAt } from '../../lab/values.ts';

it('GIVEN two trees THEN maps merge and everything else is replaced', () => {
  const base = { hubble: { enabled: true, ui: { replicas: 1 } }, devices: ['eth0'], image: { tag: 'a' }, debug: null };
  const over = { hubble: { ui: { replicas: 2 } }, devices: ['eth1'], image: null, debug: { enabled: true } };
  expect(mergeValues(base, over)).toEqual({
    hubble: { enabled: true, ui: { replicas: 2 } },
    devices: ['eth1'],
    image: null,
    debug: { enabled: true },
  });
  expect(base.hubble.ui.replicas).toBe(1);
});

it('GIVEN a path WHEN asked THEN the value there, and none where something else than a map is on the way', () => {
  const values = { cluster: { id: 0 }, tls: null, clusters: [{ id: 1 }] };
  expect(valueAt(values, ['cluster', 'id'])).toBe(0);
  expect(valueAt(values, ['cluster'])).toEqual({ id: 0 });
  for (const path of [
    ['cluster', 'name'],
    ['tls', 'ca'],
    ['clusters', '0', 'id'],
  ])
    expect(valueAt(values, path)).toBeUndefined();
  expect(valueAt(undefined, ['cluster'])).toBeUndefined();
});

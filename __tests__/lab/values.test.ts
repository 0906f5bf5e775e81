import { expect, it } from 'vitest';
import { mergeValues } from '../../lab/values.ts';

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

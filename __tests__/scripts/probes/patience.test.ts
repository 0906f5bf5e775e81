import { describe, expect, it } from 'vitest';
import { openAfterChange } from '../../../scripts/probes/patience.ts';

describe('how long a path may take to be open after a change of the mesh', () => {
  it.each([
    ['1.14.2', 300_000],
    ['1.15.19', 300_000],
    ['1.16.0', 60_000],
    ['1.20.0', 60_000],
  ])(
    'GIVEN Cilium %s THEN %i ms: agents before 1.16 do not hear an API server that is new',
    (version, milliseconds) => {
      expect(openAfterChange(version)).toBe(milliseconds);
    },
  );
});

import { describe, expect, it } from 'vitest';
import { missingLinks } from '../../../scripts/observe/mesh.ts';
import type { MeshStatus } from '../../../scripts/tools/cilium.ts';

const mesh = (total: number, connected: Record<string, number>): MeshStatus => ({ address: 'a', total, connected });

describe('the links that are missing', () => {
  it.each([
    { given: 'all agents connected to both', status: mesh(2, { a: 2, b: 2 }), missing: [] },
    { given: 'one agent less', status: mesh(2, { a: 2, b: 1 }), missing: ['b'] },
    { given: 'a region that is not listed', status: mesh(2, { a: 2 }), missing: ['b'] },
    { given: 'no agent at all', status: mesh(0, { a: 0, b: 0 }), missing: ['a', 'b'] },
    { given: 'no answer', status: undefined, missing: ['a', 'b'] },
  ])('GIVEN $given WHEN asked THEN missing: $missing', ({ status, missing }) => {
    expect(missingLinks(status, ['a', 'b'])).toEqual(missing);
  });
});

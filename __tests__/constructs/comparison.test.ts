import { describe, expect, it } from 'vitest';
import { checkText, isSame, writtenText } from '../../constructs/comparison.ts';

const same = { changed: [], added: [], removed: [] };
const paths = ['athens/kind.yaml', 'athens/ipaddresspool.yaml', 'hurup/kind.yaml'];

describe('isSame', () => {
  it('is false for any difference', () => {
    expect(isSame(same)).toBe(true);
    expect(isSame({ ...same, changed: ['athens/kind.yaml'] })).toBe(false);
    expect(isSame({ ...same, added: ['athens/kind.yaml'] })).toBe(false);
    expect(isSame({ ...same, removed: ['athens/kind.yaml'] })).toBe(false);
  });
});

describe('checkText', () => {
  it('GIVEN no difference THEN the folder is up to date', () => {
    expect(checkText('dist', same)).toBe('dist/ is up to date');
    expect(checkText('../dist/', same)).toBe('../dist/ is up to date');
  });

  it('GIVEN differences THEN each file has its line', () => {
    expect(checkText('dist', { changed: ['a/x'], added: ['b/x', 'b/y'], removed: ['c/x'] })).toBe(
      'dist/ is not what synth would write:\n  would change a/x\n  would add b/x\n  would add b/y\n  would remove c/x',
    );
  });
});

describe('writtenText', () => {
  it('GIVEN no difference THEN it counts what is there', () => {
    expect(writtenText('dist', paths, same)).toBe('dist/: 2 regions, 3 files (unchanged)');
    expect(writtenText('dist', ['athens/kind.yaml'], same)).toBe('dist/: 1 region, 1 file (unchanged)');
  });

  it('GIVEN differences THEN each kind is counted and its first two files are named', () => {
    expect(
      writtenText('dist', paths, { changed: ['a/x'], added: ['b/x', 'b/y', 'b/z'], removed: ['c/x', 'c/y'] }),
    ).toBe('dist/: 2 regions, 3 files (1 changed: a/x; 3 added: b/x, b/y, …; 2 removed: c/x, c/y)');
  });
});

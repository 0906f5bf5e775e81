import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { distSum, isChecked, keepChecked } from '../../../scripts/files/checked-dist.ts';
import { Paths } from '../../../scripts/files/paths.ts';

let folder: string;
let paths: Paths;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'checked-dist-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
  });
  paths = new Paths({ labFile: join(folder, 'lab.yaml'), dist: undefined, lab: 'my-lab', cwd: folder });
  mkdirSync(join(paths.dist, 'a'), { recursive: true });
  writeFileSync(paths.labFile, 'name: my-lab\n');
  writeFileSync(join(paths.dist, 'a', 'kind.yaml'), 'kind: Cluster\n');
});
const chart = (): string => join(folder, 'cilium.tgz');

describe('the sum of what decides whether dist/ is as synth would write it', () => {
  it('GIVEN the same files THEN the same; GIVEN another chart, or none THEN another', () => {
    writeFileSync(chart(), 'chart');
    const sum = distSum(paths, chart());

    expect(sum).toMatch(/^[0-9a-f]{64}$/);
    expect(distSum(paths, chart())).toBe(sum);
    expect(distSum(paths, undefined)).not.toBe(sum);
    writeFileSync(chart(), 'another chart');
    expect(distSum(paths, chart())).not.toBe(sum);
  });

  it('GIVEN text that moves from one file to the next THEN another', () => {
    writeFileSync(join(paths.dist, 'a', 'one.yaml'), 'ab');
    writeFileSync(join(paths.dist, 'a', 'two.yaml'), 'c');
    const sum = distSum(paths, undefined);
    writeFileSync(join(paths.dist, 'a', 'one.yaml'), 'a');
    writeFileSync(join(paths.dist, 'a', 'two.yaml'), 'bc');
    expect(distSum(paths, undefined)).not.toBe(sum);
  });

  it.each<[string, () => string | undefined]>([
    ['a chart that is a folder', () => (mkdirSync(chart()), chart())],
    ['a chart that is not there', chart],
    [
      'a file of dist/ that is a link',
      () => {
        symlinkSync(paths.labFile, join(paths.dist, 'a', 'link.yaml'));
        return undefined;
      },
    ],
    [
      'no dist/',
      () => {
        rmSync(paths.dist, { recursive: true });
        return undefined;
      },
    ],
  ])('GIVEN %s THEN none: synth has to be asked', (_, make) => {
    expect(distSum(paths, make())).toBe(undefined);
  });
});

describe('what is kept of it', () => {
  it('GIVEN no .lab/NAME THEN nothing; GIVEN one THEN that sum, and no other, is known again', () => {
    keepChecked(paths, 'a'.repeat(64));
    expect(isChecked(paths, 'a'.repeat(64))).toBe(false);
    mkdirSync(paths.state, { recursive: true });
    keepChecked(paths, 'a'.repeat(64));
    expect(isChecked(paths, 'a'.repeat(64))).toBe(true);
    expect(isChecked(paths, 'b'.repeat(64))).toBe(false);
  });

  it('GIVEN that it is a folder, or far longer THEN it counts for nothing', () => {
    mkdirSync(paths.checked, { recursive: true });
    expect(isChecked(paths, 'a'.repeat(64))).toBe(false);
    rmSync(paths.checked, { recursive: true });
    writeFileSync(paths.checked, `${'a'.repeat(64)}\n${'a'.repeat(1000)}`);
    expect(isChecked(paths, 'a'.repeat(64))).toBe(false);
  });
});

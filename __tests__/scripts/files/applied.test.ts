import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { regionFilesOf } from '../../../lab/generated.ts';
import { isMarked } from '../../../lab/own-place.ts';
import { copyApplied } from '../../../scripts/files/applied.ts';
import { Paths } from '../../../scripts/files/paths.ts';
import { put, tree } from '../../driver/drive.ts';
import { articleLab } from '../fixtures.ts';
import { eachInFolder } from '../../each-in-folder.ts';

const { at } = eachInFolder();

const lab = articleLab();
let paths: Paths;
beforeEach(() => {
  paths = new Paths({ labFile: at('lab.yaml'), dist: undefined, lab: lab.name, cwd: at() });
  writeDist('reviewed');
});
const around = () => ({ cwd: at(), home: '/home/nobody', labFile: paths.labFile });

function writeDist(text: string): void {
  for (const { name } of lab.regions) for (const file of regionFilesOf(lab)) put(paths.manifest(name, file), text);
}

describe('the copy of dist/ that a deploy applies', () => {
  it('GIVEN dist/ WHEN copied THEN it is read from .lab/NAME/applied/, whatever becomes of dist/', () => {
    const applied = copyApplied(lab, paths, around());
    writeDist('synthesized since');

    expect(applied.manifest('region-athens', 'kind.yaml')).toBe(join(paths.state, 'applied/region-athens/kind.yaml'));
    expect(readFileSync(applied.manifest('region-hurup', 'cilium-values.yaml'), 'utf8')).toBe('reviewed');
    expect(isMarked(applied.manifests, 'state')).toBe(true);
    // what a user is told to type does not change
    expect(applied.command('deploy')).toBe(paths.command('deploy'));
  });

  it('GIVEN an earlier copy of other regions WHEN copied again THEN it is replaced as a whole', () => {
    const fewer = { ...lab, regions: lab.regions.slice(0, 1) };
    copyApplied(lab, paths, around());
    const { manifests } = copyApplied(fewer, paths, around());

    expect(Object.keys(tree(manifests)).filter((name) => name.startsWith('region-hurup'))).toEqual([]);
    expect(existsSync(`${manifests}.new`)).toBe(false);
  });

  it('GIVEN something else in its place WHEN copied THEN it is refused, and stays', () => {
    const mine = put(join(paths.state, 'applied', 'notes.txt'), 'mine');

    expect(() => copyApplied(lab, paths, around())).toThrow(/is not the lab's to replace/);
    expect(readFileSync(mine, 'utf8')).toBe('mine');
  });

  it('GIVEN something else where the copy is made WHEN copied THEN it is refused, and stays', () => {
    const mine = put(join(paths.state, 'applied.new', 'notes.txt'), 'mine');

    expect(() => copyApplied(lab, paths, around())).toThrow(
      `${join(paths.state, 'applied.new')} is not the lab's to replace`,
    );
    expect(readFileSync(mine, 'utf8')).toBe('mine');
  });

  it('GIVEN a copy that was killed half-way WHEN copied again THEN it is made anew', () => {
    rmSync(paths.manifest('region-hurup', 'l2advertisement.yaml'));
    expect(() => copyApplied(lab, paths, around())).toThrow(/ENOENT/);
    expect(isMarked(join(paths.state, 'applied.new'), 'state')).toBe(true);
    writeDist('reviewed');

    const { manifests } = copyApplied(lab, paths, around());

    expect(Object.keys(tree(manifests))).toContain('region-hurup/l2advertisement.yaml');
    expect(existsSync(`${manifests}.new`)).toBe(false);
  });

  it('GIVEN a dist/ that lacks a file WHEN copied THEN the earlier copy is whole', () => {
    const { manifests } = copyApplied(lab, paths, around());
    const before = tree(manifests);
    writeFileSync(paths.manifest('region-athens', 'kind.yaml'), 'other');
    rmSync(paths.manifest('region-hurup', 'l2advertisement.yaml'));

    expect(() => copyApplied(lab, paths, around())).toThrow(/ENOENT/);
    expect(tree(manifests)).toEqual(before);
  });
});

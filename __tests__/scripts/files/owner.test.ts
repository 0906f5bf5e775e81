import { cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MARK_FILE } from '../../../lab/own-place.ts';
import { adoptOwner, drawOwner, readOwner, readRecords } from '../../../scripts/files/owner.ts';
import { Paths } from '../../../scripts/files/paths.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'owner-'));
  mkdirSync(join(root, 'one'));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

const at = (folder: string, file = 'lab.yaml'): Paths =>
  new Paths({ labFile: join(root, folder, file), dist: undefined, lab: 'my-lab', cwd: root });

const put = (file: string): void => {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, '');
};

describe('the owner of a folder', () => {
  it('GIVEN a new folder WHEN asked THEN none; WHEN drawn THEN one, which stays', () => {
    expect(readOwner(at('one'))).toBeUndefined();
    const id = drawOwner(at('one'));

    expect(id).toMatch(/^[0-9a-f-]{36}$/);
    expect(readOwner(at('one'))).toBe(id);
    expect(drawOwner(at('one'))).toBe(id);
  });

  it('GIVEN two lab files of one name in one folder, or a symbolic link to it WHEN asked THEN the same: they share .lab/', () => {
    const id = drawOwner(at('one'));
    symlinkSync(join(root, 'one'), join(root, 'link'));

    expect(readOwner(at('one', 'big.yaml'))).toBe(id);
    expect(readOwner(at('link'))).toBe(id);
  });

  it('GIVEN a copy of the folder WHEN drawn THEN another, and nothing of the first is kept but logs and the mark', () => {
    const one = at('one');
    const id = drawOwner(one);
    put(join(one.state, MARK_FILE));
    for (const file of [one.log('observe'), one.kubeconfig('region-a'), join(one.running, '7.json')]) put(file);
    cpSync(join(root, 'one'), join(root, 'two'), { recursive: true });
    const two = at('two');

    expect(readOwner(two)).toBeUndefined();
    expect(drawOwner(two)).not.toBe(id);
    expect([two.kubeconfigs, two.running].filter(existsSync)).toEqual([]);
    expect(existsSync(two.log('observe'))).toBe(true);
    expect(existsSync(join(two.state, MARK_FILE))).toBe(true);
    expect(readOwner(one)).toBe(id);
    expect(existsSync(one.kubeconfig('region-a'))).toBe(true);
  });

  it('GIVEN a folder that was moved WHEN adopted THEN its id is what the network has, and all is kept', () => {
    const id = drawOwner(at('one'));
    put(at('one').kubeconfig('region-a'));
    renameSync(join(root, 'one'), join(root, 'two'));
    expect(readOwner(at('two'))).toBeUndefined();

    adoptOwner(at('two'), id);
    expect(readOwner(at('two'))).toBe(id);
    expect(existsSync(at('two').kubeconfig('region-a'))).toBe(true);
  });

  it('GIVEN labs of two names, one of them drawn elsewhere WHEN the records are read THEN both, each with what is known of it', () => {
    const other = new Paths({ labFile: join(root, 'one', 'lab.yaml'), dist: undefined, lab: 'other', cwd: root });
    const id = drawOwner(other, 'A');
    renameSync(join(root, 'one'), join(root, 'two'));
    adoptOwner(at('two'), 'f00d', 'B');
    mkdirSync(join(root, 'two', '.lab', 'nobody'));

    expect(readRecords(at('two'))).toEqual([
      { lab: 'my-lab', id: 'f00d', here: true, engine: 'B' },
      { lab: 'other', id, here: false, engine: 'A' },
    ]);
    expect(readRecords(at('one'))).toEqual([]);
  });

  const odd = { id: 'x', folder: '/', engine: { A: 1 } };
  it.each(['', '{"id":', '{}', '[]', 'null', JSON.stringify(odd)])(
    'GIVEN a file that says %j WHEN asked THEN none, and no record',
    (text) => {
      put(at('one').owner);
      writeFileSync(at('one').owner, text);

      expect(readOwner(at('one'))).toBeUndefined();
      expect(readRecords(at('one'))).toEqual([]);
    },
  );
});

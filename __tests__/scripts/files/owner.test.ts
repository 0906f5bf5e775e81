import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MARK_FILE } from '../../../lab/own-place.ts';
import { adoptOwner, drawOwner, forgetEngine, otherEngines, readOwner } from '../../../scripts/files/owner.ts';
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

  it('GIVEN deploys to two engines WHEN asked from one THEN the other is told; once one is forgotten, none', () => {
    const one = at('one');
    expect(otherEngines(one, 'A')).toBeUndefined();
    const id = drawOwner(one, 'A');
    expect(otherEngines(one, 'A')).toEqual([]);
    expect(drawOwner(one, 'B')).toBe(id);
    expect(drawOwner(one, 'A')).toBe(id);

    expect(otherEngines(one, 'B')).toEqual(['A']);
    expect(otherEngines(one, undefined)).toEqual(['A', 'B']);
    forgetEngine(one, 'A');
    expect(otherEngines(one, 'B')).toEqual([]);
    expect(readOwner(one)).toBe(id);
  });

  it("GIVEN a folder that was moved WHEN its lab is adopted THEN its engines are known; another's lab brings none along", () => {
    const id = drawOwner(at('one'), 'A');
    adoptOwner(at('one'), id, 'B');
    expect(otherEngines(at('one'), undefined)).toEqual(['A', 'B']);

    adoptOwner(at('one'), 'another', 'C');
    expect(otherEngines(at('one'), undefined)).toEqual(['C']);
  });

  const odd = { id: 'x', folder: '/', engines: { A: 1 } };
  it.each(['', '{"id":', '{}', '[]', 'null', JSON.stringify(odd), JSON.stringify({ ...odd, engines: [1] })])(
    'GIVEN a file that says %j WHEN asked THEN none, and no engine',
    (text) => {
      put(at('one').owner);
      writeFileSync(at('one').owner, text);

      expect(readOwner(at('one'))).toBeUndefined();
      expect(otherEngines(at('one'), 'A')).toBeUndefined();
      forgetEngine(at('one'), 'A');
      expect(readFileSync(at('one').owner, 'utf8')).toBe(text);
    },
  );
});

import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { describe, expect, it } from 'vitest';
import { UserError } from '../../../scripts/events/errors.ts';
import { writeSecret } from '../../../scripts/files/secret.ts';
import { eachInFolder } from '../../each-in-folder.ts';

const { at } = eachInFolder();

const modeOf = (path: string): number => statSync(path).mode & 0o777;

describe('a secret on disk', () => {
  it('GIVEN no folder WHEN written twice THEN the last, for the user alone, and nothing beside it', () => {
    const file = at('.lab', 'my-lab', 'ca', 'ca.key');
    writeSecret(file, 'one');
    writeSecret(file, 'two');

    expect(readFileSync(file, 'utf8')).toBe('two');
    expect(modeOf(file)).toBe(0o600);
    expect(modeOf(at('.lab', 'my-lab', 'ca'))).toBe(0o700);
    expect(readdirSync(at('.lab', 'my-lab', 'ca'))).toEqual(['ca.key']);
  });

  it('GIVEN a file and a folder that all may read WHEN written THEN nobody else may any more', () => {
    mkdirSync(at('ca'));
    chmodSync(at('ca'), 0o755);
    writeFileSync(at('ca', 'ca.key'), 'old');
    chmodSync(at('ca', 'ca.key'), 0o644);
    writeSecret(at('ca', 'ca.key'), 'new');

    expect([modeOf(at('ca')), modeOf(at('ca', 'ca.key'))]).toEqual([0o700, 0o600]);
  });

  it.each(['ca.key', 'ca.key.new', 'ca.key.tmp'])(
    'GIVEN a link planted as %s WHEN written THEN its target is not touched, and the secret is a file',
    (name) => {
      writeFileSync(at('victim'), 'mine');
      mkdirSync(at('ca'));
      symlinkSync(at('victim'), at('ca', name));
      writeSecret(at('ca', 'ca.key'), 'SECRET');

      expect(readFileSync(at('victim'), 'utf8')).toBe('mine');
      expect(lstatSync(at('ca', 'ca.key')).isFile()).toBe(true);
      expect(readFileSync(at('ca', 'ca.key'), 'utf8')).toBe('SECRET');
    },
  );

  it.each([['.lab'], ['.lab', 'my-lab'], ['.lab', 'my-lab', 'ca']])(
    'GIVEN a link in the place of a folder of the lab (%s %s %s) WHEN written THEN it is refused, and nothing leaves',
    (...names) => {
      mkdirSync(at('elsewhere', 'my-lab', 'ca'), { recursive: true });
      mkdirSync(at(...names.slice(0, -1)), { recursive: true });
      symlinkSync(at('elsewhere'), at(...names));

      expect(() => {
        writeSecret(at('.lab', 'my-lab', 'ca', 'ca.key'), 'SECRET');
      }).toThrow(
        new UserError(
          `${at(...names)} is a symbolic link, and a key was about to be written through it. Remove it: rm ${at(...names)}`,
        ),
      );
      expect(readdirSync(at('elsewhere'), { recursive: true, withFileTypes: true }).filter((e) => e.isFile())).toEqual(
        [],
      );
    },
  );

  it('GIVEN a link above the lab WHEN written THEN it is the way the user has chosen', () => {
    mkdirSync(at('real'));
    symlinkSync(at('real'), at('link'));
    writeSecret(at('link', '.lab', 'my-lab', 'ca', 'ca.key'), 'SECRET');

    expect(readFileSync(at('real', '.lab', 'my-lab', 'ca', 'ca.key'), 'utf8')).toBe('SECRET');
  });
});

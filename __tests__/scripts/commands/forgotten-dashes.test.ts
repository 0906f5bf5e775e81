import { Option } from 'commander';
import { describe, expect, it } from 'vitest';
import { forgottenDashes } from '../../../scripts/commands/forgotten-dashes.ts';

const options = [
  new Option('--lab <file>'),
  new Option('--region <name...>'),
  new Option('--skip-test'),
  new Option('--yes'),
];
const npm = { npm_package_name: 'clustermesh-lab', npm_lifecycle_event: 'plan' };
const told = (env: Readonly<Record<string, string>>, ...words: string[]): string | undefined =>
  forgottenDashes({ ...npm, ...env }, 'plan', options, words);
/** The line that is proposed, after `npm run plan -- `. */
const proposed = (...args: Parameters<typeof told>): string | undefined =>
  told(...args)
    ?.split('\n')[1]
    ?.replace('  npm run plan -- ', '');

describe('a -- that was forgotten behind npm', () => {
  it('GIVEN npm run plan --skip-test WHEN looked for THEN both lines that work are named', () => {
    expect(told({ npm_config_skip_test: 'true' })).toBe(
      'npm took --skip-test for an option of its own. Type -- before the options, or use npx:\n' +
        '  npm run plan -- --skip-test\n' +
        '  npx clustermesh-lab plan --skip-test',
    );
  });

  it.each<{ typed: string; env: Record<string, string>; words: string[]; line: string }>([
    { typed: '--lab F', env: { npm_config_lab: 'true' }, words: ['F'], line: '--lab F' },
    { typed: '--lab=F', env: { npm_config_lab: 'F' }, words: [], line: '--lab F' },
    { typed: "--lab 'my lab'", env: { npm_config_lab: 'true' }, words: ['my lab'], line: "--lab 'my lab'" },
    { typed: '--region a b', env: { npm_config_region: 'true' }, words: ['a', 'b'], line: '--region a b' },
    { typed: '--lab', env: { npm_config_lab: 'true' }, words: [], line: '--lab <file>' },
    {
      typed: '--skip-test -- --lab F',
      env: { npm_config_skip_test: 'true' },
      words: ['--lab', 'F'],
      line: '--skip-test --lab F',
    },
    {
      typed: '--lab F --region a',
      env: { npm_config_lab: 'true', npm_config_region: 'true' },
      words: ['F', 'a'],
      line: '--lab <file> --region <name...>',
    },
  ])('GIVEN npm run plan $typed WHEN looked for THEN the line is $line', ({ env, words, line }) => {
    expect(proposed(env, ...words)).toBe(line);
  });

  it.each<{ given: string; env: Record<string, string>; words: string[] }>([
    { given: 'no option', env: {}, words: [] },
    { given: 'an option after --', env: {}, words: ['--skip-test'] },
    { given: 'one that is set in npm too', env: { npm_config_lab: 'F' }, words: ['--lab', 'F'] },
    { given: '--yes, which npm has too', env: { npm_config_yes: 'true' }, words: [] },
    { given: 'an option of npm alone', env: { npm_config_loglevel: 'silent' }, words: [] },
    { given: 'another script', env: { npm_config_skip_test: 'true', npm_lifecycle_event: 'test' }, words: [] },
    { given: "another package's script", env: { npm_config_skip_test: 'true', npm_package_name: 'mine' }, words: [] },
  ])('GIVEN $given WHEN looked for THEN nothing was forgotten', ({ env, words }) => {
    expect(told(env, ...words)).toBeUndefined();
  });
});

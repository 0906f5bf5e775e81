import type { Option } from 'commander';
import { describe, expect, it } from 'vitest';
import {
  command,
  concurrencyOption,
  failoverOptions,
  program,
  timeoutOption,
} from '../../../scripts/commands/flags.ts';
import { type FailoverOptions, failoverTyped } from '../../../scripts/commands/options.ts';

const options = { '--timeout': timeoutOption, '--concurrency': concurrencyOption } as const;

/** What a command makes of it, or what it says. */
function given(name: keyof typeof options, value: string): unknown {
  const option: Option = options[name]();
  const parent = program('clustermesh-lab', 'test');
  const deploy = command(parent, 'deploy', 'test')
    .addOption(option)
    .configureOutput({ writeErr: () => undefined });
  try {
    return deploy.parse([name, value], { from: 'user' }).opts<Record<string, unknown>>()[option.attributeName()];
  } catch (error) {
    return (error as Error).message;
  }
}

describe('numbers on the command line', () => {
  it.each([
    ['--timeout', '1', 1],
    ['--timeout', '86400', 86400],
    ['--concurrency', '511', 511],
  ] as const)('GIVEN %s %s THEN it is taken', (name, value, number) => {
    expect(given(name, value)).toBe(number);
  });

  it.each(['0', '-1', '1.5', '1e3', '0x10', '010', ' 5', '', 'ten', 'Infinity', '86401', '3000000', '9'.repeat(400)])(
    'GIVEN --timeout %j THEN it is refused, with what it may be',
    (value) => {
      expect(given('--timeout', value)).toBe(
        `error: option '--timeout <seconds>' argument '${value}' is invalid. It must be a whole number from 1 to 86400 (a day).`,
      );
    },
  );

  it('GIVEN more regions at once than a mesh can have THEN it is refused', () => {
    expect(given('--concurrency', '512')).toBe(
      "error: option '--concurrency <regions>' argument '512' is invalid. It must be a whole number from 1 to 511.",
    );
  });
});

describe('what failover was given, for the line that goes on', () => {
  const typed = (...line: string[]): string[] => {
    const failover = failoverOptions(command(program('clustermesh-lab', 'test'), 'failover', 'test'));
    return failoverTyped(failover.parse(line, { from: 'user' }).opts<FailoverOptions>());
  };

  it.each([
    ['--fault backends cut'],
    ['--all --region region-hurup --duration 9 --rate 10 --repeat 1 --baseline 4 --after 3 --keepalive'],
    ['--all --request-timeout 200 --max-gap 500ms --max-failed 0.1% --junit out.xml'],
  ])('GIVEN %s THEN the same', (line) => {
    expect(typed(...line.split(' ')).join(' ')).toBe(line);
  });

  it('GIVEN what it does anyway THEN nothing of it', () => {
    expect(typed('--all', '--rate', '50', '--repeat', '3', '--baseline', '20', '--request-timeout', '1000')).toEqual([
      '--all',
    ]);
    expect(typed('--all', '--max-gap', '1.5m')).toEqual(['--all', '--max-gap', '90000ms']);
  });
});

import { describe, expect, it } from 'vitest';
import { CommandError, lines, type Outcome } from '../../../scripts/tools/command-error.ts';
import { outcomeOf } from '../outcome.ts';

const outcome = (changes: Partial<Outcome>): Outcome =>
  outcomeOf({ program: 'helm', args: ['upgrade', '--install', 'cilium'] }, { exitCode: 1, ...changes });

describe('a command that did not end well', () => {
  it.each<{ ended: Outcome['ended']; exitCode: number | undefined; reason: string }>([
    { ended: 'exit', exitCode: 1, reason: 'exit code 1' },
    { ended: 'exit', exitCode: undefined, reason: 'killed by a signal' },
    { ended: 'deadline', exitCode: undefined, reason: 'stopped after its deadline of 900 s' },
    { ended: 'canceled', exitCode: undefined, reason: 'stopped on request' },
    { ended: 'not-started', exitCode: undefined, reason: 'helm could not be started' },
  ])('GIVEN $ended with $exitCode WHEN told THEN: $reason', ({ ended, exitCode, reason }) => {
    const error = new CommandError(outcome({ ended, exitCode }));

    expect(error.reason).toBe(reason);
    expect(error.message).toBe(`${reason}: helm upgrade --install cilium`);
    expect(error.name).toBe('CommandError');
  });

  it('GIVEN both streams WHEN shown THEN stderr is last, where programs say what was wrong', () => {
    const error = new CommandError(outcome({ stdout: 'one\ntwo\n', stderr: 'three\n\nfour  \n' }));

    expect(error.lastLines(3)).toEqual(['two', 'three', 'four']);
  });

  it('GIVEN a command whose output holds keys WHEN shown THEN its stdout is not', () => {
    const command: Outcome['command'] = { program: 'helm', args: ['get', 'values'], secret: true };
    const error = new CommandError(outcome({ command, stdout: '"key":"LS0tLS1CRUdJTi"', stderr: 'Error: EOF' }));

    expect(error.output).toBe('Error: EOF');
    expect(error.lastLines(9)).toEqual(['Error: EOF']);
  });
});

describe('the lines of an output that a person can read', () => {
  it('GIVEN the colours and redrawn lines of `cilium status --wait` WHEN read THEN plain lines', () => {
    const drawn = '\u001b[33m    /¯¯\\\u001b[0m\n\u001b[2A\u001b[J    Cilium:  \u001b[32mOK\u001b[0m  \n\n';

    expect(lines(drawn)).toEqual(['    /¯¯\\', '    Cilium:  OK']);
  });

  it('GIVEN lines that were written over with a carriage return WHEN read THEN each is a line', () => {
    expect(lines(' • Preparing nodes\r ✓ Preparing nodes\r\n')).toEqual([' • Preparing nodes', ' ✓ Preparing nodes']);
  });

  it('GIVEN nothing WHEN read THEN no line', () => {
    expect(lines('\n \r\n')).toEqual([]);
  });
});

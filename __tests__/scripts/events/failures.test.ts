import { describe, expect, it } from 'vitest';
import { FindingsError } from '../../../scripts/events/errors.ts';
import { describeFailure, recognise } from '../../../scripts/events/failures.ts';
import { NoTestsError } from '../../../scripts/steps/test.ts';
import { WaitError } from '../../../scripts/steps/wait.ts';
import { CommandError, type Outcome } from '../../../scripts/tools/command-error.ts';
import { outcomeOf } from '../outcome.ts';

const create = { program: 'kind', args: ['create', 'cluster', '--name', 'region-athens'] } as const;
const failed = (changes: Partial<Outcome>): CommandError =>
  new CommandError(outcomeOf(create, { exitCode: 1, ...changes }));

/** What to do where the catalogue knows nothing. */
const remedy = 'put right what its last lines say, or run the same command again: what is done stays done';

describe('what a user needs to know of a failed step', () => {
  it('GIVEN a program with a known failure WHEN described THEN command, last lines, log, cause and remedy', () => {
    const stderr =
      'ERROR: failed to create cluster: failed to lock config file: open region-athens.lock: file exists\n';

    expect(describeFailure(failed({ stderr }), '/lab/logs/region-athens-cluster.log')).toEqual({
      reason: 'exit code 1',
      command: 'kind create cluster --name region-athens',
      lastLines: ['ERROR: failed to create cluster: failed to lock config file: open region-athens.lock: file exists'],
      log: '/lab/logs/region-athens-cluster.log',
      code: 'kubeconfig-lock',
      cause: 'a kind that was killed has left its lock on the kubeconfig file',
      remedy: 'deploy again: it removes the lock and makes the cluster anew',
      again: true,
    });
  });

  it('GIVEN a program that nobody knows WHEN described THEN no cause is made up, and what to do in general', () => {
    expect(describeFailure(failed({ exitCode: 7, stderr: 'strange' }), undefined)).toEqual({
      reason: 'exit code 7',
      command: 'kind create cluster --name region-athens',
      lastLines: ['strange'],
      remedy,
    });
  });

  it('GIVEN a long output WHEN described THEN its last eight lines', () => {
    const stdout = Array.from({ length: 20 }, (_, index) => `line ${index}`).join('\n');

    expect(describeFailure(failed({ stdout }), undefined).lastLines).toEqual(
      [12, 13, 14, 15, 16, 17, 18, 19].map((index) => `line ${index}`),
    );
  });

  it('GIVEN a program that repeats a URL with a password WHEN described THEN it is not told', () => {
    const stderr = 'invalid bind address format: http://me:s3cret@build.example:1';

    expect(describeFailure(failed({ stderr }), undefined).lastLines).toEqual([
      'invalid bind address format: http://…@build.example:1',
    ]);
  });

  it('GIVEN a wait in vain WHEN described THEN what was waited for, and what its last look speaks of', () => {
    const seen = 'failed calling webhook "ipaddresspoolvalidationwebhook.metallb.io": connection refused';

    expect(describeFailure(new WaitError("MetalLB's webhook", 900, seen), '/lab/logs/pool.log')).toMatchObject({
      reason: `still waiting for MetalLB's webhook after 900 s; last seen: ${seen}`,
      lastLines: [],
      log: '/lab/logs/pool.log',
      code: 'metallb-webhook',
    });
  });

  it('GIVEN a test run of nothing WHEN described THEN what to correct', () => {
    expect(describeFailure(new NoTestsError(['^no-policies$']), undefined)).toEqual({
      reason: 'cilium connectivity test ran 0 tests: test.only [^no-policies$] matches none',
      lastLines: [],
      code: 'no-tests',
      cause: 'no test of the Cilium CLI matches; it matches `test/scenario`, so `^name$` never does',
      remedy: 'correct test.only in lab.yaml, such as no-policies/pod-to-pod',
    });
  });

  it('GIVEN something thrown that is no error WHEN described THEN its text', () => {
    expect(describeFailure('odd', undefined)).toEqual({ reason: 'odd', lastLines: [], remedy });
  });

  it('GIVEN a message in colours WHEN read THEN recognised all the same', () => {
    expect(recognise('unknown \u001b[31mflag: --parallel\u001b[0m')?.code).toBe('cli-version');
  });

  it('GIVEN a known text on the stdout of a secret command WHEN described THEN nothing of it is looked at', () => {
    const command: Outcome['command'] = { program: 'helm', args: ['get', 'values'], secret: true };

    expect(describeFailure(failed({ command, stdout: 'toomanyrequests KEY' }), undefined)).toEqual({
      reason: 'exit code 1',
      command: 'helm get values',
      lastLines: [],
      remedy,
    });
  });
});

describe('a failure with a remedy of its own', () => {
  it('GIVEN that something beside it would be mended by another deploy THEN a person chooses all the same', () => {
    const lost = new FindingsError('requests were lost', ['3 of 200'], 'go on: deploy again; or back: helm rollback');

    const failure = describeFailure(lost, undefined, ['region-athens: a-worker does not run: stopped']);

    expect(failure).toMatchObject({ code: 'node-stopped', remedy: 'go on: deploy again; or back: helm rollback' });
    expect(failure).not.toHaveProperty('again');
    expect(
      describeFailure(new FindingsError('no', []), undefined, ['region-athens: a does not run: stopped']),
    ).toMatchObject({ again: true });
  });
});

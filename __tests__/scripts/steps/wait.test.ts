import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { waitFor, WaitError } from '../../../scripts/steps/wait.ts';
import { makeWork } from '../fixtures.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A pause that only moves the clock. */
const pause = (seconds: number): Promise<void> => {
  vi.setSystemTime(Date.now() + seconds * 1000);
  return Promise.resolve();
};

describe('waiting for something', () => {
  it('GIVEN what is there already WHEN waited for THEN one look, no pause, no word', async () => {
    const work = makeWork('/nowhere');

    await waitFor(work, 'all nodes', () => Promise.resolve(undefined));

    expect({ told: work.told, paused: work.paused }).toEqual({ told: [], paused: [] });
  });

  it('GIVEN something that comes WHEN waited for THEN each look says what it saw, and how long it is waited for at most', async () => {
    const answers = ['1 of 4 joined', '3 of 4 joined', undefined];
    const work = makeWork('/nowhere');

    await waitFor(work, 'all nodes', () => Promise.resolve(answers.shift()));

    expect(work.told).toEqual([
      'waiting up to 10 s for all nodes: 1 of 4 joined',
      'waiting up to 10 s for all nodes: 3 of 4 joined',
    ]);
    expect(work.paused).toEqual([0.1, 0.2]);
  });

  it('GIVEN a look that takes long THEN the next one is later, so that looking does not keep the machine busy', async () => {
    const answers = ['1 of 4 joined', undefined];
    const work = makeWork('/nowhere');

    await waitFor(work, 'all nodes', async () => {
      await sleep(400);
      return answers.shift();
    });

    expect(work.paused).toHaveLength(1);
    expect(work.paused[0]).toBeGreaterThanOrEqual(0.79);
    expect(work.paused[0]).toBeLessThanOrEqual(3);
  });

  it.each([
    [900, '15 min'],
    [90, '90 s'],
    [61, '61 s'],
  ])('GIVEN a deadline of %d s THEN told as %s', async (timeoutSeconds, told) => {
    const work = makeWork('/nowhere', { timeoutSeconds });
    const answers = ['1 of 4 joined', undefined];

    await waitFor(work, 'all nodes', () => Promise.resolve(answers.shift()));

    expect(work.told).toEqual([`waiting up to ${told} for all nodes: 1 of 4 joined`]);
  });

  it('GIVEN what reads as an alarm and is none WHEN waited for THEN the reader sees the normal word, the error what was seen', async () => {
    const work = makeWork('/nowhere', { timeoutSeconds: 0, pause });
    const wait = waitFor(work, 'the webhook', () => Promise.resolve('InternalError'), 'not up yet');

    await expect(wait).rejects.toThrow('still waiting for the webhook after 0 s; last seen: InternalError');
    expect(new Set(work.told)).toEqual(new Set(['waiting up to 0 s for the webhook: not up yet']));
  });

  it('GIVEN something that never comes WHEN the deadline passes THEN an error with the last thing seen', async () => {
    const work = makeWork('/nowhere', { timeoutSeconds: 3, pause });
    let looks = 0;

    const wait = waitFor(work, 'all nodes', () => Promise.resolve(`look ${++looks}`));

    await expect(wait).rejects.toThrow(new WaitError('all nodes', 3, 'look 7'));
    await expect(wait).rejects.toThrow('still waiting for all nodes after 3 s; last seen: look 7');
  });

  it('GIVEN a look that fails for good WHEN waited for THEN its error, at once', async () => {
    const work = makeWork('/nowhere');

    await expect(waitFor(work, 'x', () => Promise.reject(new Error('denied')))).rejects.toThrow(new Error('denied'));
    expect(work.paused).toEqual([]);
  });

  it('GIVEN a driver that is stopped WHEN it pauses THEN the wait ends with it', async () => {
    const work = makeWork('/nowhere', { pause: () => Promise.reject(new Error('stopped')) });

    await expect(waitFor(work, 'x', () => Promise.resolve('not yet'))).rejects.toThrow(new Error('stopped'));
  });
});

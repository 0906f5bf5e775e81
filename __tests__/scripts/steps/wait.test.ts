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

  it('GIVEN something that comes WHEN waited for THEN each look says what it saw', async () => {
    const answers = ['1 of 4 joined', '3 of 4 joined', undefined];
    const work = makeWork('/nowhere');

    await waitFor(work, 'all nodes', () => Promise.resolve(answers.shift()));

    expect(work.told).toEqual(['waiting for all nodes: 1 of 4 joined', 'waiting for all nodes: 3 of 4 joined']);
    expect(work.paused).toEqual([1, 1]);
  });

  it('GIVEN something that never comes WHEN the deadline passes THEN an error with the last thing seen', async () => {
    const work = makeWork('/nowhere', { timeoutSeconds: 3, pause });
    let looks = 0;

    const wait = waitFor(work, 'all nodes', () => Promise.resolve(`look ${++looks}`));

    await expect(wait).rejects.toThrow(new WaitError('all nodes', 3, 'look 5'));
    await expect(wait).rejects.toThrow('still waiting for all nodes after 3 s; last seen: look 5');
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

import { describe, expect, it } from 'vitest';
import type { DriverEvent } from '../../../scripts/events/events.ts';
import { Journal } from '../../../scripts/run/journal.ts';

const athens = { id: 'region-athens/cluster', step: 'cluster', region: 'region-athens' };
const network = { id: 'network', step: 'network' };
const never = new AbortController().signal;
const nothing = (): Promise<void> => Promise.resolve();

function makeJournal(signal = never): { journal: Journal; events: DriverEvent[] } {
  const events: DriverEvent[] = [];
  return { events, journal: new Journal((event) => events.push(event), signal) };
}

describe('what happened, and when', () => {
  it('GIVEN a step WHEN it is done THEN start, progress and end are told, its id kept for the times alone', async () => {
    const { journal, events } = makeJournal();

    await journal.step(athens, 'not there', '/log', () => {
      journal.progress(athens, 'a line');
      return nothing();
    });

    const number = expect.any(Number) as number;
    const where = { step: 'cluster', region: 'region-athens' };
    expect(events).toEqual([
      { event: 'step-started', at: number, ...where, reason: 'not there' },
      { event: 'step-progress', at: number, ...where, line: 'a line' },
      { event: 'step-done', at: number, ...where, seconds: number },
    ]);
    expect(journal.timings).toEqual([{ ...athens, from: number, to: number }]);
  });

  it('GIVEN a step that fails WHEN it ends THEN its failure is told and thrown, and it has no time', async () => {
    const { journal, events } = makeJournal();

    const step = journal.step(network, 'not there', '/log', () => Promise.reject(new Error('odd')));

    await expect(step).rejects.toThrow(new Error('odd'));
    expect(events.at(-1)).toMatchObject({
      event: 'step-failed',
      step: 'network',
      failure: { reason: 'odd', lastLines: [], log: '/log' },
    });
    expect(journal.timings).toEqual([]);
  });

  it('GIVEN a failure that another plan mends WHEN one may follow THEN it is told as that, AND only then', () => {
    const { journal, events } = makeJournal();
    const mended = new Error('etcdserver: leader changed');

    expect(journal.failed(network, mended, '/log', [], true)).toBe(true);
    expect(journal.failed(network, mended, '/log')).toBe(false);
    expect(journal.failed(network, new Error('odd'), '/log', [], true)).toBe(false);
    expect(events.map(({ event }) => event)).toEqual(['step-again', 'step-failed', 'step-failed']);
  });

  it('GIVEN a step that a second plan runs again WHEN it is done THEN its last time is kept, at its place by then', async () => {
    const { journal } = makeJournal();

    for (const where of [network, athens, network]) await journal.step(where, 'not there', '/log', nothing);

    expect(journal.timings.map(({ id }) => id)).toEqual([athens.id, network.id]);
  });

  it('GIVEN a driver that was stopped WHEN steps end THEN they were stopped and did not fail, and there is no summary', async () => {
    const controller = new AbortController();
    const { journal, events } = makeJournal(controller.signal);

    const step = journal.step(network, 'not there', '/log', () => {
      controller.abort();
      return Promise.reject(new Error('stopped'));
    });
    await expect(step).rejects.toThrow('stopped');
    journal.finish('failed', 0, [], []);

    expect(events.map(({ event }) => event)).toEqual(['step-started']);
  });

  it('GIVEN steps that ended in any order WHEN finished THEN their times are told in the order of the plan', async () => {
    const { journal, events } = makeJournal();
    await journal.step(athens, '', '/log', nothing);
    await journal.step(network, '', '/log', nothing);

    journal.finish('done', 3, ['network'], ['network', 'region-athens/cluster']);

    const end = events.at(-1);
    expect(end).toMatchObject({ event: 'finished', outcome: 'done', ran: 2, skipped: 3, criticalPath: ['network'] });
    expect(end?.event === 'finished' ? end.timings.map(({ id }) => id) : []).toEqual([
      'network',
      'region-athens/cluster',
    ]);
  });
});

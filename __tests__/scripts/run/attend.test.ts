import { describe, expect, it } from 'vitest';
import type { FindingsError } from '../../../scripts/events/errors.ts';
import { describeFailure } from '../../../scripts/events/failures.ts';
import type { PodsSeen, Trouble } from '../../../scripts/observe/pods.ts';
import { attend, type Notice, notUpIn, type Watched } from '../../../scripts/run/attend.ts';

const calm: PodsSeen = { troubles: [], isBaseComing: false, coming: [], hasJob: false, warnings: [] };
const image: Trouble = {
  ...{ pod: 'kube-system/relay-1', kind: 'image', isBase: false, why: 'ImagePullBackOff: Back-off pulling image "a"' },
};

/** A step that takes so many seconds, by a clock that goes as fast as it is asked. */
async function attended(
  seconds: number,
  looks: readonly (() => PodsSeen | undefined)[],
  words: string[] = [],
  stopped: string[] = [],
) {
  const notices: Notice[] = [];
  const given: FindingsError[] = [];
  const over = new AbortController();
  let now = 0;
  const clock = {
    now: () => now,
    pause: (asked: number) => {
      now += asked * 1000;
      if (now > seconds * 1000) over.abort();
      return Promise.resolve();
    },
  };
  const watched = looks.map((look, index): Watched => ({
    region: `region-${index + 1}`,
    look: () => Promise.resolve(look()),
    stopped: () => Promise.resolve(stopped),
    isLoading: () => false,
    lastWords: () => Promise.resolve(words),
  }));
  await attend(
    watched,
    (notice) => notices.push(notice),
    (why) => given.push(why),
    over.signal,
    clock,
  );
  return { notices, given, now: now / 1000 };
}

describe('a step that is attended', () => {
  it('GIVEN one that is soon over THEN nothing is told', async () => {
    expect(await attended(100, [() => calm])).toMatchObject({ notices: [], given: [] });
  });

  it('GIVEN one that takes long THEN it is told of after two minutes, four, eight, with what is not up', async () => {
    const coming = { ...calm, coming: ['kube-system/api-1'] };
    const { notices, given } = await attended(500, [() => coming, () => undefined]);

    expect(given).toEqual([]);
    expect(notices).toEqual(
      [120, 240, 480].map((seconds) => ({
        seconds,
        notUp: ['region-1: kube-system/api-1: not ready yet', 'region-2: its API server does not answer'],
      })),
    );
  });

  it('GIVEN one that waits for no pods THEN it is told of all the same', async () => {
    expect((await attended(130, [])).notices).toEqual([{ seconds: 120, notUp: [] }]);
  });

  it('GIVEN a pod that does not come up THEN it is given up within a minute, with the reason and its last words', async () => {
    const { given, now } = await attended(900, [() => calm, () => ({ ...calm, troubles: [image] })], ['fatal: no']);

    expect(now).toBeLessThanOrEqual(60);
    expect(given).toHaveLength(1);
    expect(describeFailure(given[0], undefined)).toEqual({
      reason: 'a pod of region-2 does not come up',
      lastLines: ['kube-system/relay-1: ImagePullBackOff: Back-off pulling image "a"', '  fatal: no'],
      code: 'image-pull',
      cause: 'an image cannot be pulled: no network, or no such image',
      remedy: expect.stringMatching(/^check the network/) as string,
    });
  });

  it('GIVEN a node that does not run any more THEN it is given up at the first look, and a deploy again mends it', async () => {
    const { given, now } = await attended(900, [() => undefined], [], ['region-1-worker does not run: stopped']);

    expect(now).toBe(20);
    expect(describeFailure(given[0], undefined)).toEqual({
      reason: 'a node of region-1 does not run',
      lastLines: ['region-1-worker does not run: stopped'],
      code: 'node-stopped',
      cause: 'a node was stopped or killed while the deploy ran, or Docker was restarted',
      remedy: 'deploy again: it starts what does not run, waits until it is up, and goes on from there',
      again: true,
    });
  });

  it('GIVEN many pods that are not up THEN the first are named', () => {
    const coming = Array.from({ length: 9 }, (_, index) => `kube-system/pod-${index}`);

    expect(notUpIn('a', { ...calm, troubles: [image], coming })).toEqual([
      'a: kube-system/relay-1: ImagePullBackOff: Back-off pulling image "a"',
      ...[0, 1, 2, 3].map((index) => `a: kube-system/pod-${index}: not ready yet`),
      'a: and 5 more',
    ]);
  });
});

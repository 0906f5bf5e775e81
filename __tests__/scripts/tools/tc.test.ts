import { describe, expect, it } from 'vitest';
import { parseConnectTimes } from '../../../scripts/tools/curl.ts';
import { isNotThere, parseOurs, tcBatch } from '../../../scripts/tools/tc.ts';

// as iproute2 6.1 printed it
const noqueue = '[{"kind":"noqueue","handle":"0:","root":true,"refcnt":2,"options":{}}]';
const ours =
  '[{"kind":"htb","handle":"c1a0:","root":true,"refcnt":3,"options":{"r2q":10,"default":"0","direct_packets_stat":1,"direct_qlen":1000}},{"kind":"pfifo","handle":"8001:","parent":"c1a0:2","options":{"limit":7}}]';

describe('what is on an interface', () => {
  it.each([
    [noqueue, false],
    [ours, true],
    [ours.replace('"root":true,', ''), false],
    [ours.replace('c1a0:"', '1:"'), false],
    ['[]', false],
    ['Cannot find device "eth0"', undefined],
  ])('GIVEN %s THEN it is the lab’s own: %s', (json, isOurs) => {
    expect(parseOurs(json)).toBe(isOurs);
  });

  it('GIVEN several commands THEN they are read by one process', () => {
    expect(tcBatch('region-a-worker', [['qdisc', 'add'], ['class']])).toEqual({
      program: 'docker',
      args: ['exec', '--interactive', 'region-a-worker', 'tc', '-batch', '-'],
      input: 'qdisc add\nclass\n',
    });
  });

  it.each([
    ['Error: Invalid handle.\n', true],
    ['Error: Cannot delete qdisc with handle of zero.\n', true],
    ['Error response from daemon: No such container: region-a-worker\n', true],
    ['Error response from daemon: container 1a2b is not running\n', true],
    ['RTNETLINK answers: Operation not permitted\n', false],
  ])('GIVEN that it is taken off and tc says %j THEN nothing was there: %s', (stderr, is) => {
    expect(isNotThere(stderr)).toBe(is);
  });
});

describe('how long connections took', () => {
  it('GIVEN some that did not come about THEN the others, in milliseconds', () => {
    expect(parseConnectTimes('0.000338\n0.000000\n0.080123\n')).toEqual([0.338, 80.123]);
    expect(parseConnectTimes('')).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import { readRequests } from '../../../scripts/failover/requests.ts';

const whole = `# {"url":"http://10.1.0.7:8080/","every":20,"timeout":1000}
1020.0,1020.1,1023.0,ok,region-athens,server-1
1000.0,1000.1,2000.4,timeout,,
# end
`;

describe('what a client wrote', () => {
  it('GIVEN whole lines THEN they are requests, in the order in which they were due', () => {
    expect(readRequests(whole)).toEqual({
      requests: [
        { due: 1000, sent: 1000.1, done: 2000.4, outcome: 'timeout' },
        { due: 1020, sent: 1020.1, done: 1023, outcome: 'ok', region: 'region-athens', pod: 'server-1' },
      ],
      isWhole: true,
    });
  });

  it('GIVEN a client that was killed THEN half a line is left out, AND it is told that some may be missing', () => {
    const { requests, isWhole } = readRequests(whole.slice(0, whole.lastIndexOf('timeout') + 4));

    expect(requests.map(({ due }) => due)).toEqual([1020]);
    expect(isWhole).toBe(false);
  });

  it.each(['1,2,3,lost,,', '1,2,x,ok,a,b', '1,2,3,ok,a,b,c', 'Error: no such file'])(
    'GIVEN %j THEN it is no request',
    (line) => {
      expect(readRequests(line).requests).toEqual([]);
    },
  );
});

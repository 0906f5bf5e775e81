import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Lab } from '../../../lab/lab.ts';
import { shapingOf } from '../../../scripts/steps/shaping.ts';
import { labOf } from '../../lab/lab-file.ts';

/** Three regions of one node, the second's id 255; pools of three addresses. */
const labText = (routing: 'tunnel' | 'native'): string => `name: lab
regions:
  - { name: region-a, workers: 0 }
  - { name: region-b, workers: 0, id: 255 }
  - { name: region-c, workers: 0 }
loadBalancer: { addressesPerRegion: 3 }
cilium: { routing: ${routing} }
`;
const nodes = new Map([
  ['region-a', ['172.19.0.2']],
  ['region-b', ['172.19.0.3', '172.19.0.5']],
  ['region-c', ['172.19.0.4']],
]);
const region = (lab: Lab, name: string) => {
  const found = lab.regions.find((each) => each.name === name);
  if (found === undefined) throw new Error(name);
  return found;
};
const lines = (lab: Lab, name: string, profile: Parameters<typeof shapingOf>[1]): string[] =>
  shapingOf(lab, profile, region(lab, name), nodes).map((words) => words.join(' '));

describe('what makes a worse network in the nodes of a region', () => {
  const wan = [
    { between: ['region-a', 'region-b'], delay: 40, jitter: 4, loss: 0.1, rate: 100e6 },
    { between: ['region-c', 'region-a'], rate: 1e6 },
  ];

  it('GIVEN two pairs of it THEN a class for each other region, and netem where more than a rate is given', () => {
    expect(lines(labOf(labText('tunnel')), 'region-a', wan)).toEqual([
      'qdisc add dev eth0 root handle c1a0: htb default 0',
      'class add dev eth0 parent c1a0: classid c1a0:ff htb rate 100000000bit burst 12500 cburst 12500 quantum 60000',
      'qdisc add dev eth0 parent c1a0:ff netem limit 1367 delay 40ms 4ms loss 0.1%',
      ...['172.19.0.3/32', '172.19.0.5/32', '172.19.255.4/31', '172.19.255.6/32'].map(
        (to) => `filter add dev eth0 parent c1a0: protocol ip prio 1 u32 match ip dst ${to} flowid c1a0:ff`,
      ),
      'class add dev eth0 parent c1a0: classid c1a0:3 htb rate 1000000bit burst 1600 cburst 1600 quantum 60000',
      ...['172.19.0.4/32', '172.19.255.7/32', '172.19.255.8/31'].map(
        (to) => `filter add dev eth0 parent c1a0: protocol ip prio 1 u32 match ip dst ${to} flowid c1a0:3`,
      ),
    ]);
  });

  it('GIVEN native routing THEN the pods of the other region too', () => {
    const lab = labOf(labText('native'));
    const destinations = lines(lab, 'region-b', wan).flatMap((line) => / dst (\S+)/.exec(line)?.[1] ?? []);
    expect(destinations).toEqual([
      '172.19.0.2/32',
      '172.19.255.1/32',
      '172.19.255.2/31',
      String(region(lab, 'region-a').podSubnet),
    ]);
  });

  it('GIVEN loss alone, or delay alone THEN a class that lets all through, and netem', () => {
    const lab = labOf(labText('tunnel'));
    const loss = lines(lab, 'region-c', [{ between: ['region-b', 'region-c'], loss: 5 }]);
    expect(loss.slice(1, 3)).toEqual([
      'class add dev eth0 parent c1a0: classid c1a0:ff htb rate 100000000000bit burst 12500000 cburst 12500000 quantum 60000',
      'qdisc add dev eth0 parent c1a0:ff netem limit 100000 loss 5%',
    ]);
    const delay = lines(lab, 'region-c', [{ between: ['region-b', 'region-c'], delay: 0.5 }]);
    expect(delay[2]).toBe('qdisc add dev eth0 parent c1a0:ff netem limit 100000 delay 0.5ms');
  });

  it('GIVEN a region of no pair THEN nothing', () => {
    expect(lines(labOf(labText('tunnel')), 'region-c', wan.slice(0, 1))).toEqual([]);
  });

  it('GIVEN any impairment THEN what is sent to the own region is never touched, AND both ends have the same', () => {
    const lab = labOf(labText('native'));
    const figure = fc.double({ min: 0.001, max: 1000, noNaN: true });
    fc.assert(
      fc.property(fc.record({ delay: figure, loss: figure, rate: fc.integer({ min: 1000, max: 1e12 }) }), (one) => {
        const profile = [{ between: ['region-a', 'region-b'], ...one }];
        const [a, b] = ['region-a', 'region-b'].map((name) => lines(lab, name, profile));
        const own = String(region(lab, 'region-a').podSubnet);
        expect(a?.some((line) => line.includes('172.19.0.2/') || line.includes(own))).toBe(false);
        const way = (all: string[] | undefined) => all?.slice(1, 3).map((line) => line.replaceAll(/c1a0:\w+/g, ''));
        expect(way(a)).toEqual(way(b));
        // each word one word: the commands are read by blanks
        expect([...(a ?? []), ...(b ?? [])].every((line) => /^[\w./:%+ -]+$/.test(line))).toBe(true);
      }),
    );
  });
});

import { describe, expect, it } from 'vitest';
import { networkText } from '../../lab/degrade.ts';
import { labSchema } from '../../lab/schema.ts';
import { articleLab, labOf, refusalOf } from './lab-file.ts';

const degrading = (text: string): string => `${articleLab}degrade: ${text}\n`;
const pair = 'between: [region-athens, region-hurup]';

describe('worse networks, in lab.yaml', () => {
  it('GIVEN none THEN there is none; GIVEN some THEN milliseconds, per cent and bits a second, by profile', () => {
    expect(labOf(articleLab).profiles).toEqual(new Map());
    const { profiles } = labOf(
      degrading(
        `{ wan: [{ ${pair}, delay: 40ms, jitter: 4ms, loss: 0.1%, rate: 100mbit }], a-9: [{ ${pair}, rate: 500kbit }], slow: [{ ${pair}, delay: 1.5s }] }`,
      ),
    );
    const between = ['region-athens', 'region-hurup'];
    expect(profiles).toEqual(
      new Map<string, unknown>([
        ['wan', [{ between, delay: 40, jitter: 4, loss: 0.1, rate: 100e6 }]],
        ['a-9', [{ between, rate: 500e3 }]],
        ['slow', [{ between, delay: 1500 }]],
      ]),
    );
  });

  it('GIVEN another pool of a region of the profile, or other routing THEN it is another network; a region of no pair changes nothing', () => {
    const lab = labOf(articleLab);
    const profile = [{ between: ['region-athens', 'region-hurup'], delay: 40 }];
    const before = networkText(lab, profile);
    const [athens, ...others] = lab.regions;
    if (athens === undefined) throw new Error('no region');
    const wider = { ...athens, pool: { first: athens.pool.first, last: athens.podSubnet.last } };
    const stranger = { ...athens, name: 'region-oslo' };

    expect(networkText({ ...lab, regions: [wider, ...others] }, profile)).not.toBe(before);
    expect(networkText({ ...lab, switches: { ...lab.switches, routing: 'native' } }, profile)).not.toBe(before);
    expect(networkText(lab, [{ between: ['region-athens', 'region-hurup'], delay: 200 }])).not.toBe(before);
    expect(networkText({ ...lab, regions: [...lab.regions, stranger] }, profile)).toBe(before);
  });

  it.each([
    ['0mbit', false],
    ['1mbit', true],
    ['100gbit', true],
    ['1000000gbit', false],
    ['1.5mbit', false],
    ['100 mbit', false],
    ['100Mbit', false],
    ['100mbps', false],
    ['mbit', false],
  ])('GIVEN the rate %s THEN it is one: %s', (rate, isOne) => {
    const text = {
      name: 'lab',
      regions: [{ name: 'a' }, { name: 'b' }],
      degrade: { p: [{ between: ['a', 'b'], rate }] },
    };
    expect(labSchema.safeParse(text).success).toBe(isOne);
  });

  it('GIVEN several mistakes THEN all are told at once, each with its place', () => {
    const text = `degrade:
  wan:
    - { between: [region-athens, region-hurop], delay: 40ms }
    - { between: [region-athens, region-athens], loss: 1% }
    - { between: [region-athens, region-hurup], jitter: 4ms }
    - { between: [region-hurup, region-athens] }
  lan:
    - { between: [region-hurup, region-athens], delay: 40ms, jitter: 50ms }
  moon:
    - { between: [region-athens, region-hurup], delay: 2m }
  mars:
    - { between: [region-athens, region-hurup], delay: 3s, jitter: 2500ms, rate: 200gbit }
  none:
    - { between: [region-athens, region-hurup], delay: 0ms, loss: 0% }
`;
    expect(refusalOf(articleLab + text)).toEqual([
      'lab.yaml:7:34  degrade.wan[0].between names region-hurop, which is no region of the lab. Did you mean region-hurup?',
      'lab.yaml:8:9  degrade.wan[1] is between region-athens and itself. Name two regions.',
      'lab.yaml:9:7  degrade.wan[2] has a jitter, and no delay that it could be of. Give delay too, or remove jitter.',
      'lab.yaml:10:7  degrade.wan[3] does not say what is between them. Give at least one of delay, loss and rate.',
      'lab.yaml:10:9  degrade.wan[3] is between region-hurup and region-athens, as degrade.wan[2] is. Remove one of them.',
      'lab.yaml:12:7  degrade.lan[0] has a jitter of 50 ms, and a delay of 40 ms. Give no more jitter than delay.',
      'lab.yaml:14:7  degrade.moon[0] has a delay of 120 s. Give 60 s at most.',
      'lab.yaml:16:7  degrade.mars[0] has a jitter of 2500 ms. Give 2000 ms at most: the kernel knows no longer one.',
      'lab.yaml:16:7  degrade.mars[0] has a rate of 200 Gbit/s. Give 100gbit at most, or none for no limit.',
      'lab.yaml:18:7  degrade.none[0] does not say what is between them. Give at least one of delay, loss and rate.',
    ]);
  });

  it.each([
    [`{ wan: [{ ${pair}, delay: 40 ms }] }`, '40 ms is not a duration. Write it as 500ms, 5s or 1m.'],
    [`{ wan: [{ ${pair}, loss: 101% }] }`, '101% is not a part of a hundred. Write it as 0.1%.'],
    [`{ wan: [{ ${pair}, rate: 100mb }] }`, '100mb is not a rate. Write it as 500kbit, 100mbit or 1gbit.'],
    [`{ wan: [{ between: [region-athens], delay: 1s }] }`, 'is no pair. Name two regions: [region-a, region-b].'],
    [
      `{ -wan: [{ ${pair}, delay: 1s }] }`,
      'degrade.-wan -wan is not a name for a profile. Use a-z, 0-9 and dashes, at most 32, such as wan.',
    ],
    [`{ wan: [] }`, 'degrade.wan is empty. Give at least one item or character.'],
    [
      `{ wan: [{ ${pair}, latency: 1s }] }`,
      'latency is not a key of degrade.wan[0]. Known keys: between, delay, jitter, loss, rate.',
    ],
  ])('GIVEN %s THEN refused, with how to write it', (text, says) => {
    expect(refusalOf(degrading(text)).join('\n')).toContain(says);
  });
});

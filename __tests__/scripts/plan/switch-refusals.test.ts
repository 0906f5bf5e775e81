import { describe, expect, it } from 'vitest';
import type { Lab, Values } from '../../../lab/lab.ts';
import type { Switches } from '../../../lab/switches.ts';
import { mergeValues } from '../../../lab/values.ts';
import type { Observed } from '../../../scripts/observe/observed.ts';
import { findRefusals } from '../../../scripts/plan/refusals.ts';
import { allThere, articleLab, livingCluster, livingRegion, nothingThere } from '../fixtures.ts';
import { athens, athensWith, lab, plan, running } from './planning.ts';

const switched = (changes: Partial<Switches>): Lab => articleLab({ switches: { ...lab.switches, ...changes } });

/** The lab's regions, living with these values beside their own. */
function living(values: Values): Observed {
  const regions = lab.regions.map((region) => {
    const { release } = livingCluster(lab, region);
    if (release === undefined) throw new Error('a living cluster has a release');
    const cluster = livingCluster(lab, region, {
      release: { ...release, values: mergeValues(release.values, values) },
    });
    return [region.name, livingRegion(lab, region, { cluster })] as const;
  });
  return allThere(lab, Object.fromEntries(regions));
}

const refusals = (changes: Partial<Switches>, observed: Observed, regions = lab.regions): string[] =>
  findRefusals(switched(changes), regions, observed).map(({ cause, remedy }) => `${cause} | ${remedy}`);

const encryption = (type: string) => ({ encryption: { enabled: true, type } });
const mcs = { clustermesh: { mcsapi: { enabled: true } } };
const destroy = (region: string) =>
  `this cannot be changed in place: npm run destroy -- --region ${region}, then deploy again`;

describe('switches of a living lab', () => {
  it('GIVEN Hubble, KVStoreMesh, the MCS-API to come, or an encryption that begins or ends THEN nothing is refused', () => {
    for (const changes of [{ hubble: false }, { kvstoremesh: true }, { mcs: true }, { encryption: 'ipsec' }] as const)
      expect(refusals(changes, allThere(lab))).toEqual([]);
    expect(refusals({}, living(encryption('wireguard')))).toEqual([]);
    expect(refusals({ encryption: 'wireguard' }, nothingThere(lab))).toEqual([]);
  });

  it.each([
    { values: {}, routing: 'native', what: 'cilium.routing tunnel, lab.yaml says native' },
    { values: { routingMode: 'native' }, routing: 'tunnel', what: 'cilium.routing native, lab.yaml says tunnel' },
    { values: { tunnel: 'disabled' }, routing: 'tunnel', what: 'cilium.routing native, lab.yaml says tunnel' },
  ] as const)('GIVEN $values WHEN lab.yaml says routing $routing THEN refused', ({ values, routing, what }) => {
    expect(refusals({ routing }, living(values))).toEqual(
      ['region-athens', 'region-hurup'].map((name) => `${name} lives with ${what} | ${destroy(name)}; or put it back`),
    );
  });

  it('GIVEN native routing that cilium.values had set WHEN the switch says so too THEN nothing is refused', () => {
    expect(refusals({ routing: 'native' }, living({ routingMode: 'native', autoDirectNodeRoutes: true }))).toEqual([]);
  });

  it('GIVEN one encryption WHEN lab.yaml says another THEN none comes between', () => {
    expect(refusals({ encryption: 'ipsec' }, living(encryption('wireguard')))[0]).toBe(
      'region-athens encrypts by wireguard, lab.yaml says ipsec: agents with the one do not understand those with the other | ' +
        'deploy with `encryption: none` in lab.yaml first; or put it back',
    );
    // the chart's own default
    expect(refusals({ encryption: 'ipsec' }, living({ encryption: { enabled: true } }))).toEqual([]);
  });

  it('GIVEN an encryption that begins or ends WHEN a region is left out THEN all or none', () => {
    const told = (from: string, to: string) => [
      `this run leaves out region-hurup, which lives with cilium.encryption ${from}, and lab.yaml says ${to}: ` +
        'regions that encrypt do not reach those that do not | all regions in one run: npm run deploy',
    ];
    expect(refusals({ encryption: 'wireguard' }, allThere(lab), [athens])).toEqual(told('none', 'wireguard'));
    expect(refusals({}, living(encryption('ipsec')), [athens])).toEqual(told('ipsec', 'none'));
    expect(refusals({ encryption: 'ipsec' }, living(encryption('ipsec')), [athens])).toEqual([]);
  });

  it('GIVEN the MCS-API WHEN lab.yaml has it no more THEN refused, since CoreDNS keeps its part', () => {
    expect(refusals({}, living(mcs))[0]).toBe(
      'region-athens has the MCS-API, lab.yaml has not: its CoreDNS goes on to ask for what it could not read any more | ' +
        `${destroy('region-athens')}; or put \`mcs: true\` back`,
    );
    expect(refusals({ mcs: true }, living(mcs))).toEqual([]);
  });
});

describe('the IPsec key', () => {
  const secured = switched({ encryption: 'ipsec' });
  const of = (ipsecKey: string | undefined, shared: string | undefined) =>
    running(plan({ ...athensWith({ ipsecKey }, secured), ipsecKey: shared }, { lab: secured })).filter((line) =>
      line.startsWith('region-athens/cilium'),
    );

  it('GIVEN a region without it, or with another WHEN planned THEN Cilium runs there', () => {
    const reason = ['region-athens/cilium run: its IPsec key is not the shared one'];
    expect(of(undefined, 'K')).toEqual(reason);
    expect(of('other', 'K')).toEqual(reason);
    expect(of(undefined, undefined)).toEqual(reason);
    expect(of('K', 'K')).toEqual([]);
  });

  it('GIVEN a lab that does not encrypt THEN nobody asks for it', () => {
    expect(running(plan(allThere(lab)))).toEqual([]);
  });
});

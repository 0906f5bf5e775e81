import { writeFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { linksOf } from '../../../scripts/observe/mesh.ts';
import { brokenLinks, waitForLinks } from '../../../scripts/steps/links.ts';
import { makeProgramFolder } from '../tools/programs.ts';
import { allThere, articleLab, athens, hurup, livingCluster, livingRegion, makeWork } from '../fixtures.ts';

const programs = makeProgramFolder();
afterAll(() => {
  programs.dispose();
});

describe('the links of a region', () => {
  it('GIVEN the regions of a run WHEN asked THEN those of them that lab.yaml connects it to', () => {
    const linked = athens({ links: ['region-hurup', 'region-third'] });
    const third = athens({ name: 'region-third' });

    expect(linksOf(linked, [linked, hurup(), third, athens({ name: 'region-fourth' })])).toEqual(linked.links);
    expect(linksOf(linked, [linked, third])).toEqual(['region-third']);
    expect(linksOf(linked, [linked])).toEqual([]);
  });

  it.each([
    { given: 'another address', clusters: [{ name: 'region-hurup', ips: ['172.19.255.9'] }], broken: ['region-hurup'] },
    { given: 'the same in a table by name', clusters: { 'region-hurup': { ips: ['172.19.255.102'] } }, broken: [] },
    { given: 'another in a table', clusters: { 'region-hurup': { ips: ['172.19.255.9'] } }, broken: ['region-hurup'] },
    {
      given: 'one address of two',
      clusters: [{ name: 'region-hurup', ips: ['1.1.1.1', '172.19.255.102'] }],
      broken: [],
    },
    {
      given: 'a name in place of an address',
      clusters: [{ name: 'region-hurup', address: 'hurup.example' }],
      broken: [],
    },
    { given: 'an empty list of addresses', clusters: [{ name: 'region-hurup', ips: [] }], broken: [] },
    { given: 'something odd', clusters: [null, 'region-hurup', { name: 'region-hurup', ips: 'x' }], broken: [] },
    { given: 'nothing', clusters: undefined, broken: [] },
  ])('GIVEN a release that dials $given THEN links to $broken are broken', ({ clusters, broken }) => {
    const lab = articleLab();
    const living = livingCluster(lab, athens());
    const release = living.release && { ...living.release, values: { clustermesh: { config: { clusters } } } };
    const cluster = { ...living, release };
    const observed = allThere(lab, { 'region-athens': livingRegion(lab, athens(), { cluster }) });

    expect(brokenLinks(lab, athens(), lab.regions, observed)).toEqual(broken);
  });

  it('GIVEN agents that restart and connect one by one WHEN waited for THEN no failure, and each look is told', async () => {
    const answer = (connected: number): string =>
      `✅ found\n{"connectivity":{"total":2,"clusters":{"region-hurup":{"configured":2,"connected":${connected}}}}}\n`;
    writeFileSync(programs.file('2'), answer(1));
    writeFileSync(programs.file('3'), answer(2));
    // each call answers with the next file; the first fails, as the CLI does while the agents restart
    programs.addScript(
      'cilium',
      `echo x >>${programs.file('calls')}\nset -- $(/bin/cat ${programs.file('calls')})\nexec /bin/cat ${programs.folder}/$#`,
    );
    const work = makeWork(programs.folder);

    await waitForLinks(work, athens(), ['region-hurup']);

    expect(work.told).toEqual([
      "waiting up to 10 s for region-athens's links: the agents do not answer yet",
      "waiting up to 10 s for region-athens's links: region-hurup 1/2",
    ]);
  });
});

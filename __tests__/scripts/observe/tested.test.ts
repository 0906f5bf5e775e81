import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Lab } from '../../../lab/lab.ts';
import type { ObservedRegion } from '../../../scripts/observe/observed.ts';
import { stillTested, testedState, testedWith } from '../../../scripts/observe/tested.ts';
import { list, storedRelease } from '../stored-release.ts';
import { makeProgramFolder } from '../tools/programs.ts';
import { allThere, articleLab, livingCluster, livingRegion, makeWork } from '../fixtures.ts';

const lab = articleLab();
const [athens, hurup] = lab.regions;
if (athens === undefined || hurup === undefined) throw new Error('the article has two regions');
const programs = makeProgramFolder();
const { paths, queries } = makeWork(programs.folder);
const junit = paths.junit('region-athens', 'region-hurup');
const living = allThere(lab).regions;
const passed = (property: string): string =>
  `<testsuites><testsuite><properties><property name="Args" value="x"></property>${property}</properties></testsuite></testsuites>`;
/** What the article's lab is tested with: all tests, its CLI, MetalLB and pools. */
const means = testedWith(lab, athens, hurup);
const now = `uid-of-region-athens@3+uid-of-region-hurup@3+${means}`;

beforeAll(() => {
  const space = `{"kind":"Namespace","metadata":{"name":"kube-system","uid":"u-'"$4"'"}}`;
  const secrets = list(storedRelease(5));
  programs.addScript('kubectl', `case "$*" in *secrets*) echo '${secrets}' ;; *) echo '${space}' ;; esac`);
  mkdirSync(dirname(junit), { recursive: true });
});
afterAll(() => {
  programs.dispose();
});

function withVersion(program: 'ciliumCli' | 'metallb', version: string): Lab {
  return { ...lab, stack: { ...lab.stack, versions: { ...lab.stack.versions, [program]: version } } };
}

describe('does an earlier connectivity test still stand', () => {
  it('GIVEN two regions WHEN tested THEN their clusters and releases are noted, without a comma', async () => {
    expect(await testedState(queries, paths, lab, athens, hurup)).toEqual({
      mesh: `u-kind-region-athens@5+u-kind-region-hurup@5+${means}`,
    });
  });

  it('GIVEN no file of a test WHEN asked THEN no', () => {
    expect(stillTested(paths, lab, hurup, athens, living)).toBe(false);
  });

  it.each([
    {
      given: 'a file of these clusters and releases',
      text: passed(`<property name="mesh" value="${now}"></property>`),
      stands: true,
    },
    {
      given: 'an older release',
      text: passed(`<property name="mesh" value="${now.replace('@3', '@2')}"></property>`),
      stands: false,
    },
    {
      given: 'a file of CLI v0.18, which writes no properties of its own',
      text: `<properties><property name="Args" value="--junit-file|x|--junit-property|mesh=${now}|--test|x"></property>`,
      stands: true,
    },
    {
      given: 'such a file of an older release',
      text: `<properties><property name="Args" value="--junit-property|mesh=${now.replace('@3', '@2')}"></property>`,
      stands: false,
    },
    { given: 'a file without note', text: passed(''), stands: false },
  ])('GIVEN $given WHEN asked THEN $stands', ({ text, stands }) => {
    writeFileSync(junit, text);

    expect(stillTested(paths, lab, athens, hurup, living)).toBe(stands);
  });

  it.each<{ what: string; changed: Lab }>([
    { what: 'other tests', changed: { ...lab, testOnly: ['no-policies/pod-to-pod'] } },
    { what: 'another CLI', changed: withVersion('ciliumCli', 'v0.16.20') },
    { what: 'another MetalLB', changed: withVersion('metallb', 'v0.14.5') },
    { what: 'another pool', changed: { ...lab, regions: [{ ...athens, pool: hurup.pool }, hurup] } },
  ])('GIVEN $what asked for since WHEN asked THEN no', ({ changed }) => {
    writeFileSync(junit, passed(`<property name="mesh" value="${now}"></property>`));

    const [one = athens, other = hurup] = changed.regions;
    expect(stillTested(paths, changed, one, other, living)).toBe(false);
  });

  it.each<{ given: string; region: ObservedRegion }>([
    {
      given: 'a cluster made anew',
      region: livingRegion(lab, athens, { cluster: livingCluster(lab, athens, { uid: 'u2' }) }),
    },
    { given: 'no cluster', region: livingRegion(lab, athens, { cluster: undefined }) },
  ])('GIVEN $given since WHEN asked THEN no', ({ region }) => {
    writeFileSync(junit, passed(`<property name="mesh" value="${now}"></property>`));

    expect(stillTested(paths, lab, athens, hurup, new Map([...living, ['region-athens', region]]))).toBe(false);
  });
});

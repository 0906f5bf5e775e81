import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ObservedRegion } from '../../../scripts/observe/observed.ts';
import { stillTested, testedState } from '../../../scripts/observe/tested.ts';
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
const now = 'uid-of-region-athens@3+uid-of-region-hurup@3';

beforeAll(() => {
  programs.addScript('kubectl', `echo '{"kind":"Namespace","metadata":{"name":"kube-system","uid":"u-'"$4"'"}}'`);
  programs.addScript('helm', `echo '[{"revision":"5","status":"deployed","chart":"cilium-1.14.2"}]'`);
  mkdirSync(dirname(junit), { recursive: true });
});
afterAll(() => {
  programs.dispose();
});

describe('does an earlier connectivity test still stand', () => {
  it('GIVEN two regions WHEN tested THEN their clusters and releases are noted, without a comma', async () => {
    expect(await testedState(queries, paths, athens, hurup)).toEqual({
      mesh: 'u-kind-region-athens@5+u-kind-region-hurup@5',
    });
  });

  it('GIVEN no file of a test WHEN asked THEN no', () => {
    expect(stillTested(paths, hurup, athens, living)).toBe(false);
  });

  it.each([
    {
      given: 'a file of these clusters and releases',
      text: passed(`<property name="mesh" value="${now}"></property>`),
      stands: true,
    },
    {
      given: 'an older release',
      text: passed('<property name="mesh" value="uid-of-region-athens@2+uid-of-region-hurup@3"></property>'),
      stands: false,
    },
    { given: 'a file without note', text: passed(''), stands: false },
  ])('GIVEN $given WHEN asked THEN $stands', ({ text, stands }) => {
    writeFileSync(junit, text);

    expect(stillTested(paths, athens, hurup, living)).toBe(stands);
  });

  it.each<{ given: string; region: ObservedRegion }>([
    {
      given: 'a cluster made anew',
      region: livingRegion(lab, athens, { cluster: livingCluster(lab, athens, { uid: 'u2' }) }),
    },
    { given: 'no cluster', region: livingRegion(lab, athens, { cluster: undefined }) },
  ])('GIVEN $given since WHEN asked THEN no', ({ region }) => {
    writeFileSync(junit, passed(`<property name="mesh" value="${now}"></property>`));

    expect(stillTested(paths, athens, hurup, new Map([...living, ['region-athens', region]]))).toBe(false);
  });
});

import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changes, find } from './calls.ts';
import { copySite, makeDeployedSite, makeSite, type Site, twoRegions, untilHanging } from './drive.ts';
import { killAndResume, type Moment } from './kills.ts';
import { endState } from './world.ts';

let empty: Site;
let undisturbed: unknown;
beforeAll(async () => {
  empty = await makeSite();
  const other = await makeDeployedSite();
  undisturbed = endState(other.bench.state());
  other.dispose();
});
afterAll(() => {
  empty.dispose();
});

const create = (stage: 'made' | 'nodes' | 'init' | 'half' | 'kubeconfig'): Moment => ({
  tool: 'kind',
  match: 'create cluster --name region-athens',
  stage,
});

/** The cluster is made anew: deleted, until Docker lists nothing of it, and created twice; nothing of it is kept. */
function expectMadeAnew(site: Site, deletes = 1): void {
  const of = (verb: string): number => find(changes(site), 'kind', `${verb} --name region-athens`).length;
  expect([of('create cluster'), of('delete cluster')]).toEqual([2, deletes]);
  expect(site.bench.state().volumes).toEqual({});
}

describe('GIVEN a driver that is killed while kind creates a cluster', () => {
  it.each([
    {
      moment: create('made'),
      when: 'Docker is still making the containers, and lists them once more after',
      deletes: 2,
    },
    { moment: create('nodes'), when: 'the containers run' },
    { moment: create('half'), when: 'the control plane is up and no worker has joined' },
    { moment: create('kubeconfig'), when: 'all is up and the kubeconfig is locked' },
  ])('WHEN $when THEN the next deploy ends as if nothing had happened', async ({ moment, deletes }) => {
    const site = copySite(empty);
    const { exit, stderr } = await killAndResume(site, moment);

    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    expect(endState(site.bench.state())).toEqual(undisturbed);
    expectMadeAnew(site, deletes);
  });
});

describe('GIVEN a lab of single nodes, and a driver that is killed while kind creates one', () => {
  const singleNodes = twoRegions.replaceAll('workers: 1', 'workers: 0');
  let none: Site;
  let whole: unknown;
  beforeAll(async () => {
    none = await makeSite(singleNodes);
    const other = await makeDeployedSite(singleNodes);
    whole = endState(other.bench.state());
    other.dispose();
  });
  afterAll(() => {
    none.dispose();
  });

  it.each([
    { moment: create('nodes'), when: 'its container runs' },
    { moment: create('init'), when: 'its node has joined, and has its taint and no StorageClass' },
    { moment: create('half'), when: 'all but its kubeconfig is there' },
    { moment: create('kubeconfig'), when: 'all is up and the kubeconfig is locked' },
  ])('WHEN $when THEN the next deploy ends as if nothing had happened', async ({ moment }) => {
    const site = copySite(none);
    const { exit, stderr } = await killAndResume(site, moment);

    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    expect(endState(site.bench.state())).toEqual(whole);
    expectMadeAnew(site);
  });

  it('WHEN .lab/ is lost with it THEN --adopt still knows that it is half-built', async () => {
    const site = copySite(none, { faults: [{ ...create('init'), times: 1, hangSeconds: 120, spawnGrandchild: true }] });
    // one at a time: with .lab/ goes the record of the programs left behind, and no other may be at work meanwhile
    const first = site.start('deploy', '--concurrency', '1');
    const { pid, grandchild } = await untilHanging(site);
    first.kill('SIGKILL');
    await first;
    for (const left of [pid, grandchild]) process.kill(left ?? 0, 'SIGKILL');
    rmSync(site.file('.lab'), { recursive: true });

    expect((await site.run('deploy')).exit).toBe(2);
    expect(await site.run('deploy', '--adopt')).toMatchObject({ exit: 0 });
    expect(endState(site.bench.state())).toEqual(whole);
    expectMadeAnew(site);
  });
});

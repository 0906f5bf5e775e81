import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changes, shown } from './calls.ts';
import { copySite, makeSite, running, type Site, tree } from './drive.ts';
import { endState } from './world.ts';

let site: Site;
afterAll(() => {
  site.dispose();
});

/** Files of the lab and what the simulated machine holds. */
const everything = ({ bench }: Site): unknown => [tree(bench.lab), endState(bench.state())];

describe('GIVEN an empty machine', () => {
  beforeAll(async () => {
    site = await makeSite();
  });

  it('WHEN the deploy is planned THEN every step is to run, and nothing is touched', async () => {
    const before = everything(site);
    const { exit, stdout, stderr } = await site.run('plan');

    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    expect(stdout).toBe(`+ network   lab            run   test-lab is not there
+ fetch     lab            run   cilium-1.14.2.tgz and metallb-native.yaml not there
+ pull      lab            run   kindest/node:v1.27.3@sha256:3966ac761ae0136263ffdb6cfd4db23ef8a83cba8a463690e98317add2c9ba72 not here
+ image     lab            run   2 of 2 regions lack some
+ cluster   region-athens  run   not there
+ cluster   region-hurup   run   not there
+ load      region-athens  run   new nodes
+ load      region-hurup   run   new nodes
= upgrade   region-athens  skip  nothing to change in a living mesh
= upgrade   region-hurup   skip  nothing to change in a living mesh
+ cilium    region-athens  run   not installed
+ cilium    region-hurup   run   not installed
+ metallb   region-athens  run   not installed
+ metallb   region-hurup   run   not installed
+ pool      region-athens  run   not there
+ pool      region-hurup   run   not there
+ ready     region-athens  run   Cilium is being installed
+ ready     region-hurup   run   Cilium is being installed
+ enable    region-athens  run   not enabled
+ enable    region-hurup   run   not enabled
+ connect   lab            run   1 of 1 links are missing
+ paths     lab            run   cilium runs before
= scenario  region-athens  skip  none in lab.yaml
= scenario  region-hurup   skip  none in lab.yaml
+ test      lab            run   cilium runs before
+ verify    lab            run   at the end of every deploy

22 steps to run: npm run deploy
`);
    expect(everything(site)).toEqual(before);
    expect(changes(site)).toEqual([]);
  });

  it('WHEN its status is asked THEN every region is absent', async () => {
    const { exit, stdout } = await site.run('status');
    expect(exit).toBe(0);
    expect(stdout).toBe(`test-lab: docker network test-lab not there

region         nodes   cilium  hubble ui  mesh api server
region-athens  absent
region-hurup   absent

connected to   region-athens  region-hurup
region-athens  ·              -
region-hurup   -              ·
`);
  });

  it('WHEN it is destroyed THEN it says that there is nothing, also as JSON', async () => {
    const { exit, stdout, stderr } = await site.run('destroy', '--yes');
    expect({ exit, stdout, stderr }).toEqual({ exit: 0, stdout: 'test-lab: nothing is there\n', stderr: '' });

    const json = await site.events('destroy', '--yes');
    expect({ exit: json.exit, events: json.events }).toEqual({
      exit: 0,
      events: [{ event: 'nothing-there', lab: 'test-lab' }],
    });
    expect(changes(site)).toEqual([]);
  });
});

describe('GIVEN a deploy that stopped half way: one region is without its image, the other without Cilium', () => {
  beforeAll(async () => {
    site.bench.setFaults([
      { tool: 'kind', match: '--name region-athens --nodes', times: 1, exit: 1, delayMs: 2500 },
      { tool: 'helm', match: 'region-hurup/cilium-values.yaml', times: 1, exit: 1 },
    ]);
    const { exit } = await site.run('deploy');
    expect(exit).toBe(1);
  });

  it('WHEN the deploy is planned THEN what is there is skipped, and nothing is touched', async () => {
    const before = everything(site);
    const { exit, stdout } = await site.run('plan');

    expect(exit).toBe(0);
    expect(stdout).toBe(`= network   lab            skip  test-lab is there, 172.19.0.0/16
= fetch     lab            skip  they are there
= pull      lab            skip  no cluster is to be made
+ image     lab            run   1 of 2 regions lack some
= cluster   region-athens  skip  2 nodes
= cluster   region-hurup   skip  2 nodes
+ load      region-athens  run   2 of 2 nodes lack some
= load      region-hurup   skip  every node has them
= upgrade   region-athens  skip  nothing to change in a living mesh
= upgrade   region-hurup   skip  nothing to change in a living mesh
+ cilium    region-athens  run   not installed
+ cilium    region-hurup   run   not installed
+ metallb   region-athens  run   not installed
+ metallb   region-hurup   run   not installed
+ pool      region-athens  run   not there
+ pool      region-hurup   run   not there
+ ready     region-athens  run   Cilium is being installed
+ ready     region-hurup   run   Cilium is being installed
+ enable    region-athens  run   not enabled
+ enable    region-hurup   run   not enabled
+ connect   lab            run   1 of 1 links are missing
+ paths     lab            run   cilium runs before
= scenario  region-athens  skip  none in lab.yaml
= scenario  region-hurup   skip  none in lab.yaml
+ test      lab            run   cilium runs before
+ verify    lab            run   at the end of every deploy

16 steps to run: npm run deploy
`);
    expect(everything(site)).toEqual(before);
  });

  it('WHEN the plan is asked as JSON THEN it is one line with every step', async () => {
    const { exit, events } = await site.events('plan', '--region', 'region-hurup', '--skip-test');
    expect(exit).toBe(0);
    expect(events.map(({ event }) => event)).toEqual(['planned']);
    expect(running(events)).toEqual(
      ['cilium', 'metallb', 'pool', 'ready', 'enable'].map((step) => `region-hurup/${step}`),
    );
  });

  it('WHEN its status is asked THEN it shows as much as there is', async () => {
    const { stdout } = await site.run('status');
    expect(site.plain(stdout)).toBe(`test-lab: docker network test-lab 172.19.0.0/16

region         nodes  cilium  hubble ui  mesh api server
region-athens  0/2    -       -          -
region-hurup   0/2    -       -          -

connected to   region-athens  region-hurup
region-athens  ·              -
region-hurup   -              ·

export KUBECONFIG=LAB/.lab/test-lab/kubeconfig/region-athens:LAB/.lab/test-lab/kubeconfig/region-hurup
`);
  });

  it('WHEN it is destroyed THEN nothing of it is left', async () => {
    const other = copySite(site);
    const before = changes(other).length;
    const { exit, events } = await other.events('destroy', '--yes');

    expect(exit).toBe(0);
    expect([...new Set(events.map(({ event }) => event))].toSorted()).toEqual([
      'finished',
      'started',
      'step-done',
      'step-started',
    ]);
    const calls = changes(other)
      .slice(before)
      .map((call) => shown(other, call));
    expect(calls.slice(0, 2).toSorted()).toEqual([
      'kind delete cluster --name region-athens --kubeconfig LAB/.lab/test-lab/kubeconfig/region-athens',
      'kind delete cluster --name region-hurup --kubeconfig LAB/.lab/test-lab/kubeconfig/region-hurup',
    ]);
    expect(calls.slice(2)).toEqual(['docker network rm test-lab']);
    expect(Object.keys(other.bench.state().networks)).toEqual(['bridge', 'host', 'none']);
    expect(other.bench.state().containers).toEqual({});
    expect(tree(other.file('.lab'))).toEqual({});
  });
});

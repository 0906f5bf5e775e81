import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changes, find } from './calls.ts';
import { copySite, makeDeployedSite, makeSite, type Site } from './drive.ts';
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

const create = (stage: 'nodes' | 'half' | 'kubeconfig'): Moment => ({
  tool: 'kind',
  match: 'create cluster --name region-athens',
  stage,
});

describe('GIVEN a driver that is killed while kind creates a cluster', () => {
  it.each([
    { moment: create('nodes'), when: 'the containers run', made: 2 },
    { moment: create('half'), when: 'the control plane is up and no worker has joined', made: 2 },
    { moment: create('kubeconfig'), when: 'all is up and the kubeconfig is locked', made: 1 },
  ])('WHEN $when THEN the next deploy ends as if nothing had happened', async ({ moment, made }) => {
    const site = copySite(empty);
    const { exit, stderr } = await killAndResume(site, moment);

    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    expect(endState(site.bench.state())).toEqual(undisturbed);
    // a cluster that is whole is kept, half of one is made anew
    expect(find(changes(site), 'kind', 'create cluster --name region-athens')).toHaveLength(made);
    expect(find(changes(site), 'kind', 'delete cluster --name region-athens')).toHaveLength(made - 1);
    expect(find(changes(site), 'kind', 'export kubeconfig --name region-athens')).toHaveLength(2 - made);
  });
});

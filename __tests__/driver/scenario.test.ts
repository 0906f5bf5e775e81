import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { World } from '../stand-ins/lab-bench.ts';
import { changes, find, shown } from './calls.ts';
import { copySite, makeDeployedSite, makeNeighbour, running, type Site, twoRegions } from './drive.ts';

const chosen = `${twoRegions}scenarios: { high-availability: {} }\n`;
const both = `${twoRegions}scenarios: { high-availability: {}, policy: {} }\n`;
const name = 'high-availability';

/** Deployed, with its scenario up. */
let site: Site;
beforeAll(async () => {
  site = await makeDeployedSite(chosen);
});
afterAll(() => {
  site.dispose();
});

/** What of the scenario there is in a region, and whether its namespace is. */
function living({ bench }: Site, region = 'region-athens'): string[] {
  const { namespaces = {}, objects = {} } = bench.state().clusters[region] ?? {};
  const own = Object.keys(objects).filter((key) => key.split('/')[1] === name);
  return [...(name in namespaces ? ['Namespace'] : []), ...own.map((key) => key.replace(`/${name}/`, '/'))];
}

const all = [
  'Namespace',
  'Deployment/server',
  'ConfigMap/client',
  'ConfigMap/server',
  'Service/server',
  'Deployment/client',
];

/** Changes a cluster behind the lab's back. */
function editAthens({ bench }: Site, change: (cluster: World['clusters'][string]) => object): void {
  bench.edit((world) => {
    const cluster = world.clusters['region-athens'];
    if (cluster === undefined) throw new Error('no region-athens');
    return { ...world, clusters: { ...world.clusters, 'region-athens': { ...cluster, ...change(cluster) } } };
  });
}

describe('GIVEN a lab that chooses a scenario WHEN it is deployed', () => {
  it('THEN it is up in every region, its image put on all nodes before', () => {
    for (const region of ['region-athens', 'region-hurup'])
      expect(living(site, region).toSorted()).toEqual(all.toSorted());
    const { images } = site.bench.state().containers['region-hurup-worker'] ?? { images: [] };
    expect(images).toContain('quay.io/cilium/json-mock:v1.4.1');
    const [applied] = find(changes(site), 'kubectl', 'region-athens apply … high-availability.yaml');
    expect(applied && shown(site, applied)).toBe(
      'kubectl --kubeconfig LAB/.lab/test-lab/kubeconfig/region-athens --context kind-region-athens apply --filename LAB/.lab/test-lab/applied/region-athens/scenarios/high-availability.yaml',
    );
  });

  it('THEN it is listed as up', async () => {
    const { exit, stdout, stderr } = await site.run('scenario');

    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    expect(stdout.split('\n').slice(0, 3)).toEqual([
      'scenario           region         state',
      'high-availability  region-athens  up',
      'high-availability  region-hurup   up',
    ]);
    expect((await site.events('scenario', '--region', 'region-athens')).events).toEqual([
      { event: 'scenarios', lab: 'test-lab', scenarios: [{ scenario: name, region: 'region-athens', state: 'up' }] },
    ]);
  });

  it('AND deployed again THEN nothing runs', async () => {
    const again = copySite(site);
    const before = changes(again).length;
    const { exit, events } = await again.events('deploy');

    expect({ exit, running: running(events) }).toEqual({ exit: 0, running: [] });
    expect(changes(again).slice(before)).toEqual([]);
  });
});

describe('GIVEN a scenario that is up', () => {
  it('WHEN it is taken down THEN nothing of it is left AND a deploy brings it up again', async () => {
    const lab = copySite(site);
    const down = await lab.run('scenario', 'down', name);

    expect({ exit: down.exit, stderr: down.stderr }).toEqual({ exit: 0, stderr: '' });
    for (const region of ['region-athens', 'region-hurup']) expect(living(lab, region)).toEqual([]);
    expect((await lab.run('scenario', 'down', name)).stdout).toContain('nothing to do: all 2 steps are done');

    const { events } = await lab.events('deploy', '--skip-test');
    expect(running(events)).toEqual(['region-athens/scenario', 'region-hurup/scenario']);
    expect(living(lab).toSorted()).toEqual(all.toSorted());
  });

  it('WHEN it is taken down in one region THEN the other keeps it AND it comes up there by itself', async () => {
    const lab = copySite(site);
    expect((await lab.run('scenario', 'down', name, '--region', 'region-hurup')).exit).toBe(0);
    expect([living(lab).length, living(lab, 'region-hurup').length]).toEqual([all.length, 0]);

    const { exit, events } = await lab.events('scenario', 'up', name);
    expect({ exit, ran: running(events), last: events.at(-1)?.event }).toEqual({
      exit: 0,
      ran: ['region-hurup/scenario'],
      last: 'finished',
    });
    expect(living(lab, 'region-hurup').toSorted()).toEqual(all.toSorted());
  });

  it('WHEN somebody scaled its servers to zero THEN it differs, and says where AND a deploy puts them back', async () => {
    const lab = copySite(site);
    editAthens(lab, ({ objects }) => {
      const { spec, ...server } = objects[`Deployment/${name}/server`] ?? {};
      return { objects: { ...objects, [`Deployment/${name}/server`]: { ...server, spec: { ...spec, replicas: 0 } } } };
    });

    expect((await lab.run('scenario')).stdout).toContain(
      'high-availability  region-athens  differs  Deployment/server at spec.replicas\n',
    );
    const { events } = await lab.events('deploy', '--skip-test');
    expect(running(events)).toEqual(['region-athens/scenario']);
    expect((await lab.run('scenario')).stdout).not.toContain('differs');
  });

  it('WHEN it has an object that dist/ has not THEN bringing it up removes that', async () => {
    const lab = copySite(site);
    editAthens(lab, ({ objects }) => {
      const server = objects[`Deployment/${name}/server`] as { metadata: object };
      const stray = { ...server, metadata: { ...server.metadata, name: 'stray' } };
      return { objects: { ...objects, [`Deployment/${name}/stray`]: stray } };
    });
    expect((await lab.run('scenario')).stdout).toContain('differs  Deployment/stray is not in dist/\n');

    expect((await lab.run('scenario', 'up', name)).exit).toBe(0);
    expect(living(lab).toSorted()).toEqual(all.toSorted());
  });

  it('WHEN lab.yaml chooses it no more THEN it is told as left AND the next deploy takes it down', async () => {
    const lab = copySite(site);
    lab.writeLab(twoRegions);
    await lab.synth();
    expect((await lab.run('scenario')).stdout).toContain('high-availability  region-athens  left\n');

    const { exit, events } = await lab.events('deploy', '--skip-test');
    expect({ exit, running: running(events) }).toEqual({
      exit: 0,
      running: ['region-athens/scenario', 'region-hurup/scenario'],
    });
    expect(living(lab)).toEqual([]);
    const { stdout } = await lab.run('scenario');
    expect(stdout).toMatch(/^not in lab\.yaml: high-availability, shared-services, stateful-split, policy/);
  });

  it('WHEN lab.yaml chooses another beside it THEN a deploy brings that one up', async () => {
    const lab = copySite(site);
    lab.writeLab(both);
    await lab.synth();
    const { exit, events } = await lab.events('deploy', '--skip-test');

    expect({ exit, running: running(events) }).toEqual({
      exit: 0,
      running: ['region-athens/scenario', 'region-hurup/scenario'],
    });
    const { objects = {} } = lab.bench.state().clusters['region-hurup'] ?? {};
    expect(objects['CiliumNetworkPolicy/policy/server']?.spec).toMatchObject({
      endpointSelector: { matchLabels: { app: 'server' } },
    });
    expect((await lab.run('scenario')).stdout.match(/ up$/gm)).toHaveLength(4);
  });

  it('WHEN its pods never get ready THEN up fails with what was seen last', async () => {
    const lab = copySite(site, { machine: { registry: [] } });
    expect((await lab.run('scenario', 'down', name)).exit).toBe(0);
    lab.bench.edit((world) => {
      const containers = Object.entries(world.containers).map(([node, there]) => [node, { ...there, images: [] }]);
      return { ...world, containers: Object.fromEntries(containers) as World['containers'] };
    });

    const { exit, stdout } = await lab.run('scenario', 'up', name, '--timeout', '1');

    expect(exit).toBe(1);
    expect(stdout).toContain(
      'region-athens: scenario failed: still waiting for the scenario high-availability after 1 s; last seen: deployment/server 0/2',
    );
  });
});

describe('GIVEN a lab that chooses no scenario', () => {
  let plain: Site;
  beforeAll(async () => {
    plain = await makeDeployedSite();
  });
  afterAll(() => {
    plain.dispose();
  });

  it.each([
    [
      ['up', name],
      'lab.yaml does not choose the scenario high-availability. Write it there, then synthesize: scenarios: { high-availability: {} }\n',
    ],
    [
      ['up', 'high-avail'],
      'high-avail is no scenario. There are high-availability, shared-services, stateful-split, policy.\n',
    ],
    [['up', 'high-availabilty'], 'high-availabilty is no scenario. Did you mean high-availability?\n'],
    [['down', 'high-availabilty'], 'high-availabilty is no scenario. Did you mean high-availability?\n'],
    [
      ['up'],
      'scenario up: which one? npm run scenario -- up high-availability, npm run scenario -- up shared-services, npm run scenario -- up stateful-split, npm run scenario -- up policy\n',
    ],
    [
      ['up', name, '--region', 'nowhere'],
      '--region nowhere: no such region in test-lab. It has region-athens, region-hurup.\n',
    ],
  ])('WHEN scenario %j is asked for THEN it is refused with what to write', async (words, message) => {
    expect(await plain.run('scenario', ...words)).toEqual({ exit: 2, stdout: '', stderr: message });
  });

  it('WHEN somebody has a namespace of that name THEN it is never touched', async () => {
    const lab = copySite(plain);
    editAthens(lab, ({ namespaces }) => ({ namespaces: { ...namespaces, [name]: 'mine' } }));
    lab.writeLab(chosen);
    await lab.synth();
    const refusal =
      'region-athens has a namespace high-availability that no scenario made\n  take the scenario out of lab.yaml; or, if nothing in it is needed: kubectl --context kind-region-athens delete namespace high-availability\n';

    for (const words of [['deploy'], ['scenario', 'up', name], ['scenario', 'down', name]] as const) {
      const [command, ...options] = words;
      const { exit, stderr } = await lab.run(command, ...options);
      expect({ words, exit, stderr }).toEqual({ words, exit: 2, stderr: refusal });
    }
    expect(lab.bench.state().clusters['region-athens']?.namespaces[name]).toBe('mine');
    expect((await lab.run('scenario')).stdout).toContain('high-availability  region-athens  not ours\n');
  });

  it('WHEN it is not deployed THEN there is nothing to bring up', async () => {
    const other = await makeNeighbour(
      plain,
      `name: other\nregions: [{ name: region-other }]\nnetwork: { subnet: 172.20.0.0/16 }\nscenarios: { high-availability: }\n`,
    );

    expect(await other.run('scenario', 'up', name)).toMatchObject({
      exit: 2,
      stderr: 'region-other not up. Build the lab first: npm run deploy\n',
    });
    expect((await other.run('scenario')).stdout).toBe(
      'scenario           region        state\nhigh-availability  region-other  unreachable\n\nnot in lab.yaml: shared-services, stateful-split, policy; to choose one: scenarios: { shared-services: {} }\n',
    );
  });
});

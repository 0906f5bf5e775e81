import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changes, find, overlaps, regionOf, shown } from './calls.ts';
import { type Answer, makeSite, put, type Site, tree } from './drive.ts';
import { links } from './world.ts';

const userKubeconfig = 'apiVersion: v1\nkind: Config\ncurrent-context: work\n';

/** Variables with which a user steers the programs by hand; all of them would point the driver's calls elsewhere. */
const steering = {
  KIND_CLUSTER_NAME: 'mine',
  KIND_EXPERIMENTAL_PROVIDER: 'podman',
  HELM_NAMESPACE: 'mine',
  HELM_KUBECONTEXT: 'work',
  HELM_DRIVER: 'memory',
  CILIUM_NAMESPACE: 'mine',
  CILIUM_CLI_MODE: 'classic',
  FORCE_COLOR: '1',
};

let site: Site;
let first: Answer;
let second: Answer;
let callsOfSecond: string[];
let looksOfSecond: number;

beforeAll(async () => {
  const slow = (region: string) =>
    ({ tool: 'kind', match: `create cluster --name ${region}`, times: 1, delayMs: 600 }) as const;
  site = await makeSite(undefined, { webhookFailures: 0, faults: ['region-athens', 'region-hurup'].map(slow) });
  const { HOME = '', PATH = '' } = site.bench.env;
  const own = put(join(HOME, '.kube', 'config'), userKubeconfig);
  // helm says what environment it gets, then is the stand-in
  put(site.file('bin', 'helm'), `#!/bin/sh\nenv >> helm.env\nexec "${PATH.split(':')[0] ?? ''}/helm" "$@"\n`, 0o755);
  Object.assign(site.bench.env, {
    ...steering,
    KUBECONFIG: own,
    PATH: `${site.file('bin')}:${PATH}`,
    HTTPS_PROXY: 'http://proxy:3128',
  });
  first = await site.run('deploy');
  const before = changes(site).length;
  const callsBefore = site.bench.calls().length;
  second = await site.run('deploy');
  looksOfSecond = find(site.bench.calls().slice(callsBefore), 'kubectl', 'get --all-namespaces nodes,').length;
  callsOfSecond = changes(site)
    .slice(before)
    .map((call) => shown(site, call));
});
afterAll(() => {
  site.dispose();
});

describe('GIVEN nothing WHEN the lab is deployed', () => {
  it('THEN it ends well, says what it did, and how to get at the lab', () => {
    const { exit, stdout, stderr } = first;
    const lines = site.plain(stdout).split('\n');

    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    const { FORCE_COLOR: _, ...byHand } = steering;
    const names = Object.keys(byHand);
    expect(lines.slice(0, 5)).toEqual([
      'test-lab: 2 regions, stack article',
      '! HTTPS_PROXY is set, and NO_PROXY does not name 172.19.0.0/16; a call of yours to an address of the lab goes to the proxy: export NO_PROXY=172.19.0.0/16',
      `! ${names.join(', ')} are set; the driver's programs run without, but what you type by hand may go past the lab: unset ${names.join(' ')}`,
      '22 steps to run, 4 need nothing',
      '',
    ]);
    expect(lines.filter((line) => line.endsWith(': not installed'))).toHaveLength(4);
    expect(lines.slice(lines.findIndex((line) => line.startsWith('done in')))).toEqual([
      'done in T: 22 steps run, 4 skipped',
      '',
      'Hubble UI',
      '  region-athens  http://172.19.255.1',
      '  region-hurup   http://172.19.255.101',
      '',
      'Next',
      '  look:      npm run status',
      '  clean up:  npm run destroy',
      '  try it:    README.md#try-the-mesh, with the line below',
      '',
      'export KUBECONFIG=LAB/.lab/test-lab/kubeconfig/region-athens:LAB/.lab/test-lab/kubeconfig/region-hurup',
      '',
    ]);
    expect(links(site.bench.state())).toEqual({ 'region-athens': ['region-hurup'], 'region-hurup': ['region-athens'] });
  });

  it('THEN the calls of the lab and of one region are exactly these', async () => {
    const of = (region: string | undefined): string[] =>
      changes(site)
        .filter((call) => regionOf(call) === region)
        .map((call) => `${shown(site, call)}\n`);
    // what has nothing between it runs side by side, so only the order of their names is certain
    const groups = [of(undefined).toSorted(), of('region-athens').toSorted(), of('both')].map((lines) =>
      lines.join(''),
    );
    await expect(groups.join('\n')).toMatchFileSnapshot('golden/calls.txt');
  });

  it("THEN MetalLB's speakers have a key of their region's own, which lies in no file", () => {
    const keys = ['region-athens', 'region-hurup'].map((region) => {
      const objects = site.bench.state().clusters[region]?.objects as Record<
        string,
        { stringData?: { secretkey?: string } }
      >;
      return objects['Secret/metallb-system/memberlist']?.stringData?.secretkey ?? '';
    });

    expect(keys.map(({ length }) => length)).toEqual([172, 172]);
    expect(new Set(keys).size).toBe(2);
    expect(readdirSync(site.file('.lab', 'test-lab', 'ca')).filter((name) => name.includes('memberlist'))).toEqual([]);
  });

  it('THEN the other region gets the same calls', () => {
    const of = (region: string): string[] =>
      changes(site)
        .filter((call) => regionOf(call) === region)
        .map((call) => shown(site, call).replaceAll(region, 'REGION'));
    expect(of('region-hurup').toSorted()).toEqual(of('region-athens').toSorted());
  });

  it('THEN the regions advance side by side', () => {
    const [athens, hurup] = find(changes(site), 'kind', 'create cluster');
    if (athens === undefined || hurup === undefined) throw new Error('two clusters were to be made');
    expect(overlaps(athens, hurup)).toBe(true);
  });

  it("THEN every call to a cluster names the lab's own kubeconfig and a context", () => {
    const calls = site.bench.calls().filter(({ args }) => !args.includes('version'));
    const file = /^LAB\/\.lab\/test-lab\/kubeconfig\/region-(athens|hurup)$/;
    for (const call of calls.filter(({ tool }) => tool === 'kubectl' || tool === 'helm')) {
      const { args } = call;
      const context = args[args.indexOf(call.tool === 'helm' ? '--kube-context' : '--context') + 1];
      expect(site.plain(args[args.indexOf('--kubeconfig') + 1] ?? '')).toMatch(file);
      expect(context).toMatch(/^kind-region-/);
      expect(call.env).toEqual({});
    }
    for (const call of calls.filter(({ tool }) => tool === 'cilium')) {
      for (const path of call.env.KUBECONFIG?.split(':') ?? []) expect(site.plain(path)).toMatch(file);
      expect(call.env.KUBECONFIG).toBeDefined();
      expect(call.args).toContain('--context');
    }
  });

  it("THEN kind makes the clusters on the lab's own network", () => {
    expect(find(changes(site), 'kind', 'create cluster').map(({ env }) => env)).toEqual([
      { KIND_EXPERIMENTAL_DOCKER_NETWORK: 'test-lab' },
      { KIND_EXPERIMENTAL_DOCKER_NETWORK: 'test-lab' },
    ]);
  });

  it("THEN the user's steering variables do not reach the programs, and the proxy does", () => {
    const env = readFileSync(site.file('helm.env'), 'utf8').split('\n');
    const names = new Set(env.map((line) => line.split('=')[0]));
    expect([...Object.keys(steering), 'KUBECONFIG'].filter((name) => names.has(name))).toEqual([]);
    expect(env).toContain('HTTPS_PROXY=http://proxy:3128');
  });

  it("THEN the user's own kubeconfig is as it was", () => {
    expect(tree(join(site.bench.env.HOME ?? '', '.kube'))).toEqual({ config: userKubeconfig });
  });

  it('THEN every program has a log of its own under .lab/', () => {
    const log = readFileSync(site.file('.lab', 'test-lab', 'logs', 'region-athens-cluster.log'), 'utf8');
    expect(
      site
        .plain(log)
        .split('\n')
        .filter((line) => line.startsWith('$ ')),
    ).toEqual([
      // that it is being created is on record meanwhile
      '$ docker volume create --label clustermesh-lab.creating=region-athens clustermesh-lab-creating-OWNER-region-athens',
      '$ KIND_EXPERIMENTAL_DOCKER_NETWORK=test-lab kind create cluster --name region-athens --config LAB/.lab/test-lab/applied/region-athens/kind.yaml --kubeconfig LAB/.lab/test-lab/docker-for-kind/region-athens/kubeconfig --retain',
      '$ kind export kubeconfig --name region-athens --kubeconfig LAB/.lab/test-lab/kubeconfig/region-athens',
      '$ docker volume rm clustermesh-lab-creating-OWNER-region-athens',
    ]);
    expect(log).toMatch(/\n# exit 0\n/);
    expect(site.bench.state().volumes).toEqual({});
  });
});

describe('GIVEN the deployed lab WHEN it is deployed again', () => {
  it('THEN each region is looked at once: nothing was done since', () => {
    expect(looksOfSecond).toBe(2);
  });

  it('THEN nothing runs, and it says so', () => {
    const { exit, stdout, stderr } = second;
    expect({ exit, stderr, callsOfSecond }).toEqual({ exit: 0, stderr: '', callsOfSecond: [] });
    expect(site.plain(stdout).replaceAll(/^\d\d:\d\d/gm, 'MM:SS')).toBe(`test-lab: 2 regions, stack article
nothing to do: all 25 steps are done
MM:SS  lab            verify    … see that all is as it should be: at the end of every deploy
MM:SS  lab            verify    ✓ T

done in T: 1 step run, 25 skipped

Hubble UI
  region-athens  http://172.19.255.1
  region-hurup   http://172.19.255.101

Next
  look:      npm run status
  clean up:  npm run destroy
  try it:    README.md#try-the-mesh, with the line below

export KUBECONFIG=LAB/.lab/test-lab/kubeconfig/region-athens:LAB/.lab/test-lab/kubeconfig/region-hurup
`);
  });
});

describe('GIVEN the deployed lab WHEN it is looked at', () => {
  it('THEN plan skips every step and says why, and touches nothing', async () => {
    const before = [tree(site.bench.lab), site.bench.state()];
    const { exit, stdout } = await site.run('plan');

    expect(exit).toBe(0);
    expect(stdout).toBe(`= network   lab            skip  test-lab is there, 172.19.0.0/16
= fetch     lab            skip  they are there
= pull      lab            skip  no cluster is to be made
= image     lab            skip  every node has them
= cluster   region-athens  skip  2 nodes
= cluster   region-hurup   skip  2 nodes
= load      region-athens  skip  every node has them
= load      region-hurup   skip  every node has them
= upgrade   region-athens  skip  nothing to change in a living mesh
= upgrade   region-hurup   skip  nothing to change in a living mesh
= cilium    region-athens  skip  cilium-1.14.2 with these values
= cilium    region-hurup   skip  cilium-1.14.2 with these values
= enable    region-athens  skip  API server at 172.19.255.2
= enable    region-hurup   skip  API server at 172.19.255.102
= metallb   region-athens  skip  controller and speakers are up
= metallb   region-hurup   skip  controller and speakers are up
= pool      region-athens  skip  172.19.255.1-172.19.255.100
= pool      region-hurup   skip  172.19.255.101-172.19.255.200
= ready     region-athens  skip  Cilium is up
= ready     region-hurup   skip  Cilium is up
= connect   lab            skip  every link is there
= paths     lab            skip  tried, and nothing changed since
= scenario  region-athens  skip  none in lab.yaml
= scenario  region-hurup   skip  none in lab.yaml
= test      lab            skip  passed, and nothing changed since
+ verify    lab            run   at the end of every deploy

nothing to do
`);
    expect(withoutHelmEnv([tree(site.bench.lab), site.bench.state()])).toEqual(withoutHelmEnv(before));
  });

  it('THEN status shows it on one screen', async () => {
    const { exit, stdout } = await site.run('status');
    expect(exit).toBe(0);
    expect(site.plain(stdout)).toBe(`test-lab: docker network test-lab 172.19.0.0/16

region         nodes  cilium  hubble ui       mesh api server
region-athens  2/2    1.14.2  172.19.255.1    172.19.255.2
region-hurup   2/2    1.14.2  172.19.255.101  172.19.255.102

connected to   region-athens  region-hurup
region-athens  ·              2/2
region-hurup   2/2            ·

export KUBECONFIG=LAB/.lab/test-lab/kubeconfig/region-athens:LAB/.lab/test-lab/kubeconfig/region-hurup
`);
  });

  it('THEN status as JSON is one line, and with --check says that all is well', async () => {
    const { exit, events } = await site.events('status', '--check');
    const region = (name: string, remote: string, [hubbleUi, meshApiServer]: [string, string]): object => ({
      ...{ region: name, ok: true, state: 'up', nodesReady: 2, nodes: 2, cilium: '1.14.2', hubbleUi, meshApiServer },
      links: { [remote]: '2/2' },
    });
    expect({ exit, events }).toEqual({
      exit: 0,
      events: [
        {
          event: 'status',
          lab: 'test-lab',
          regions: [
            region('region-athens', 'region-hurup', ['172.19.255.1', '172.19.255.2']),
            region('region-hurup', 'region-athens', ['172.19.255.101', '172.19.255.102']),
          ],
        },
      ],
    });
  });
});

/** The wrapper of this file writes at each call of helm. */
const withoutHelmEnv = ([files, world]: unknown[]): unknown[] => [{ ...(files as object), 'helm.env': '' }, world];

import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  atTheBench,
  buildRegion,
  createAthens,
  helmTarget,
  installCilium,
  kube,
  kindYaml,
  type Run,
  write,
} from './stand-ins/at-the-bench.ts';
import { type Bench, createBench, type Fault, type Tool } from './stand-ins/lab-bench.ts';

// dozens of processes on a machine that may be busy

let bench: Bench;
let run: Run;
const both = { KUBECONFIG: 'region-athens.kc:region-hurup.kc' };
const connect = 'cilium clustermesh connect --context kind-region-athens --destination-context kind-region-hurup';
const statusOf = (region: string) =>
  run(`cilium clustermesh status --context kind-${region} --wait --wait-duration 20s`, both);
const enable = (region: string) =>
  run(`cilium clustermesh enable --context kind-${region} --service-type LoadBalancer`, both);

beforeEach(() => {
  bench = createBench({ webhookFailures: 0 });
  run = atTheBench(bench);
});
afterEach(() => {
  bench.dispose();
});

describe('the article’s lab, typed by hand', () => {
  it('ends connected; Helm without reuse drops one side, while the other goes on saying connected', () => {
    const built = ['region-athens', 'region-hurup'].flatMap((region, index) => [
      ...buildRegion(bench, run, region, index + 1),
      enable(region),
      statusOf(region),
    ]);
    expect(built.map(({ exit }) => exit)).toEqual(Array<number>(16).fill(0));
    expect(run(connect, both).exit).toBe(0);
    expect(statusOf('region-athens').stdout).toContain('  - region-hurup: 2/2 configured, 2/2 connected\n');
    expect(statusOf('region-hurup').stdout).toContain('  - region-athens: 2/2 configured, 2/2 connected\n');
    expect(bench.state().clusters['region-athens']?.addresses).toEqual({
      'kube-system/hubble-ui': '172.18.255.101',
      'kube-system/clustermesh-apiserver': '172.18.255.102',
    });

    installCilium(bench, run);
    expect(bench.state().clusters['region-athens']?.releases.at(-1)?.config.clustermesh).toBeUndefined();
    expect(statusOf('region-athens')).toMatchObject({
      exit: 1,
      stderr:
        '\nError: Unable to determine status:  timeout while waiting for condition, last error: unable to get clustermesh service "clustermesh-apiserver": services "clustermesh-apiserver" not found\n',
    });
    expect(statusOf('region-hurup').stdout).toContain('  - region-athens: 2/2 configured, 2/2 connected\n');
    const test = run('cilium connectivity test --context kind-region-hurup --multi-cluster kind-region-athens', both);
    expect(test.exit).toBe(1);
  });

  it('GIVEN the mesh in the first install THEN two regions find each other without enable and connect', () => {
    for (const [region, id, other] of [
      ['region-athens', 1, 2],
      ['region-hurup', 2, 1],
    ] as const) {
      const remote = region === 'region-athens' ? 'region-hurup' : 'region-athens';
      const annotations = { 'metallb.universe.tf/loadBalancerIPs': `172.18.255.${id}09` };
      const clusters = [{ name: remote, ips: [`172.18.255.${other}09`], port: 2379 }];
      const clustermesh = {
        useAPIServer: true,
        apiserver: { service: { type: 'LoadBalancer', annotations } },
        config: { enabled: true, clusters },
      };
      buildRegion(bench, run, region, id);
      write(bench, 'mesh.yaml', JSON.stringify({ clustermesh }));
      write(bench, 'ca.yaml', 'tls: { ca: { cert: LS0tLS1CRUdJTiBDRVJU, key: LS0tLS1CRUdJTiBLRVk= } }\n');
      expect(
        run(
          `helm upgrade --install cilium ${bench.chart} ${helmTarget(region)} --reuse-values --values mesh.yaml --values ca.yaml`,
        ).exit,
      ).toBe(0);
    }
    expect(statusOf('region-athens').stdout).toContain('  - 172.18.255.109:2379\n');
    expect(statusOf('region-athens').stdout).toContain('  - region-hurup: 2/2 configured, 2/2 connected\n');
  });
});

/** Starts a program, waits until it has begun, kills its whole process group. */
async function killed(
  line: string,
  fault: Omit<Fault, 'times' | 'match' | 'hangSeconds'> & { tool: Tool },
  env: Record<string, string> = {},
): Promise<void> {
  const [program = '', ...args] = line.split(' ');
  bench.setFaults([{ match: '', times: 1, hangSeconds: 60, spawnGrandchild: true, ...fault }]);
  const before = bench.calls().length;
  const child = spawn(program, args, {
    cwd: bench.lab,
    env: { ...bench.env, ...env },
    detached: true,
    stdio: 'ignore',
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`cannot start ${program}`);
  const over = new Promise((resolve) => child.once('exit', resolve));
  while (bench.calls().at(before)?.grandchild === undefined) await sleep(20);
  process.kill(-pid, 'SIGKILL');
  await over;
}

describe('killed in the middle', () => {
  const createAnew = 'kind create cluster --name region-athens --config kind.yaml --kubeconfig region-athens.kc';
  beforeEach(() => {
    write(bench, 'kind.yaml', kindYaml('10.0.0.0/16', '10.1.0.0/16', 3));
  });

  it('kind, the workers not joined: all containers, one node, no kubeconfig', async () => {
    await killed(createAnew, { tool: 'kind' });
    expect(run('kind get nodes --name region-athens').stdout.trim().split('\n')).toHaveLength(4);
    expect(existsSync(join(bench.lab, 'region-athens.kc'))).toBe(false);
    expect(run(createAnew).stderr).toBe(
      'ERROR: failed to create cluster: node(s) already exist for a cluster with the name "region-athens"\n',
    );
    run('kind export kubeconfig --name region-athens --kubeconfig region-athens.kc');
    expect(run(`kubectl ${kube('region-athens')} get nodes -o name`).stdout).toBe('node/region-athens-control-plane\n');
  });

  it('kind, before kubeadm: containers without an API server', async () => {
    await killed(createAnew, { tool: 'kind', stage: 'nodes' });
    expect(run('kind get clusters').stdout).toBe('region-athens\n');
    expect(run('kind export kubeconfig --name region-athens --kubeconfig region-athens.kc').stderr).toBe(
      'ERROR: failed to get cluster internal kubeconfig: command "docker exec --privileged region-athens-control-plane cat /etc/kubernetes/admin.conf" failed with error: exit status 1\n\nCommand Output: cat: /etc/kubernetes/admin.conf: No such file or directory\n',
    );
  });

  it('kind, while it writes the kubeconfig: the lock stays and blocks the next', async () => {
    await killed(createAnew, { tool: 'kind', stage: 'kubeconfig' });
    expect(existsSync(join(bench.lab, 'region-athens.kc.lock'))).toBe(true);
    expect(run('kind export kubeconfig --name region-athens --kubeconfig region-athens.kc').stderr).toBe(
      'ERROR: failed to lock config file: open region-athens.kc.lock: file exists\n',
    );
  });

  it('helm: pending-install, refused from then on', async () => {
    createAthens(bench, run);
    write(bench, 'v.yaml', 'cluster: { name: region-athens, id: 1 }\n');
    const install = `helm upgrade --install cilium ${bench.chart} ${helmTarget('region-athens')} --values v.yaml`;
    await killed(install, { tool: 'helm' });
    expect(bench.state().clusters['region-athens']?.releases).toMatchObject([
      { revision: 1, status: 'pending-install' },
    ]);
    expect(run(install).stderr).toBe(
      'Error: UPGRADE FAILED: another operation (install/upgrade/rollback) is in progress\n',
    );
  });

  it('connect: the first region knows the second, the second not the first; again, and both do', async () => {
    for (const [region, id] of [
      ['region-athens', 1],
      ['region-hurup', 2],
    ] as const) {
      buildRegion(bench, run, region, id);
      enable(region);
      statusOf(region);
    }
    await killed(connect, { tool: 'cilium' }, both);
    const links = () =>
      Object.values(bench.state().clusters).map(
        ({ releases }) => (releases.at(-1)?.config.clustermesh as { config?: object }).config !== undefined,
      );
    expect(links()).toEqual([true, false]);
    expect(run(connect, both).exit).toBe(0);
    expect(links()).toEqual([true, true]);
    await killed(connect, { tool: 'cilium', stage: 'pending' }, both);
    expect(run(connect, both).stderr).toBe(
      '\nError: Unable to connect cluster: another operation (install/upgrade/rollback) is in progress\n',
    );
  });
});

describe('the bench', () => {
  it('records each call with its words, the two variables, and its end', () => {
    run('kind get clusters', { KUBECONFIG: 'x' });
    expect(bench.calls()).toMatchObject([
      { tool: 'kind', args: ['get', 'clusters'], env: { KUBECONFIG: 'x' }, exit: 0, grandchild: undefined },
    ]);
  });

  it('GIVEN a fault for one call THEN that one fails, changes nothing, and the next is real again', () => {
    bench.setFaults([{ tool: 'docker', match: 'network create', times: 1, exit: 7, stderr: 'boom\n' }]);
    expect(run('docker network create lab')).toEqual({ exit: 7, stdout: '', stderr: 'boom\n' });
    expect(run('docker network inspect lab').exit).toBe(1);
    expect(run('docker network create lab').exit).toBe(0);
  });

  it('GIVEN ten at once THEN each change is kept: the state has one writer at a time', async () => {
    const names = Array.from({ length: 10 }, (_, index) => `net${index}`);
    const exits = names.map(async (name) => {
      const child = spawn('docker', ['network', 'create', name], { env: bench.env, stdio: 'ignore' });
      return new Promise((resolve) => child.once('exit', resolve));
    });
    expect(await Promise.all(exits)).toEqual(names.map(() => 0));
    const { networks } = bench.state();
    expect(new Set(names.map((name) => networks[name]?.config[0]?.Subnet)).size).toBe(10);
  });

  it('GIVEN a lock whose owner was killed THEN the next one takes it over', () => {
    const { pid } = spawnSync(process.execPath, ['--version']);
    symlinkSync(String(pid), join(bench.env.STAND_IN_STATE ?? '', 'world.lock'));
    expect(run('docker network create lab')).toMatchObject({ exit: 0, stderr: '' });
    expect(readdirSync(bench.env.STAND_IN_STATE ?? '').filter((name) => name.includes('lock'))).toEqual([]);
  });
});

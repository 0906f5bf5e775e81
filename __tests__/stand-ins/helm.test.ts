import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  atTheBench,
  ciliumValues,
  createAthens,
  helmTarget,
  installCilium,
  type Run,
  snapshot,
  write,
} from './at-the-bench.ts';
import { type Bench, createBench } from './lab-bench.ts';

// dozens of processes on a machine that may be busy

let bench: Bench;
let run: Run;
let renew: () => void;
const athens = helmTarget('region-athens');
const mesh = { useAPIServer: true };
const values = () =>
  JSON.parse(run(`helm get values cilium ${athens} --output json`).stdout) as Record<string, unknown>;
const upgrade = (...more: string[]) =>
  run(['helm', 'upgrade', '--install', 'cilium', bench.chart, ...athens.split(' '), ...more]);
const statuses = () =>
  bench.state().clusters['region-athens']?.releases.map(({ revision, status }) => `${revision} ${status}`);

// one cluster for all tests: each finds it as it was made
beforeAll(() => {
  bench = createBench();
  run = atTheBench(bench);
  createAthens(bench, run);
  renew = snapshot(bench, ['region-athens.kc']);
});
beforeEach(() => {
  renew();
});
afterAll(() => {
  bench.dispose();
});

describe('helm upgrade --install', () => {
  it('GIVEN no release THEN it installs, and list, values and history tell of revision 1', () => {
    const { exit, stdout, stderr } = installCilium(bench, run);
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    expect(stdout).toMatch(
      /^Release "cilium" does not exist\. Installing it now\.\nNAME: cilium\nLAST DEPLOYED: .*\nNAMESPACE: kube-system\nSTATUS: deployed\nREVISION: 1\nTEST SUITE: None\n$/,
    );
    expect(JSON.parse(run(`helm list --all --filter ^cilium$ ${athens} --output json`).stdout)).toMatchObject([
      {
        name: 'cilium',
        namespace: 'kube-system',
        revision: '1',
        status: 'deployed',
        chart: 'cilium-1.14.2',
        app_version: '1.14.2',
      },
    ]);
    expect(values()).toMatchObject({ cluster: { name: 'region-athens', id: 1 } });
    expect(JSON.parse(run(`helm history cilium ${athens} --output json`).stdout)).toMatchObject([
      { revision: 1, description: 'Install complete' },
    ]);
  });

  it('GIVEN values of the mesh in the release WHEN it is upgraded with a file alone THEN they are gone', () => {
    installCilium(bench, run);
    write(bench, 'mesh.yaml', JSON.stringify({ clustermesh: mesh }));
    upgrade('--reuse-values', '--values', 'mesh.yaml');
    expect(values()).toMatchObject({ clustermesh: mesh, cluster: { id: 1 } });
    expect(upgrade('--values', 'region-athens.values.yaml').stdout).toContain(
      'Release "cilium" has been upgraded. Happy Helming!\n',
    );
    expect(values().clustermesh).toBeUndefined();
  });

  it('GIVEN --reset-then-reuse-values THEN they stay', () => {
    installCilium(bench, run);
    write(bench, 'mesh.yaml', JSON.stringify({ clustermesh: mesh }));
    upgrade('--reuse-values', '--values', 'mesh.yaml');
    upgrade('--reset-then-reuse-values', '--values', 'region-athens.values.yaml');
    expect(values()).toMatchObject({ clustermesh: mesh });
  });

  it('GIVEN no values at all THEN those of the last revision are kept, whatever the flags', () => {
    installCilium(bench, run);
    upgrade();
    expect(values()).toMatchObject({ cluster: { name: 'region-athens' } });
  });

  it('merges files in their order: maps together, lists replaced, null takes away', () => {
    write(bench, 'one.yaml', 'a: { b: 1, c: 2 }\nl: [1, 2]\ngone: 1\n');
    write(bench, 'two.yaml', 'a: { c: 3 }\nl: [3]\ngone: null\n');
    upgrade('--values', 'one.yaml', '--values', 'two.yaml');
    expect(values()).toEqual({ a: { b: 1, c: 3 }, l: [3] });
  });

  it.each([
    ['a missing chart by path', './nope.tgz', [], 'path "./nope.tgz" not found'],
    [
      'a missing chart by name',
      'cilium-1.14.2-chart',
      [],
      'non-absolute URLs should be in form of repo_name/path_to_chart, got: cilium-1.14.2-chart',
    ],
    ['a repository that was never added', 'cilium/cilium', [], 'repo cilium not found'],
    [
      'another host',
      'https://nope.example/cilium-1.14.2.tgz',
      [],
      'Get "https://nope.example/cilium-1.14.2.tgz": dial tcp: lookup nope.example: no such host',
    ],
    [
      'no archive',
      'kind.yaml',
      [],
      "file 'kind.yaml' does not appear to be a gzipped archive; got 'application/octet-stream'",
    ],
    [
      'a missing values file',
      'https://helm.cilium.io/cilium-1.14.2.tgz',
      ['--values', 'no.yaml'],
      'open no.yaml: no such file or directory',
    ],
    ['an unknown flag', 'https://helm.cilium.io/cilium-1.14.2.tgz', ['--bogus'], 'unknown flag: --bogus'],
    [
      'a wrong duration',
      'https://helm.cilium.io/cilium-1.14.2.tgz',
      ['--timeout', '5'],
      'invalid argument "5" for "--timeout" flag: time: missing unit in duration "5"',
    ],
  ])('refuses %s', (_, chart, more, message) => {
    const { exit, stderr } = run(['helm', 'upgrade', '--install', 'cilium', chart, ...athens.split(' '), ...more]);
    expect({ exit, stderr }).toEqual({ exit: 1, stderr: `Error: ${message}\n` });
    expect(statuses()).toEqual([]);
  });

  it('GIVEN a CA that is no PEM in base64 THEN the chart cannot be rendered', () => {
    write(bench, 'ca.yaml', 'tls: { ca: { cert: nope, key: nope } }\n');
    expect(upgrade('--values', 'ca.yaml')).toMatchObject({
      exit: 1,
      stderr: expect.stringMatching(/error calling buildCustomCert: unable to decode certificate\n$/) as string,
    });
  });

  it.each([
    [
      'the UI without the relay',
      '1.14.2',
      'hubble: { ui: { enabled: true } }',
      'Hubble UI requires .Values.hubble.relay.enabled=true',
    ],
    [
      'a remote cluster without address',
      '1.14.2',
      'clustermesh: { config: { enabled: true, clusters: [{ name: b }] } }',
      'missing clustermesh.apiserver.config.clusters.address',
    ],
    [
      'kubeProxyReplacement=strict, from 1.16 on',
      '1.20.0',
      'kubeProxyReplacement: strict',
      'kubeProxyReplacement must be explicitly set to a valid value (true or false) to continue.',
    ],
  ])('the chart refuses %s', (_, version, text, message) => {
    write(bench, 'bad.yaml', text);
    const { exit, stderr } = run(
      `helm upgrade --install cilium https://helm.cilium.io/cilium-${version}.tgz ${athens} --values bad.yaml`,
    );
    expect(exit).toBe(1);
    expect(stderr).toMatch(/^Error: execution error at \(cilium\/templates\/.*\): /);
    expect(stderr).toContain(`${message}\n`);
    expect(statuses()).toEqual(['1 failed']);
  });

  it('GIVEN a LoadBalancer without a pool WHEN --wait is given THEN Helm waits for its address in vain', () => {
    write(bench, 'v.yaml', ciliumValues('region-athens', 1));
    expect(upgrade('--values', 'v.yaml', '--wait')).toMatchObject({
      exit: 1,
      stderr: 'Error: context deadline exceeded\n',
    });
    expect(statuses()).toEqual(['1 failed']);
  });
});

describe('helm and a release that hangs', () => {
  const pending = 'Error: UPGRADE FAILED: another operation (install/upgrade/rollback) is in progress\n';

  it('GIVEN a pending revision THEN every upgrade is refused, plain list hides it, and it goes with its secret', () => {
    installCilium(bench, run);
    bench.edit((world) => {
      const cluster = world.clusters['region-athens'];
      if (cluster === undefined) return world;
      const releases = [...cluster.releases, { revision: 2, status: 'pending-upgrade', version: '1.14.2', config: {} }];
      return {
        ...world,
        clusters: {
          'region-athens': {
            ...cluster,
            releases: releases.map((each) => ({ updated: '2026-11-22T21:04:22.423Z', ...each })),
          },
        },
      };
    });
    expect(upgrade('--values', 'region-athens.values.yaml')).toMatchObject({ exit: 1, stderr: pending });
    expect(run(`helm list ${athens} --output json`).stdout).toBe('[]\n');
    expect(JSON.parse(run(`helm list --all ${athens} --output json`).stdout)).toMatchObject([
      { revision: '2', status: 'pending-upgrade' },
    ]);
    expect(
      run(
        'kubectl --kubeconfig region-athens.kc --context kind-region-athens delete secret sh.helm.release.v1.cilium.v2 -n kube-system',
      ),
    ).toEqual({
      exit: 0,
      stdout: 'secret "sh.helm.release.v1.cilium.v2" deleted\n',
      stderr: '',
    });
    expect(upgrade('--values', 'region-athens.values.yaml').exit).toBe(0);
    expect(statuses()).toEqual(['1 superseded', '2 deployed']);
  });

  it('GIVEN a pending revision THEN rollback ends it too', () => {
    installCilium(bench, run);
    upgrade('--values', 'region-athens.values.yaml');
    expect(run(`helm rollback cilium 1 ${athens}`)).toEqual({
      exit: 0,
      stdout: 'Rollback was a success! Happy Helming!\n',
      stderr: '',
    });
    expect(statuses()).toEqual(['1 superseded', '2 superseded', '3 deployed']);
  });
});

describe('helm without a cluster or a release', () => {
  it.each([
    ['get values cilium', 'release: not found'],
    ['history cilium', 'release: not found'],
    ['status cilium', 'release: not found'],
    ['uninstall cilium', 'uninstall: Release not loaded: cilium: release: not found'],
  ])('helm %s: %s', (command, message) => {
    expect(run(`helm ${command} ${athens}`)).toEqual({ exit: 1, stdout: '', stderr: `Error: ${message}\n` });
  });

  it('GIVEN an unknown context or a cluster that is gone THEN it says which', () => {
    expect(run('helm list --kubeconfig region-athens.kc --kube-context kind-nope').stderr).toBe(
      'Error: Kubernetes cluster unreachable: context "kind-nope" does not exist\n',
    );
    run('kind delete cluster --name region-athens --kubeconfig another.kc');
    expect(run(`helm list ${athens}`).stderr).toMatch(
      /^Error: Kubernetes cluster unreachable: Get "https:\/\/127\.0\.0\.1:\d+\/version": dial tcp 127\.0\.0\.1:\d+: connect: connection refused\n$/,
    );
  });

  it('tells its version', () => {
    expect(run('helm version --short').stdout).toMatch(/^v3\.17\.3\+g/);
    expect(run(['helm', 'version', '--template', '{{.Version}}']).stdout).toBe('v3.17.3');
    expect(run('helm frob').stderr).toBe('Error: unknown command "frob" for "helm"\nRun \'helm --help\' for usage.\n');
  });
});

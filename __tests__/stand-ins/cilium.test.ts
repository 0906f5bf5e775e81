import { describe, expect, it } from 'vitest';
import { connect, enable, mesh, setUpTwoRegions } from './two-regions.ts';

const lab = setUpTwoRegions();

describe('the cilium CLI and its flags', () => {
  it.each([
    [
      'cilium clustermesh enable --context kind-nope --service-type LoadBalancer',
      'unable to create Kubernetes client: context "kind-nope" does not exist',
    ],
    ['cilium clustermesh enable --bogus', 'unknown flag: --bogus'],
    ['cilium status --kubeconfig x', 'unknown flag: --kubeconfig'],
    [
      'cilium clustermesh connect --context kind-region-athens --destination-context x --connection-mode mesh',
      'unknown flag: --connection-mode',
    ],
    [
      'cilium clustermesh connect --context kind-region-athens --destination-context x,y --allow-mismatching-ca',
      'unknown flag: --allow-mismatching-ca',
    ],
    [
      'cilium clustermesh connect --context kind-region-athens --destination-context x --parallel 2',
      'unknown flag: --parallel',
    ],
    [
      'cilium clustermesh enable --context kind-region-athens',
      "\nError: Unable to enable ClusterMesh: cannot auto-detect service type, please specify using '--service-type' option",
    ],
    [
      'cilium connectivity test --context kind-region-athens --multi-cluster kind-b',
      'connectivity test failed: unable to create Kubernetes client for remote cluster "kind-b": context "kind-b" does not exist',
    ],
    [
      'cilium connectivity test --context kind-region-athens --multi-cluster kind-region-hurup --single-node',
      'connectivity test failed: single-node test can not be enabled with multi-cluster test',
    ],
  ])('%s', (line, message) => {
    expect(lab.cilium(line)).toEqual({ exit: 1, stdout: '', stderr: `${message}\n` });
  });

  it('knows more flags in v0.19.7', () => {
    lab.bench.setMachine({ versions: { cilium: 'v0.19.7' } });
    expect(lab.run(`${mesh('enable', 'athens')} --service-type ClusterIP --kubeconfig region-athens.kc`).stderr).toBe(
      '\nError: Unable to enable ClusterMesh: service type "ClusterIP" is not valid\n',
    );
  });

  it('GIVEN an API server that is gone THEN each command says which request failed', () => {
    lab.run('kind delete cluster --name region-athens --kubeconfig another.kc');
    const refused = (path: string) =>
      new RegExp(
        `: Get "https://127\\.0\\.0\\.1:\\d+${path.replace('?', '\\?')}": dial tcp 127\\.0\\.0\\.1:\\d+: connect: connection refused\n$`,
      );
    const releases = refused('/api/v1/namespaces/kube-system/secrets?labelSelector=name%3Dcilium%2Cowner%3Dhelm');
    expect(lab.cilium(enable('athens')).stderr).toMatch(releases);
    expect(lab.cilium(connect)).toMatchObject({
      exit: 1,
      stdout: '❌ Unable to find Helm release for the target cluster\n',
      stderr: expect.stringMatching(releases) as string,
    });
    expect(lab.cilium(mesh('status', 'athens', ' --wait --wait-duration 5s')).stderr).toMatch(
      refused('/api/v1/namespaces/kube-system/configmaps/cilium-config'),
    );
    const { exit, stderr } = lab.cilium('cilium status --context kind-region-athens --wait --wait-duration 1s');
    expect(exit).toBe(1);
    expect(stderr).toMatch(
      /Errors: +cilium +cilium +Get "https:\/\/127\.0\.0\.1:\d+\/apis\/apps\/v1\/namespaces\/kube-system\/daemonsets\/cilium": dial tcp/,
    );
  });
});

describe('cilium status', () => {
  it('GIVEN a running region THEN it shows colours even into a pipe', () => {
    const { exit, stdout } = lab.cilium('cilium status --context kind-region-athens --wait');
    expect(exit).toBe(0);
    expect(stdout).toContain('Cilium:             \x1b[32mOK\x1b[0m');
    expect(stdout).toContain('ClusterMesh:        \x1b[36mdisabled\x1b[0m');
  });

  it('GIVEN two operators for one node THEN it never gets ready: they want the same ports', () => {
    lab.run(
      'kind create cluster --name one --image kindest/node:v1.27.3@sha256:3966ac761ae0136263ffdb6cfd4db23ef8a83cba8a463690e98317add2c9ba72 --kubeconfig one.kc',
    );
    lab.run(
      `helm upgrade --install cilium ${lab.bench.chart} --namespace kube-system --kubeconfig one.kc --kube-context kind-one`,
    );
    const { exit, stderr } = lab.run('cilium status --context kind-one --wait --wait-duration 5s', {
      KUBECONFIG: 'one.kc',
    });
    expect(exit).toBe(1);
    expect(stderr).toContain('1 pods of Deployment cilium-operator are not ready');
    expect(stderr).toMatch(
      /Error: Unable to determine status: {2}timeout while waiting for status to become successful: context deadline exceeded\n$/,
    );
  });
});

describe('cilium clustermesh enable', () => {
  it('says nothing and writes its values over those of the release, again and again', () => {
    expect(lab.cilium(enable('athens'))).toEqual({ exit: 0, stdout: '', stderr: '' });
    expect(lab.cilium(enable('athens'))).toEqual({ exit: 0, stdout: '', stderr: '' });
    const releases = lab.bench.state().clusters['region-athens']?.releases ?? [];
    expect(releases.map(({ revision, status }) => `${revision} ${status}`)).toEqual([
      '1 superseded',
      '2 superseded',
      '3 deployed',
    ]);
    expect(releases.at(-1)?.config).toMatchObject({
      cluster: { name: 'region-athens', id: 1 },
      clustermesh: {
        useAPIServer: true,
        apiserver: {
          service: { type: 'LoadBalancer' },
          tls: { auto: { enabled: true, method: 'cronJob', schedule: '0 0 1 */4 *' } },
        },
      },
      externalWorkloads: { enabled: false },
    });
  });

  it('GIVEN no release THEN it says so', () => {
    lab.run(
      'helm uninstall cilium --namespace kube-system --kubeconfig region-athens.kc --kube-context kind-region-athens',
    );
    expect(lab.cilium(enable('athens')).stderr).toBe('\nError: Unable to enable ClusterMesh: release: not found\n');
    expect(lab.cilium(connect)).toEqual({
      exit: 1,
      stdout: '❌ Unable to find Helm release for the target cluster\n',
      stderr: '\nError: Unable to connect cluster: release: not found\n',
    });
  });
});

describe('cilium clustermesh status', () => {
  it('GIVEN a mesh that is not enabled THEN it waits for the service in vain', () => {
    const missing =
      'unable to get clustermesh service "clustermesh-apiserver": services "clustermesh-apiserver" not found';
    expect(lab.cilium(mesh('status', 'athens'))).toEqual({
      exit: 1,
      stdout: '',
      stderr: `\nError: Unable to determine status:  ${missing}\n`,
    });
    expect(lab.cilium(mesh('status', 'athens', ' --wait --wait-duration 3s'))).toEqual({
      exit: 1,
      stdout: `⌛ Waiting (0s) for access information: ${missing}\n`,
      stderr: `\nError: Unable to determine status:  timeout while waiting for condition, last error: ${missing}\n`,
    });
  });

  it('GIVEN an enabled region without links THEN it shows its address and no cluster', () => {
    lab.cilium(enable('athens'));
    const { exit, stdout } = lab.cilium(mesh('status', 'athens', ' --wait'));
    expect(exit).toBe(0);
    expect(stdout).toMatch(
      /✅ Service "clustermesh-apiserver" of type "LoadBalancer" found\n✅ Cluster access information is available:\n {2}- 172\.18\.255\.102:2379\n(⌛ .*\n)?✅ Deployment clustermesh-apiserver is ready\n🔌 No cluster connected\n🔀 Global services: \[ min:0 \/ avg:0\.0 \/ max:0 \]\n$/,
    );
  });

  it('writes its JSON behind lines of text, with a private key, and leaves zeros out', () => {
    lab.enableBoth();
    lab.cilium(connect);
    lab.cilium(mesh('status', 'hurup', ' --wait'));
    lab.bench.edit((world) => ({
      ...world,
      clusters: Object.fromEntries(
        Object.entries(world.clusters).map(([name, cluster]) => [name, { ...cluster, connected: [] }]),
      ),
    }));
    lab.run('kind delete cluster --name region-hurup --kubeconfig another.kc');
    const { access_information: access, connectivity } = lab.status('athens');
    expect(access.service_ips).toEqual(['172.18.255.102']);
    expect(Buffer.from(access.client_key, 'base64').toString()).toContain('PRIVATE KEY');
    expect(connectivity).toEqual({
      global_services: {},
      connected: {},
      clusters: { 'region-hurup': { configured: 2 } },
      total: 2,
      not_ready: 2,
    });
  });
});

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  atTheBench,
  createAthens,
  installCilium,
  kube,
  metallb,
  pool,
  type Run,
  snapshot,
  write,
} from './at-the-bench.ts';
import { type Bench, createBench } from './lab-bench.ts';

interface KubeObject {
  kind: string;
  metadata: { name: string; uid: string };
  items: KubeObject[];
  data: Record<string, string>;
  spec: { podCIDR: string };
  status: { conditions: { type: string; status: string }[]; addresses: { address: string }[] };
}

// dozens of processes on a machine that may be busy

let bench: Bench;
let run: Run;
let renew: () => void;
const athens = kube('region-athens');
const kubectl = (line: string) => run(`kubectl ${athens} ${line}`);
const json = (line: string) => JSON.parse(kubectl(`${line} --output json`).stdout) as KubeObject;

// one cluster for all tests: each finds it as it was made
beforeAll(() => {
  bench = createBench({ webhookFailures: 0 });
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

describe('kubectl and its target', () => {
  it.each([
    [
      'a missing kubeconfig',
      'kubectl --kubeconfig missing get nodes',
      'error: stat missing: no such file or directory',
    ],
    [
      'an unknown context',
      'kubectl --kubeconfig region-athens.kc --context nope get nodes',
      'Error in configuration: context was not found for specified context: nope',
    ],
    [
      'no kubeconfig at all',
      'kubectl get nodes',
      'The connection to the server localhost:8080 was refused - did you specify the right host or port?',
    ],
    [
      'an unknown flag',
      'kubectl get --bogus nodes',
      "error: unknown flag: --bogus\nSee 'kubectl get --help' for usage.",
    ],
    [
      'a number for a duration',
      'kubectl wait nodes --timeout=2',
      'error: invalid argument "2" for "--timeout" flag: time: missing unit in duration "2"\nSee \'kubectl wait --help\' for usage.',
    ],
    ['an unknown verb', 'kubectl frob', 'error: unknown command "frob" for "kubectl"'],
    ['apply without files', 'kubectl apply', 'error: must specify one of -f and -k'],
    ['an unknown version format', 'kubectl version --client --output xml', "error: --output must be 'yaml' or 'json'"],
  ])('refuses %s', (_, line, message) => {
    expect(run(line)).toEqual({ exit: 1, stdout: '', stderr: `${message}\n` });
  });

  it('GIVEN a cluster made again WHEN the old kubeconfig is used THEN it is not trusted or not reached', () => {
    run('kind delete cluster --name region-athens --kubeconfig another.kc');
    expect(kubectl('get nodes').stderr).toMatch(
      /^The connection to the server 127\.0\.0\.1:\d+ was refused - did you specify the right host or port\?\n$/,
    );
  });

  it('takes global flags before and after the verb', () => {
    expect(run(`kubectl ${athens} --namespace=kube-system rollout status daemonset/speaker --timeout=1s`).stderr).toBe(
      'Error from server (NotFound): daemonsets.apps "speaker" not found\n',
    );
    expect(run(`kubectl get ns/kube-system -o name ${athens}`).stdout).toBe('namespace/kube-system\n');
  });
});

describe('kubectl get', () => {
  it('GIVEN no network plugin THEN nodes have address and pod CIDR but are not Ready; with Cilium they are', () => {
    const ready = () =>
      json('get nodes').items.map(({ status }) => status.conditions.find(({ type }) => type === 'Ready')?.status);
    expect(ready()).toEqual(['False', 'False']);
    expect(json('get nodes').items.map(({ spec, status }) => [spec.podCIDR, status.addresses[0]?.address])).toEqual([
      ['10.0.0.0/24', '172.18.0.2'],
      ['10.0.1.0/24', '172.18.0.3'],
    ]);
    installCilium(bench, run);
    run('cilium status --context kind-region-athens --wait', { KUBECONFIG: 'region-athens.kc' });
    expect(ready()).toEqual(['True', 'True']);
  });

  it('gives one object for one, a List for several, nothing for none', () => {
    expect(json('get namespace/kube-system --ignore-not-found').kind).toBe('Namespace');
    const several = json(
      'get -n kube-system namespace/kube-system configmap/kubeadm-config daemonset.apps/cilium customresourcedefinition/ipaddresspools.metallb.io --ignore-not-found',
    );
    expect(several.items.map(({ kind }) => kind)).toEqual(['Namespace', 'ConfigMap']);
    expect(json('get -n kube-system namespace/kube-system daemonset.apps/cilium --ignore-not-found').kind).toBe('List');
    expect(kubectl('get -n kube-system daemonset.apps/cilium deployment.apps/x --ignore-not-found -o json')).toEqual({
      exit: 0,
      stdout: '',
      stderr: '',
    });
  });

  it('GIVEN no --ignore-not-found THEN the missing ones are named and the others shown', () => {
    expect(kubectl('get -n kube-system namespace/kube-system daemonset/cilium crd/x -o name')).toEqual({
      exit: 1,
      stdout: 'namespace/kube-system\n',
      stderr:
        'Error from server (NotFound): daemonsets.apps "cilium" not found\nError from server (NotFound): customresourcedefinitions.apiextensions.k8s.io "x" not found\n',
    });
  });

  it('knows no kinds of MetalLB before its CRDs', () => {
    expect(
      kubectl('get ipaddresspools.metallb.io,l2advertisements.metallb.io --namespace metallb-system --output json'),
    ).toEqual({
      exit: 1,
      stdout: '',
      stderr: 'error: the server doesn\'t have a resource type "ipaddresspools"\n',
    });
  });

  it('has the subnets in kubeadm-config, and another uid for kube-system in another cluster', () => {
    expect(json('get -n kube-system configmap/kubeadm-config').data.ClusterConfiguration).toContain(
      'podSubnet: 10.0.0.0/16\n  serviceSubnet: 10.1.0.0/16\n',
    );
    const { uid } = json('get namespace/kube-system').metadata;
    run('kind delete cluster --name region-athens --kubeconfig region-athens.kc');
    createAthens(bench, run);
    expect(json('get namespace/kube-system').metadata.uid).not.toBe(uid);
  });
});

describe('kubectl apply', () => {
  const ready = () => {
    installCilium(bench, run);
    kubectl(`apply --filename ${metallb}`);
    return kubectl('wait -n metallb-system --for=condition=Available deployment/controller --timeout=60s');
  };

  it('GIVEN no CRDs THEN a pool has no kind', () => {
    write(bench, 'pool.yaml', pool('172.18.255.1-172.18.255.100'));
    expect(kubectl('apply -f pool.yaml')).toEqual({
      exit: 1,
      stdout: '',
      stderr:
        'error: resource mapping not found for name: "default-pool" namespace: "metallb-system" from "pool.yaml": no matches for kind "IPAddressPool" in version "metallb.io/v1beta1"\nensure CRDs are installed first\n',
    });
  });

  it('GIVEN Cilium THEN MetalLB gets ready, and a pool is created, unchanged, configured', () => {
    expect(ready()).toEqual({ exit: 0, stdout: 'deployment.apps/controller condition met\n', stderr: '' });
    expect(kubectl('rollout status -n metallb-system daemonset/speaker --timeout=60s').stdout).toBe(
      'daemon set "speaker" successfully rolled out\n',
    );
    write(bench, 'pool.yaml', pool('172.18.255.1-172.18.255.100'));
    expect(kubectl('apply -f pool.yaml').stdout).toBe('ipaddresspool.metallb.io/default-pool created\n');
    expect(kubectl('apply -f pool.yaml').stdout).toBe('ipaddresspool.metallb.io/default-pool unchanged\n');
    write(bench, 'pool.yaml', pool('172.18.255.1-172.18.255.50'));
    expect(kubectl('apply -f pool.yaml').stdout).toBe('ipaddresspool.metallb.io/default-pool configured\n');
  });

  it('GIVEN a pool to which somebody added a key THEN apply keeps it, and replace does not', () => {
    ready();
    const range = ['172.18.255.1-172.18.255.100'];
    const key = 'IPAddressPool/metallb-system/default-pool';
    const spec = () => bench.state().clusters['region-athens']?.objects[key]?.spec;
    write(bench, 'pool.yaml', pool(String(range)));
    expect(kubectl('replace -f pool.yaml')).toEqual({
      exit: 1,
      stdout: '',
      stderr:
        'Error from server (NotFound): error when replacing "pool.yaml": ipaddresspools.metallb.io "default-pool" not found\n',
    });
    kubectl('apply -f pool.yaml');
    expect(spec()).toEqual({ addresses: range, autoAssign: true, avoidBuggyIPs: false });

    bench.edit((world) => {
      const object = world.clusters['region-athens']?.objects[key] as { spec: object };
      object.spec = { ...object.spec, autoAssign: false };
      return world;
    });
    expect(kubectl('apply -f pool.yaml').stdout).toBe('ipaddresspool.metallb.io/default-pool unchanged\n');
    expect(spec()).toEqual({ addresses: range, autoAssign: false, avoidBuggyIPs: false });
    expect(kubectl('replace --save-config -f pool.yaml').stdout).toBe(
      'ipaddresspool.metallb.io/default-pool replaced\n',
    );
    expect(spec()).toEqual({ addresses: range, autoAssign: true, avoidBuggyIPs: false });
  });

  it('GIVEN no network plugin THEN MetalLB’s controller stays pending', () => {
    kubectl(`apply -f ${metallb}`);
    expect(kubectl('wait -n metallb-system --for=condition=Available deployment/controller --timeout=3s')).toEqual({
      exit: 1,
      stdout: '',
      stderr: 'error: timed out waiting for the condition on deployments/controller\n',
    });
    expect(
      kubectl('wait --for=condition=Established crd/ipaddresspools.metallb.io crd/l2advertisements.metallb.io').stdout,
    ).toBe(
      'customresourcedefinition.apiextensions.k8s.io/ipaddresspools.metallb.io condition met\ncustomresourcedefinition.apiextensions.k8s.io/l2advertisements.metallb.io condition met\n',
    );
    expect(kubectl('rollout status -n metallb-system daemonset/speaker --timeout=2s')).toEqual({
      exit: 1,
      stdout: 'Waiting for daemon set "speaker" rollout to finish: 0 of 2 updated pods are available...\n',
      stderr: 'error: timed out waiting for the condition\n',
    });
  });

  it('GIVEN a webhook that is not up for five calls THEN each of the five known errors comes once', () => {
    ready();
    write(bench, 'pool.yaml', pool('172.18.255.1-172.18.255.100'));
    const answers = [1, 2, 3, 4, 5, 6].map(() =>
      run(`kubectl ${athens} apply -f pool.yaml`, { STAND_IN_WEBHOOK_FAILURES: '5' }),
    );
    expect(answers.map(({ exit }) => exit)).toEqual([1, 1, 1, 1, 1, 0]);
    const begin =
      'Error from server (InternalError): error when creating "pool.yaml": Internal error occurred: failed calling webhook "ipaddresspoolvalidationwebhook.metallb.io": failed to call webhook: Post "https://webhook-service.metallb-system.svc:443/validate-metallb-io-v1beta1-ipaddresspool?timeout=10s": ';
    expect(
      answers
        .slice(0, 5)
        .map(({ stderr }) => stderr.replace(begin, '').trim())
        .sort(),
    ).toEqual([
      'Service Unavailable',
      'context deadline exceeded',
      'dial tcp 10.1.11.12:443: connect: connection refused',
      'dial tcp 10.1.11.12:443: connect: no route to host',
      'no endpoints available for service "webhook-service"',
    ]);
  });

  it('the webhook refuses a reversed range and an overlap, in the words of a real run', () => {
    ready();
    write(bench, 'pool.yaml', pool('172.18.255.1-172.18.255.100'));
    kubectl('apply -f pool.yaml');
    write(bench, 'badpool.yaml', pool('172.18.255.200-172.18.255.150', 'bad'));
    const reversed =
      'parsing address pool bad: invalid CIDR "172.18.255.200-172.18.255.150" in pool "bad": invalid IP range "172.18.255.200-172.18.255.150": start IP "172.18.255.200" is after the end IP "172.18.255.150"';
    const denied =
      'error when creating "badpool.yaml": admission webhook "ipaddresspoolvalidationwebhook.metallb.io" denied the request';
    expect(kubectl('apply -f badpool.yaml').stderr).toBe(`Error from server (${reversed}): ${denied}: ${reversed}\n`);
    write(bench, 'badpool.yaml', pool('172.18.255.50-172.18.255.60', 'bad'));
    const overlaps = 'CIDR "172.18.255.50/31" in pool "bad" overlaps with already defined CIDR "172.18.255.32/27"';
    expect(kubectl('apply -f badpool.yaml').stderr).toBe(`Error from server (${overlaps}): ${denied}: ${overlaps}\n`);
  });

  it.each([
    ['a missing file', 'missing.yaml', 'error: the path "missing.yaml" does not exist'],
    [
      'an unknown URL',
      'https://nope.example/x.yaml',
      'error: unable to read URL "https://nope.example/x.yaml", server reported 404 Not Found, status code=404',
    ],
  ])('refuses %s', (_, file, message) => {
    expect(kubectl(`apply -f ${file}`)).toEqual({ exit: 1, stdout: '', stderr: `${message}\n` });
  });
});

describe('addresses of LoadBalancer services', () => {
  const address = (service: string) => bench.state().clusters['region-athens']?.addresses[`default/${service}`];
  const service = (name: string, annotation = '') =>
    `apiVersion: v1\nkind: Service\nmetadata: { name: ${name}, annotations: { ${annotation} } }\nspec: { type: LoadBalancer, ports: [{ port: 80 }] }\n`;

  it('come from the pool only, the lowest free one or the one asked for', () => {
    installCilium(bench, run);
    kubectl(`apply -f ${metallb}`);
    write(bench, 'one.yaml', service('one', 'metallb.universe.tf/loadBalancerIPs: 172.18.255.3'));
    write(bench, 'two.yaml', service('two'));
    write(bench, 'outside.yaml', service('outside', 'metallb.io/loadBalancerIPs: 172.18.0.9'));
    write(bench, 'pool.yaml', pool('172.18.255.1-172.18.255.9'));
    expect(kubectl('apply -f one.yaml -f two.yaml -f outside.yaml').exit).toBe(0);
    kubectl('wait -n metallb-system --for=condition=Available deployment/controller --timeout=60s');
    expect(address('one')).toBeUndefined();
    kubectl('apply -f pool.yaml');
    const ui = json('get -n kube-system service/hubble-ui');
    expect(ui.status).toEqual({ loadBalancer: { ingress: [{ ip: '172.18.255.1' }] } });
    expect([address('one'), address('two'), address('outside')]).toEqual(['172.18.255.3', '172.18.255.2', undefined]);
  });
});

describe('kubectl delete', () => {
  it('deletes namespaces with what is in them, and names what is missing', () => {
    kubectl(`apply -f ${metallb}`);
    expect(kubectl('delete namespace/metallb-system namespace/x --ignore-not-found')).toEqual({
      exit: 0,
      stdout: 'namespace "metallb-system" deleted\n',
      stderr: '',
    });
    expect(kubectl('get -n metallb-system deployment/controller').stderr).toBe(
      'Error from server (NotFound): deployments.apps "controller" not found\n',
    );
    expect(kubectl('delete namespace x')).toEqual({
      exit: 1,
      stdout: '',
      stderr: 'Error from server (NotFound): namespaces "x" not found\n',
    });
  });
});

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { atTheBench, createAthens, kindYaml, type Run, write } from './at-the-bench.ts';
import { type Bench, ciliumImage, createBench } from './lab-bench.ts';

// dozens of processes on a machine that may be busy

let bench: Bench;
let run: Run;
beforeEach(() => {
  bench = createBench();
  run = atTheBench(bench);
});
afterEach(() => {
  bench.dispose();
});

const create = 'kind create cluster --name region-athens --config kind.yaml --kubeconfig region-athens.kc';
const head = 'kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\n';

describe('kind create cluster', () => {
  it('GIVEN the article’s file THEN progress goes to stderr as a real run had it, and the kubeconfig is written', () => {
    const { exit, stdout, stderr } = createAthens(bench, run);
    expect({ exit, stdout }).toEqual({ exit: 0, stdout: '' });
    expect(stderr.split('\n').slice(0, -3)).toEqual([
      'Creating cluster "region-athens" ...',
      ' • Ensuring node image (kindest/node:v1.27.3) 🖼  ...',
      ' ✓ Ensuring node image (kindest/node:v1.27.3) 🖼',
      ' • Preparing nodes 📦 📦   ...',
      ' ✓ Preparing nodes 📦 📦 ',
      ' • Writing configuration 📜  ...',
      ' ✓ Writing configuration 📜',
      ' • Starting control-plane 🕹️  ...',
      ' ✓ Starting control-plane 🕹️',
      ' • Installing StorageClass 💾  ...',
      ' ✓ Installing StorageClass 💾',
      ' • Joining worker nodes 🚜  ...',
      ' ✓ Joining worker nodes 🚜',
      'Set kubectl context to "kind-region-athens"',
      'You can now use your cluster with:',
      '',
      'kubectl cluster-info --context kind-region-athens --kubeconfig region-athens.kc',
    ]);
    expect(readFileSync(join(bench.lab, 'region-athens.kc'), 'utf8')).toContain(
      '"current-context": "kind-region-athens"',
    );
    expect(existsSync(join(bench.lab, 'region-athens.kc.lock'))).toBe(false);
  });

  it.each([
    [
      'metadata',
      `${head}metadata: { name: x }\n`,
      'unable to decode config: yaml: unmarshal errors:\n  line 3: field metadata not found in type v1alpha4.Cluster',
    ],
    [
      'a nested unknown field',
      `${head}networking:\n  podSubnets: x\n`,
      'unable to decode config: yaml: unmarshal errors:\n  line 4: field podSubnets not found in type v1alpha4.Networking',
    ],
    [
      'the wrong case',
      `${head}Networking: {}\n`,
      'unable to decode config: yaml: unmarshal errors:\n  line 3: field Networking not found in type v1alpha4.Cluster',
    ],
    [
      'a list for a map',
      `${head}networking: []\n`,
      'unable to decode config: yaml: unmarshal errors:\n  line 3: cannot unmarshal !!seq into v1alpha4.Networking',
    ],
    [
      'a key twice',
      `${head}name: a\nname: b\n`,
      'could not determine kind / apiVersion for config: yaml: unmarshal errors:\n  line 4: mapping key "name" already defined at line 3',
    ],
    [
      'another version',
      'kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha5\n',
      'unknown apiVersion: kind.x-k8s.io/v1alpha5',
    ],
    [
      'another kind',
      'kind: Clusters\napiVersion: kind.x-k8s.io/v1alpha4\n',
      'unknown kind Clusters for apiVersion: kind.x-k8s.io/v1alpha4',
    ],
    ['an empty file', '', 'unknown apiVersion: '],
    ['no control plane', `${head}nodes: [{ role: worker }]\n`, 'must have at least one control-plane node'],
    [
      'a wrong role',
      `${head}nodes: [{ role: master }]\n`,
      '[invalid configuration for node 0: "master" is not a valid node role, must have at least one control-plane node]',
    ],
    ['a wrong proxy mode', `${head}networking: { kubeProxyMode: off }\n`, 'invalid kubeProxyMode: off'],
    [
      'two CIDRs',
      `${head}networking: { podSubnet: "10.0.0.0/16,10.1.0.0/16" }\n`,
      'invalid pod subnet only one CIDR allowed for single-stack networking',
    ],
    [
      'a CIDR of 33 bits',
      `${head}networking: { podSubnet: 10.0.0.0/33 }\n`,
      'invalid pod subnet failed to parse cidr value:"10.0.0.0/33" with error: invalid CIDR address: 10.0.0.0/33',
    ],
    [
      'a port too high',
      `${head}networking: { apiServerPort: 70000 }\n`,
      'invalid apiServerPort: invalid port number: 70000',
    ],
  ])('refuses %s before any container starts', (_, config, message) => {
    write(bench, 'kind.yaml', config);
    expect(run(create)).toEqual({ exit: 1, stdout: '', stderr: `ERROR: failed to create cluster: ${message}\n` });
    expect(bench.state().containers).toEqual({});
  });

  it('ignores a second document, as the real one does', () => {
    write(bench, 'kind.yaml', `${kindYaml('10.0.0.0/16', '10.1.0.0/16')}---\nmetadata: {}\n`);
    expect(run(create).exit).toBe(0);
  });

  it('refuses a name in upper case', () => {
    write(bench, 'kind.yaml', head);
    expect(run('kind create cluster --name RegionA --config kind.yaml --kubeconfig kc').stderr).toBe(
      "ERROR: failed to create cluster: 'RegionA' is not a valid cluster name, cluster names must match `^[a-z0-9.-]+$`\n",
    );
  });

  it('refuses a cluster that exists', () => {
    createAthens(bench, run);
    expect(run(create)).toEqual({
      exit: 1,
      stdout: '',
      stderr: 'ERROR: failed to create cluster: node(s) already exist for a cluster with the name "region-athens"\n',
    });
  });

  it("GIVEN a container of another cluster by a node's name THEN it fails as docker does, and that container stays", () => {
    createAthens(bench, run);
    bench.edit((world) => {
      const { 'region-athens-worker': worker } = world.containers;
      if (worker === undefined) throw new Error('no worker');
      const labels = { ...worker.labels, 'io.x-k8s.kind.cluster': 'region' };
      return { ...world, containers: { 'region-athens-worker': { ...worker, labels } }, clusters: {} };
    });
    const { exit, stderr } = run(create);
    expect(exit).toBe(1);
    expect(stderr).toMatch(
      /\nERROR: failed to create cluster: command "docker run --name region-athens-worker …" failed with error: exit status 125\n\nCommand Output: docker: Error response from daemon: Conflict\. The container name "\/region-athens-worker" is already in use by container "[0-9a-f]{64}"\. You have to remove \(or rename\) that container to be able to reuse that name\./,
    );
    expect(Object.keys(bench.state().containers)).toEqual(['region-athens-worker']);
  });

  it('GIVEN an image that is nowhere THEN it fails as the pull does', () => {
    write(bench, 'kind.yaml', head);
    const { exit, stderr } = run(`${create} --image rs-nonexistent:v1`);
    expect(exit).toBe(1);
    expect(stderr).toBe(
      'Creating cluster "region-athens" ...\n • Ensuring node image (rs-nonexistent:v1) 🖼  ...\n ✗ Ensuring node image (rs-nonexistent:v1) 🖼\n' +
        'ERROR: failed to create cluster: failed to pull image "rs-nonexistent:v1": command "docker pull rs-nonexistent:v1" failed with error: exit status 1\n\n' +
        'Command Output: Error response from daemon: Get "https://registry-1.docker.io/v2/": dial tcp: lookup registry-1.docker.io on 10.255.255.53:53: no such host\n',
    );
  });

  it('GIVEN a lock beside the kubeconfig THEN it fails at the end and the cluster stays; export recovers', () => {
    write(bench, 'region-athens.kc.lock', '');
    const { exit, stderr } = createAthens(bench, run);
    expect(exit).toBe(1);
    expect(stderr).toMatch(
      /ERROR: failed to create cluster: failed to lock config file: open region-athens\.kc\.lock: file exists\n$/,
    );
    expect(run('kind get clusters').stdout).toBe('region-athens\n');
    expect(run('kind export kubeconfig --name region-athens --kubeconfig other.kc')).toEqual({
      exit: 0,
      stdout: '',
      stderr: 'Set kubectl context to "kind-region-athens"\n',
    });
  });

  it('GIVEN another network by the environment THEN the nodes are in it, and kind warns', () => {
    write(bench, 'kind.yaml', kindYaml('10.0.0.0/16', '10.1.0.0/16', 3));
    const { stderr } = run(create, { KIND_EXPERIMENTAL_DOCKER_NETWORK: 'lab' });
    expect(stderr).toContain(
      'WARNING: Overriding docker network due to KIND_EXPERIMENTAL_DOCKER_NETWORK\nWARNING: Here be dragons! This is not supported currently.\n',
    );
    expect(new Set(Object.values(bench.state().containers).map(({ network }) => network))).toEqual(new Set(['lab']));
  });

  it('GIVEN no network THEN kind’s own has IPv6 before IPv4', () => {
    createAthens(bench, run);
    expect(bench.state().networks.kind?.config).toMatchObject([
      { Subnet: 'fc00:f853:ccd:e793::/64' },
      { Subnet: '172.18.0.0/16' },
    ]);
  });

  it('GIVEN several control planes THEN a load balancer stands before them, which is no node', () => {
    write(bench, 'kind.yaml', `${head}nodes: [{ role: control-plane }, { role: control-plane }]\n`);
    run(create);
    expect(Object.keys(bench.state().containers)).toEqual([
      'region-athens-control-plane',
      'region-athens-control-plane2',
      'region-athens-external-load-balancer',
    ]);
    expect(run('kind get nodes --name region-athens').stdout).toBe(
      'region-athens-control-plane2\nregion-athens-control-plane\n',
    );
  });
});

describe('the other commands of kind', () => {
  it.each([
    ['kind get clusters', 0, 'No kind clusters found.'],
    ['kind get nodes --name nope', 0, 'No kind nodes found for cluster "nope".'],
    [
      'kind get kubeconfig --name nope',
      1,
      "ERROR: could not locate any control plane nodes for cluster named 'nope'. Use the --name option to select a different cluster",
    ],
    ['kind delete cluster --name nope --kubeconfig kc', 0, 'Deleting cluster "nope" ...'],
    ['kind load docker-image nope:v1 --name nope', 1, 'ERROR: image: "nope:v1" not present locally'],
    ['kind load image-archive nofile.tar --name nope', 1, 'ERROR: stat nofile.tar: no such file or directory'],
    ['kind create cluster --bogus', 1, 'ERROR: unknown flag: --bogus'],
    ['kind frob', 1, 'ERROR: unknown command "frob" for "kind"'],
  ])('%s', (line, exit, message) => {
    expect(run(line)).toEqual({ exit, stdout: '', stderr: `${message}\n` });
  });

  it('GIVEN no daemon THEN get clusters shows the command that failed', () => {
    bench.setMachine({ docker: { running: false } });
    expect(run('kind get clusters').stderr).toBe(
      'ERROR: failed to list clusters: command "docker ps -a --filter label=io.x-k8s.kind.cluster --format \'{{.Label "io.x-k8s.kind.cluster"}}\'" failed with error: exit status 1\n\n' +
        'Command Output: Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?\n',
    );
  });

  it('loads an image of the engine into every node', () => {
    bench.setMachine({ docker: { images: [ciliumImage] } });
    createAthens(bench, run);
    expect(run(`kind load docker-image ${ciliumImage} --name region-athens`).stderr).toMatch(
      /^Image: "quay\.io\/cilium\/cilium:v1\.14\.2" with ID "sha256:[0-9a-f]{64}" not yet present on node "region-athens-worker", loading\.\.\.\n/,
    );
    expect(Object.values(bench.state().containers).map(({ images }) => images)).toEqual([[ciliumImage], [ciliumImage]]);
  });

  it('loads into the nodes that are named, and refuses others', () => {
    bench.setMachine({ docker: { images: [ciliumImage] } });
    createAthens(bench, run);
    const load = `kind load docker-image ${ciliumImage} --name region-athens --nodes`;
    expect(run(`${load} nonode`)).toEqual({ exit: 1, stdout: '', stderr: 'ERROR: unknown node: "nonode"\n' });
    run(`${load} region-athens-worker`);
    expect(bench.state().containers['region-athens-worker']?.images).toEqual([ciliumImage]);
    expect(bench.state().containers['region-athens-control-plane']?.images).toEqual([]);
  });

  it('deletes a cluster and its context; network and other contexts stay', () => {
    createAthens(bench, run);
    run('kind create cluster --name other --kubeconfig region-athens.kc');
    expect(run('kind delete cluster --name region-athens --kubeconfig region-athens.kc')).toEqual({
      exit: 0,
      stdout: '',
      stderr:
        'Deleting cluster "region-athens" ...\nDeleted nodes: ["region-athens-worker" "region-athens-control-plane"]\n',
    });
    expect(run('kind get clusters').stdout).toBe('other\n');
    expect(bench.state().networks.kind).toBeDefined();
    const kubeconfig = readFileSync(join(bench.lab, 'region-athens.kc'), 'utf8');
    expect(kubeconfig).not.toContain('region-athens');
    expect(kubeconfig).toContain('kind-other');
  });

  it('GIVEN a file that is no archive of images THEN the node’s containerd refuses it', () => {
    createAthens(bench, run);
    writeFileSync(join(bench.lab, 'no.tar'), 'no archive');
    expect(run('kind load image-archive no.tar --name region-athens').stderr).toMatch(
      /Command Output: ctr: unrecognized image format\n$/,
    );
  });
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { atTheBench, createAthens, type Run } from './at-the-bench.ts';
import { type Bench, ciliumByDigest, ciliumImage, createBench } from './lab-bench.ts';

const create = 'docker network create --driver bridge --label clustermesh-lab=lab';
const range = '--subnet 172.19.0.0/16 --ip-range 172.19.0.0/17 --gateway 172.19.0.1';

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

describe('docker without a daemon', () => {
  it('fails every command with its one sentence', () => {
    bench.setMachine({ docker: { running: false } });
    const down = 'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?\n';
    expect(run('docker network ls --quiet --no-trunc')).toEqual({ exit: 1, stdout: '', stderr: down });
    const { exit, stdout, stderr } = run(['docker', 'info', '--format', '{{json .}}']);
    expect({ exit, stderr }).toEqual({ exit: 1, stderr: down });
    expect(JSON.parse(stdout)).toMatchObject({ ServerVersion: '', DriverStatus: null });
    expect(run('docker version --format {{.Client.Version}}')).toEqual({ exit: 1, stdout: '28.2.2\n', stderr: down });
  });
});

describe('docker network', () => {
  it('GIVEN an empty machine THEN only bridge, host and none are there, with long ids', () => {
    const ids = run('docker network ls --quiet --no-trunc').stdout.trim().split('\n');
    expect(ids.map((id) => id.length)).toEqual([64, 64, 64]);
    const networks = JSON.parse(run(`docker network inspect ${ids.join(' ')}`).stdout) as {
      Name: string;
      IPAM: { Config: unknown };
    }[];
    expect(networks.map(({ Name, IPAM }) => [Name, IPAM.Config])).toEqual([
      ['bridge', [{ Subnet: '172.17.0.0/16', Gateway: '172.17.0.1' }]],
      ['host', null],
      ['none', null],
    ]);
  });

  it('WHEN one of two is missing THEN the other is shown and the exit code is 1', () => {
    const { exit, stdout, stderr } = run('docker network inspect bridge nope');
    expect(JSON.parse(stdout)).toHaveLength(1);
    expect({ exit, stderr }).toEqual({ exit: 1, stderr: 'Error response from daemon: network nope not found\n' });
    expect(run('docker network inspect nope')).toMatchObject({ exit: 1, stdout: '[]\n' });
  });

  it('WHEN a network is created THEN its label, subnet, range and gateway are found again', () => {
    expect(run(`${create} ${range} lab`)).toMatchObject({ exit: 0, stderr: '' });
    expect(JSON.parse(run('docker network inspect lab').stdout)).toMatchObject([
      {
        Labels: { 'clustermesh-lab': 'lab' },
        IPAM: { Config: [{ Subnet: '172.19.0.0/16', IPRange: '172.19.0.0/17', Gateway: '172.19.0.1' }] },
      },
    ]);
  });

  it.each([
    [
      'a name twice',
      `${create} --subnet 172.30.0.0/16 bridge`,
      'Error response from daemon: network with name bridge already exists',
    ],
    [
      'a taken subnet',
      `${create} --subnet 172.17.128.0/17 lab`,
      'Error response from daemon: Pool overlaps with other one on this address space',
    ],
    [
      'a gateway outside',
      `${create} --subnet 172.19.0.0/16 --gateway 172.20.0.1 lab`,
      'no matching subnet for gateway 172.20.0.1',
    ],
    [
      'a range outside',
      `${create} --subnet 172.19.0.0/16 --ip-range 172.20.0.0/17 lab`,
      'no matching subnet for range 172.20.0.0/17',
    ],
    [
      'another driver',
      'docker network create --driver nope lab',
      'Error response from daemon: plugin "nope" not found',
    ],
    [
      'a predefined one removed',
      'docker network rm bridge',
      'Error response from daemon: bridge is a pre-defined network and cannot be removed\nexit status 1',
    ],
    [
      'a missing one removed',
      'docker network rm nope',
      'Error response from daemon: network nope not found\nexit status 1',
    ],
  ])('refuses %s', (_, line, message) => {
    expect(run(line)).toEqual({ exit: 1, stdout: '', stderr: `${message}\n` });
  });

  it('refuses an unknown flag with exit code 125 and the usage', () => {
    expect(run('docker network create --bogus x')).toEqual({
      exit: 125,
      stdout: '',
      stderr:
        "unknown flag: --bogus\n\nUsage:  docker network create [OPTIONS] NETWORK\n\nRun 'docker network create --help' for more information\n",
    });
  });

  it('GIVEN a cluster in it THEN its nodes have addresses of the range, and it cannot be removed', () => {
    run(`${create} ${range} kind`);
    expect(createAthens(bench, run).exit).toBe(0);
    const { containers, networks } = bench.state();
    expect(Object.values(containers).map(({ ip }) => ip)).toEqual(['172.19.0.2', '172.19.0.3']);
    const id = networks.kind?.id ?? '';
    expect(run('docker network rm kind').stderr).toBe(
      `Error response from daemon: error while removing network: network kind id ${id} has active endpoints\nexit status 1\n`,
    );
  });
});

describe('docker images', () => {
  it('GIVEN a published image WHEN it is pulled THEN it is there', () => {
    expect(run(`docker image inspect --format {{.Id}} ${ciliumByDigest}`)).toEqual({
      exit: 1,
      stdout: '\n',
      stderr: `Error response from daemon: no such image: ${ciliumByDigest}: No such image: ${ciliumByDigest}\n`,
    });
    expect(run(`docker pull ${ciliumByDigest}`).exit).toBe(0);
    expect(run(`docker image inspect --format {{.Id}} ${ciliumByDigest}`).stdout).toMatch(/^sha256:[0-9a-f]{64}\n$/);
  });

  it.each([
    [
      'quay.io/cilium/cilium:v9',
      'Error response from daemon: manifest for quay.io/cilium/cilium:v9 not found: manifest unknown: manifest unknown',
    ],
    [
      'rs-nope:v1',
      'Error response from daemon: Get "https://registry-1.docker.io/v2/": dial tcp: lookup registry-1.docker.io on 10.255.255.53:53: no such host',
    ],
  ])('does not pull %s', (image, message) => {
    expect(run(`docker pull ${image}`)).toEqual({ exit: 1, stdout: '', stderr: `${message}\n` });
  });

  it.each([
    ['an unknown image', `docker save --output x.tar nope:1`, 'Error response from daemon: reference does not exist'],
    ['no file', `docker save ${ciliumImage}`, 'cowardly refusing to save to a terminal. Use the -o flag or redirect'],
    [
      'a missing folder',
      `docker save -o /nope/x.tar ${ciliumImage}`,
      'failed to save image: invalid output path: stat /nope: no such file or directory',
    ],
  ])('does not save %s', (_, line, message) => {
    expect(run(line)).toEqual({ exit: 1, stdout: '', stderr: `${message}\n` });
  });

  it('GIVEN an engine before 28 WHEN a platform is asked for THEN it refuses the flag', () => {
    bench.setMachine({ docker: { serverVersion: '20.10.24', images: [ciliumImage] } });
    expect(run(`docker save --platform linux/amd64 --output x.tar ${ciliumImage}`).stderr).toBe(
      '"--platform" requires API version 1.48, but the Docker daemon API version is 1.41\n',
    );
  });

  it('GIVEN the containerd image store THEN info says so, and only an archive of one platform can be loaded (kind#3795)', () => {
    bench.setMachine({ docker: { containerdImageStore: true, images: [ciliumImage] } });
    expect(JSON.parse(run(['docker', 'info', '--format', '{{json .}}']).stdout)).toMatchObject({
      DriverStatus: [['driver-type', 'io.containerd.snapshotter.v1']],
    });
    createAthens(bench, run);
    const onNode = `docker exec region-athens-worker ctr --namespace=k8s.io images list --quiet name==${ciliumImage}`;
    const notFound = /Command Output: ctr: content digest sha256:[0-9a-f]{64}: not found\n$/;
    run(`docker save --output all.tar ${ciliumImage}`);
    expect(run('kind load image-archive all.tar --name region-athens')).toMatchObject({
      exit: 1,
      stderr: expect.stringMatching(notFound) as string,
    });
    expect(run(`kind load docker-image ${ciliumImage} --name region-athens`)).toMatchObject({
      exit: 1,
      stderr: expect.stringMatching(notFound) as string,
    });
    expect(run(onNode)).toEqual({ exit: 0, stdout: '', stderr: '' });
    run(`docker save --platform linux/amd64 --output one.tar ${ciliumImage}`);
    expect(run('kind load image-archive one.tar --name region-athens')).toEqual({ exit: 0, stdout: '', stderr: '' });
    expect(run(onNode)).toEqual({ exit: 0, stdout: `${ciliumImage}\n`, stderr: '' });
  });

  it('refuses to run anything in a container that is not there', () => {
    expect(run('docker exec nope ls')).toEqual({
      exit: 1,
      stdout: '',
      stderr: 'Error response from daemon: No such container: nope\n',
    });
  });
});

describe('docker volume', () => {
  const labels = (name: string): unknown =>
    JSON.parse(run(['docker', 'volume', 'inspect', '--format', '{{json .Labels}}', name]).stdout);

  it('WHEN one of a name is made twice THEN both succeed, and the first labels stay', () => {
    const made = { exit: 0, stdout: 'lock\n', stderr: '' };
    expect(run(['docker', 'volume', 'create', '--label', 'holder={"a":"b=c, d"}', 'lock'])).toEqual(made);
    expect(run('docker volume create --label holder=other lock')).toEqual(made);
    expect(labels('lock')).toEqual({ holder: '{"a":"b=c, d"}' });
    expect(run('docker volume ls --quiet --filter label=holder').stdout).toBe('lock\n');
    expect(run('docker volume ls --quiet --filter label=holder=other').stdout).toBe('');
  });

  it('WHEN one of two is missing THEN the other is shown, or removed, and the exit code is 1', () => {
    run('docker volume create a1');
    const stderr = 'Error response from daemon: get nope: no such volume\n';
    const shown = run('docker volume inspect nope a1');
    expect(JSON.parse(shown.stdout)).toMatchObject([{ Name: 'a1', Labels: null }]);
    expect(shown).toMatchObject({ exit: 1, stderr });
    expect(run('docker volume inspect nope')).toEqual({ exit: 1, stdout: '[]\n', stderr });
    expect(run('docker volume rm nope a1')).toEqual({ exit: 1, stdout: 'a1\n', stderr });
  });

  it.each([
    [
      'a name that is a path',
      'docker volume create a/b',
      1,
      'Error response from daemon: create a/b: "a/b" includes invalid characters for a local volume name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host directory, use absolute path\n',
    ],
    [
      'two names',
      'docker volume create a b',
      1,
      "docker: 'docker volume create' requires at most 1 argument\n\nUsage:  docker volume create [OPTIONS] [VOLUME]\n\nRun 'docker volume create --help' for more information\n",
    ],
    [
      'an unknown flag',
      'docker volume create --bogus x',
      125,
      "unknown flag: --bogus\n\nUsage:  docker volume create [OPTIONS] [VOLUME]\n\nRun 'docker volume create --help' for more information\n",
    ],
    ['an unknown filter', 'docker volume ls --filter a=1', 1, "Error response from daemon: Invalid filter 'a'\n"],
  ])('refuses %s', (_, line, exit, stderr) => {
    expect(run(line)).toEqual({ exit, stdout: '', stderr });
  });
});

describe('docker run', () => {
  const image = 'kindest/node:v1.27.3';
  const ask = 'docker run --rm --pull never --network none --entrypoint gzip';
  const config = '--decompress --stdout /proc/config.gz';

  it("GIVEN a node image WHEN it asks the engine's kernel THEN what that was built with, or that it does not tell", () => {
    bench.setMachine({ docker: { images: [image], kernelConfig: 'CONFIG_BPF=y' } });
    expect(run(`${ask} ${image} ${config}`)).toEqual({ exit: 0, stdout: 'CONFIG_BPF=y\n', stderr: '' });
    bench.setMachine({ docker: { images: [image] } });
    expect(run(`${ask} ${image} ${config}`)).toEqual({
      exit: 1,
      stdout: '',
      stderr: 'gzip: /proc/config.gz: No such file or directory\n',
    });
  });

  it('GIVEN no such image WHEN it is asked by THEN nothing is pulled', () => {
    expect(run(`${ask} ${image} ${config}`)).toEqual({
      exit: 125,
      stdout: '',
      stderr: `docker: Error response from daemon: No such image: ${image}\n`,
    });
  });

  it('GIVEN an option that Docker does not know WHEN run THEN refused', () => {
    expect(run(`docker run --rm --nope ${image}`)).toMatchObject({ exit: 125, stdout: '' });
  });
});

import { describe, expect, it } from 'vitest';
import { stacks } from '../../../lab/stacks.ts';
import {
  architecture,
  cgroups,
  reachable,
  remote,
  rootless,
  storage,
  version,
} from '../../../scripts/doctor/engine.ts';
import { allThere, articleLab } from '../fixtures.ts';
import { engine, found, host, lab, well } from './facts.ts';

describe('docker', () => {
  it('GIVEN an engine that answers, and says of itself or not THEN ok', () => {
    expect(found(reachable)).toEqual(well('it answers: Debian GNU/Linux 12 (bookworm)'));
    expect(found(reachable, engine({ system: undefined }))).toEqual(well('it answers'));
  });

  it('GIVEN none THEN fatal, with its cause and remedy', () => {
    const unreachable = { cause: 'no Docker Engine answers', remedy: 'start Docker' };
    expect(found(reachable, { observed: undefined, unreachable })).toEqual([
      { level: 'fatal', seen: 'no Docker Engine answers', remedy: 'start Docker' },
    ]);
    expect(found(reachable, { observed: undefined })).toEqual([]);
  });
});

describe('docker-version', () => {
  const of = (serverVersion: string) => found(version, engine({}, { serverVersion }));

  it.each(['20.10.24+dfsg1', '28.2.2', '29.1.3'])('GIVEN Docker %s THEN ok', (serverVersion) => {
    expect(of(serverVersion)).toEqual(well(`Docker ${serverVersion.split('.').slice(0, 2).join('.')}`));
  });

  it.each([
    ['20.9.1', 'Docker 20.9'],
    ['19.03.15', 'Docker 19.3'],
    ['1.13.1', 'Docker 1.13'],
  ])('GIVEN Docker %s THEN fatal', (serverVersion, seen) => {
    const remedy = 'https://docs.docker.com/engine/install/';
    expect(of(serverVersion)).toEqual([{ level: 'fatal', seen, needed: 'kind needs 20.10 or later', remedy }]);
  });

  it('GIVEN a version that no Docker Engine had THEN a warning', () => {
    expect(of('5.4.0')).toEqual([
      {
        level: 'warning',
        seen: 'the engine says version 5.4, as no Docker Engine does',
        needed: 'kind takes it for one',
        remedy: 'https://docs.docker.com/engine/install/',
      },
    ]);
  });

  it('GIVEN no engine, or a version that is none THEN nothing is known', () => {
    expect(found(version, { observed: undefined })).toEqual([]);
    expect(of('library-import')).toEqual([]);
  });
});

describe('docker-host', () => {
  const needed =
    'kind publishes the API servers on 127.0.0.1 there, where kubectl and helm do not reach them from here';

  it.each([
    ['ssh://me@build.example', 'build.example'],
    ['tcp://10.1.2.3:2376', '10.1.2.3'],
    ['tcp://[fd00::1]:2376', '[fd00::1]'],
    ['10.1.2.3:2375', '10.1.2.3'],
    ['tcp://me:s3@cret@10.1.2.3:2376', '10.1.2.3'],
  ])('GIVEN DOCKER_HOST %s THEN its API servers are not reached from here', (DOCKER_HOST, name) => {
    expect(found(remote, host({ env: { DOCKER_HOST } }))).toEqual([
      {
        level: 'warning',
        seen: `DOCKER_HOST names the machine ${name}`,
        needed,
        remedy: 'run the lab on that machine, or use the engine of this one: unset DOCKER_HOST',
      },
    ]);
  });

  it('GIVEN a Docker context that leads away THEN so too; DOCKER_HOST stands above it', () => {
    const docker = { file: '', proxies: undefined, endpoint: 'ssh://build.example' };
    expect(found(remote, host({ docker }))).toEqual([
      {
        level: 'warning',
        seen: 'the Docker context names the machine build.example',
        needed,
        remedy: 'run the lab on that machine, or use the engine of this one: docker context use default',
      },
    ]);
    // it stands above the context that `docker context use` writes
    expect(found(remote, host({ docker, env: { DOCKER_CONTEXT: 'far' } }))).toMatchObject([
      { remedy: 'run the lab on that machine, or use the engine of this one: unset DOCKER_CONTEXT' },
    ]);
    const env = { DOCKER_HOST: 'unix:///var/run/docker.sock' };
    expect(found(remote, host({ docker, env }))).toEqual(well('an engine of this machine'));
  });

  it.each([
    undefined,
    '',
    'unix:///run/user/1000/docker.sock',
    'tcp://127.0.0.1:2375',
    'tcp://localhost:2375',
    'localhost:2375',
    'tcp://0.0.0.0:2375',
    'tcp://[::]:2375',
    'npipe:////./pipe/docker_engine',
  ])('GIVEN DOCKER_HOST %s THEN ok', (DOCKER_HOST) => {
    expect(found(remote, host({ env: { DOCKER_HOST } }))).toEqual(well('an engine of this machine'));
  });
});

describe('rootless', () => {
  const isRootless = true;
  const addresses = {
    level: 'warning',
    seen: 'Docker runs rootless',
    needed:
      'the LoadBalancer addresses of the lab are in a network namespace of its own and do not answer on this machine, and the kernel may not let Cilium load its programs there',
    remedy: 'use kubectl port-forward; or an engine that runs as root',
  };

  it('GIVEN an engine that runs as root, or none THEN ok, or nothing', () => {
    expect(found(rootless)).toEqual(well('Docker runs as root'));
    expect(found(rootless, { observed: undefined })).toEqual([]);
  });

  it('GIVEN a rootless one that kind takes THEN a warning', () => {
    expect(found(rootless, engine({}, { isRootless }))).toEqual([addresses]);
  });

  it('GIVEN one that kind refuses THEN fatal, where clusters are to be made', () => {
    const cgroupOne = engine({}, { isRootless, cgroupVersion: '1' });
    expect(found(rootless, cgroupOne)).toEqual([
      {
        level: 'fatal',
        seen: 'Docker runs rootless, with cgroup v1',
        needed: 'kind needs cgroup v2 there',
        remedy: 'boot with it: https://kind.sigs.k8s.io/docs/user/rootless/',
      },
    ]);
    expect(found(rootless, engine({ hasLimits: false }, { isRootless }))).toEqual([
      {
        level: 'fatal',
        seen: 'Docker runs rootless, and may not limit memory, processes and CPU',
        needed: 'kind needs these cgroup controllers to be delegated (Delegate=yes)',
        remedy: 'delegate them: https://kind.sigs.k8s.io/docs/user/rootless/',
      },
    ]);
    const observed = { ...allThere(lab), engine: cgroupOne.observed.engine };
    expect(found(rootless, { observed })).toEqual([addresses]);
  });
});

describe('storage-driver', () => {
  it('GIVEN one that serves, or none known THEN ok, or nothing', () => {
    expect(found(storage)).toEqual(well('overlay2'));
    expect(found(storage, engine({ storageDriver: undefined }))).toEqual([]);
  });

  it('GIVEN vfs, or a file system without d_type THEN a warning', () => {
    expect(found(storage, engine({ storageDriver: 'vfs' }))).toEqual([
      {
        level: 'warning',
        seen: 'the storage driver vfs',
        needed: 'it copies the whole node image for each node: slow, and gigabytes a node',
        remedy: 'set "storage-driver": "overlay2" in /etc/docker/daemon.json, then sudo systemctl restart docker',
      },
    ]);
    expect(found(storage, engine({ keepsEntryTypes: false }))).toEqual([
      {
        level: 'warning',
        seen: 'overlay2 on a file system without d_type',
        needed: 'files that an image removes come back in its containers',
        remedy: 'put Docker on ext4, or on xfs made with ftype=1 (mkfs.xfs -n ftype=1)',
      },
    ]);
  });
});

describe('cgroups', () => {
  const current = articleLab({ stack: stacks.current });
  const cgroupOne = engine({ cgroupDriver: undefined }, { cgroupVersion: '1' }, current);

  it('GIVEN cgroup v2, or nothing known THEN ok, or nothing', () => {
    expect(found(cgroups, {}, current)).toEqual(well('cgroup v2, driver systemd'));
    expect(found(cgroups, engine({}, { cgroupVersion: undefined }))).toEqual([]);
  });

  it('GIVEN cgroup v1 THEN a Kubernetes that does not start there is told of, where a cluster is to be made', () => {
    expect(found(cgroups, cgroupOne, current)).toEqual([
      {
        level: 'warning',
        seen: 'this machine has cgroup v1',
        needed: 'the kubelet of Kubernetes v1.36.1 does not start there (from v1.35 on)',
        remedy: 'boot with cgroup v2, or use the stack article',
      },
    ]);
    const observed = { ...allThere(current), engine: cgroupOne.observed.engine };
    expect(found(cgroups, { observed }, current)).toEqual(well('cgroup v1'));
    expect(found(cgroups, cgroupOne)).toEqual(well('cgroup v1'));
  });
});

describe('architecture', () => {
  const of = (platform: string, system = 'Debian') => found(architecture, engine({ system }, { platform }));

  it.each(['linux/amd64', 'linux/arm64'])('GIVEN %s THEN ok', (platform) => {
    expect(of(platform)).toEqual(well(platform));
  });

  it('GIVEN Windows containers THEN fatal', () => {
    const windows = { level: 'fatal', seen: 'the engine runs windows/amd64 containers', needed: 'the nodes are Linux' };
    expect(of('windows/amd64')).toEqual([{ ...windows, remedy: 'use an engine for Linux containers' }]);
    expect(of('windows/amd64', 'Docker Desktop')).toEqual([
      { ...windows, remedy: 'Docker Desktop: Switch to Linux containers' },
    ]);
  });

  it('GIVEN another processor THEN a warning; without an engine nothing', () => {
    expect(of('linux/riscv64')).toEqual([
      {
        level: 'warning',
        seen: 'linux/riscv64',
        needed: "kind's node images and Cilium's images are there for linux/amd64 and linux/arm64",
        remedy: 'name images of your own: sources.nodeImage and cilium.values in lab.yaml',
      },
    ]);
    expect(found(architecture, { observed: undefined })).toEqual([]);
  });
});

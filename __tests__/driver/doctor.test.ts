import { mkdirSync, renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DriverEvent } from '../../scripts/events/events.ts';
import { ciliumByDigest, nodeImage, probeByDigest, type Tool } from '../stand-ins/lab-bench.ts';
import { changes, find } from './calls.ts';
import { copySite, makeDeployedSite, makeSite, type Site } from './drive.ts';

let site: Site;
beforeAll(async () => {
  site = await makeSite();
});
afterAll(() => {
  site.dispose();
});

const images = [nodeImage, ciliumByDigest, probeByDigest];
const essential = ['BPF', 'BPF_SYSCALL', 'CGROUP_BPF'];
const kernelConfig = [
  ...[...essential, 'BPF_JIT', 'NET_CLS_ACT', 'NET_CLS_BPF', 'NET_SCH_INGRESS', 'VXLAN'],
  ...['MATCH_COMMENT', 'MATCH_MARK', 'MATCH_SOCKET', 'TARGET_TPROXY'].map((name) => `NETFILTER_XT_${name}`),
]
  .map((name) => `CONFIG_${name}=y`)
  .join('\n');

const findingsOf = (events: readonly DriverEvent[]) =>
  events.flatMap((event) => (event.event === 'doctor' ? event.findings : []));

/** From now on its PATH has all programs but this one. */
function leaveOut(at: Site, missing: Tool): void {
  const { bench } = at;
  const bin = at.file('..', 'bin');
  mkdirSync(bin);
  for (const tool of ['docker', 'kind', 'helm', 'kubectl', 'cilium'])
    if (tool !== missing) symlinkSync(join(bench.programs, tool), join(bin, tool));
  symlinkSync(process.execPath, join(bin, 'node'));
  for (const tool of ['ps', 'env', 'sh', 'git']) symlinkSync(join('/bin', tool), join(bin, tool));
  Object.assign(bench.env, { PATH: bin });
}

describe('GIVEN a machine on which the lab will work', () => {
  it('WHEN the doctor looks THEN all is well on one screen, exit is 0, and nothing was changed', async () => {
    const other = copySite(site, { machine: { docker: { images, kernelConfig } } });
    const { exit, stdout, stderr } = await other.run('doctor');
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    expect(stdout).toBe(`test-lab: 2 regions, 4 nodes, stack article

✓ docker           it answers: Debian GNU/Linux 12 (bookworm)
✓ docker-version   Docker 28.2
✓ docker-host      an engine of this machine
✓ rootless         Docker runs as root
✓ storage-driver   overlay2
✓ cgroups          cgroup v2, driver systemd
✓ architecture     linux/amd64
✓ memory           16.0 GB of memory in all, about 3.3 GB needed
✓ cpu              2 CPUs
✓ kernel           Linux 6.1.0-stand-in
✓ kernel-features  as Cilium needs them
✓ clock            the engine's clock is this machine's
✓ pod-routes       no route of this machine is in 10.0.0.0/8
✓ load-balancer    this machine leads to the addresses of the lab
✓ proxy            no proxy is set
✓ container-proxy  Docker hands no proxy to containers
✓ environment      nothing that steers kubectl, helm, kind or cilium elsewhere
✓ container-names  the nodes' names are free
✓ leftovers        nothing of an earlier lab
✓ digests          all that is fetched is pinned
✓ programs         kind, helm, kubectl and cilium in the stack's versions
✓ image-store      the classic one
✓ subnet           172.19.0.0/16
✓ lab              nothing that exists stands against it

nothing is in the way
`);
    expect(changes(other)).toEqual([]);
  });
});

describe('GIVEN a machine without Docker', () => {
  it('WHEN its engine does not answer THEN what to do, all that can be known without it, and exit 1', async () => {
    const other = copySite(site, { machine: { docker: { running: false } } });
    const { exit, events, stderr } = await other.events('doctor');
    expect({ exit, stderr }).toEqual({ exit: 1, stderr: '' });
    expect(findingsOf(events).find(({ name }) => name === 'docker')).toEqual({
      name: 'docker',
      level: 'fatal',
      seen: 'no Docker Engine answers',
      remedy: 'start Docker (Linux: sudo systemctl start docker), then run this again',
    });
    const names = findingsOf(events).map(({ name }) => name);
    for (const name of ['docker-host', 'proxy', 'environment', 'programs']) expect(names).toContain(name);
    expect(names).not.toContain('subnet');
  });

  it('WHEN its command repeats a DOCKER_HOST with a password THEN the doctor does not', async () => {
    const stderr = 'invalid bind address format: http://me:s3cret@build.example:1';
    const faults = [{ tool: 'docker', match: 'info', times: 1, exit: 1, stderr }] as const;
    const { events } = await copySite(site, { faults }).events('doctor');
    expect(findingsOf(events)[0]?.seen).toBe(
      'docker failed: exit code 1; invalid bind address format: http://…@build.example:1',
    );
  });

  it('WHEN its command is missing THEN where it is to be had, once', async () => {
    const other = copySite(site);
    leaveOut(other, 'docker');
    const { exit, events } = await other.events('doctor');
    expect(exit).toBe(1);
    expect(findingsOf(events).filter(({ level }) => level === 'fatal')).toEqual([
      {
        name: 'docker',
        level: 'fatal',
        seen: 'docker is missing on the PATH',
        remedy: 'install it: https://docs.docker.com/engine/install/',
      },
    ]);
  });
});

describe('GIVEN a Docker command that answers something else than it was asked', () => {
  it('WHEN the doctor looks THEN that is told, and never that nothing is in the way', async () => {
    const faults = [{ tool: 'docker', match: 'info', times: 1, exit: 0, stdout: '{}' }] as const;
    const { exit, events, stderr } = await copySite(site, { faults }).events('doctor');
    const message =
      "docker info --format '{{json .}}' exited with 0 and printed something else than was asked for. Look at what it prints by hand.";
    expect({ exit, stderr }).toEqual({ exit: 1, stderr: `${message}\n` });
    expect(events).toEqual([{ event: 'failed', exitCode: 1, message }]);
  });
});

describe('GIVEN a deployed lab', () => {
  it('WHEN the doctor looks THEN nothing is to be made, and all is well; a program that is missing is told, and not downloaded', async () => {
    const living = await makeDeployedSite();
    try {
      const { exit, events } = await living.events('doctor');
      expect(exit).toBe(0);
      expect(findingsOf(events).filter(({ level }) => level !== 'ok')).toEqual([]);
      expect(findingsOf(events)).toContainEqual({ name: 'memory', level: 'ok', seen: '16.0 GB of memory in all' });

      leaveOut(living, 'kubectl');
      const without = await living.events('doctor');
      expect(without.exit).toBe(0);
      expect(without.events.map(({ event }) => event)).toEqual(['doctor']);
      expect(findingsOf(without.events)).toContainEqual({
        ...{ name: 'programs', level: 'ok', seen: 'a deploy downloads kubectl v1.27.3' },
      });
    } finally {
      living.dispose();
    }
  });
});

describe('GIVEN a machine on which the lab surely does not work', () => {
  const machine = { docker: { memory: 1.5e9 } };
  const cause = 'the engine has 1.5 GB of memory; 2 regions with 4 nodes take about 3.3 GB';
  const remedy = 'stop what else runs (docker stats --no-stream shows it), or take fewer workers in lab.yaml';

  it('WHEN the doctor looks THEN exit is 1, and 0 where it is ignored', async () => {
    const other = copySite(site, { machine });
    const { exit, stdout } = await other.run('doctor');
    expect(exit).toBe(1);
    expect(stdout).toContain(`
✗ memory           the engine has 1.5 GB of memory
                   2 regions with 4 nodes take about 3.3 GB
                   → ${remedy}
`);
    expect(stdout.split('\n').at(-2)).toBe('✗ a deploy stops here: memory');

    const ignoring = await other.run('doctor', '--ignore', 'memory', 'cpu');
    expect(ignoring.exit).toBe(0);
    expect(ignoring.stdout).toContain('\n! memory           the engine has 1.5 GB of memory (ignored)\n');
    expect(ignoring.stdout.split('\n').at(-2)).toBe('nothing is in the way');
  });

  it('WHEN it is deployed or planned THEN all that stands against it is told at once, nothing is touched, exit is 2', async () => {
    const networks = [{ name: 'test-lab', subnet: '172.19.0.0/16' }];
    const other = copySite(site, { machine: { docker: { ...machine.docker, networks } } });
    const refusals = [
      {
        cause: 'the docker network test-lab was not made by this lab',
        remedy: 'give network.name in lab.yaml another name, or remove it: docker network rm test-lab',
      },
      {
        cause,
        remedy: `${remedy}; to go on all the same: npm run deploy -- --skip-test --ignore kernel memory`,
      },
    ];
    const text = refusals.map((refusal) => `${refusal.cause}\n  ${refusal.remedy}\n`).join('');
    for (const command of ['plan', 'deploy'] as const) {
      const options = ['--skip-test', '--ignore', 'kernel'];
      const { exit, events, stderr } = await other.events(command, ...options);
      expect({ exit, stderr }).toEqual({ exit: 2, stderr: text });
      expect(events.at(-1)).toEqual({ event: 'failed', exitCode: 2, message: text.trimEnd(), refusals });
    }
    expect(changes(other)).toEqual([]);
  });

  it('WHEN it is deployed with --ignore THEN it is a warning, and the lab is made', async () => {
    const other = copySite(site, { machine });
    const { exit, events } = await other.events('deploy', '--skip-test', '--ignore', 'memory');
    expect(exit).toBe(0);
    expect(events.filter(({ event }) => event === 'warning')).toEqual([
      { event: 'warning', message: `${cause}: ${remedy}` },
    ]);
    expect(Object.keys(other.bench.state().clusters).sort()).toEqual(['region-athens', 'region-hurup']);
  });

  it('WHEN a kernel without eBPF tells of itself THEN a deploy stops; it is asked by an image that is there alone', async () => {
    const docker = { kernelConfig: 'CONFIG_VXLAN=y\n' };
    const other = copySite(site, { machine: { docker: { ...docker, images } } });
    const { exit, stderr } = await other.run('deploy');
    expect(exit).toBe(2);
    expect(stderr).toContain('the kernel is built without CONFIG_BPF, CONFIG_BPF_SYSCALL, CONFIG_CGROUP_BPF');
    expect(find(other.bench.calls(), 'docker', 'run --rm --pull never')).toHaveLength(1);

    const without = copySite(site, { machine: { docker } });
    expect((await without.run('plan')).exit).toBe(0);
    expect(find(without.bench.calls(), 'docker', 'run --rm')).toEqual([]);
  });
});

describe('GIVEN what a deploy refuses by itself', () => {
  it("WHEN .lab/ is not the lab's own THEN the doctor tells that too", async () => {
    const other = copySite(site);
    mkdirSync(other.file('.lab'));
    symlinkSync(other.file('dist'), other.file('.lab', 'test-lab'));
    const refusal = await other.run('deploy');
    const { exit, events } = await other.events('doctor');

    expect(exit).toBe(1);
    expect(findingsOf(events).filter(({ level }) => level !== 'ok')).toEqual([
      { name: 'state', level: 'fatal', seen: refusal.stderr.trimEnd() },
    ]);
  });

  it('WHEN there is a link in the .lab/ of a living lab THEN the doctor calls nothing by the kubeconfigs there', async () => {
    const living = await makeDeployedSite();
    try {
      const kubeconfig = living.file('.lab', 'test-lab', 'kubeconfig', 'region-athens');
      renameSync(kubeconfig, living.file('elsewhere'));
      symlinkSync(living.file('elsewhere'), kubeconfig);
      const before = living.bench.calls().length;
      const { exit, events } = await living.events('doctor');

      expect(exit).toBe(1);
      expect(findingsOf(events).filter(({ level }) => level !== 'ok')).toEqual([
        {
          name: 'state',
          level: 'fatal',
          seen: `${kubeconfig} is a symbolic link, and what a deploy keeps there would lie elsewhere. Remove it: rm ${kubeconfig}. Nothing was touched.`,
        },
      ]);
      const calls = living.bench.calls().slice(before);
      expect(calls.filter(({ args, env }) => JSON.stringify({ args, env }).includes('.lab/'))).toEqual([]);
    } finally {
      living.dispose();
    }
  });

  it('WHEN the doctor looks THEN it is told in the same words', async () => {
    const networks = [{ name: 'other', subnet: '172.19.0.0/16' }];
    const docker = { networks, containerdImageStore: true, serverVersion: '27.5.1' };
    const other = copySite(site, { machine: { docker, versions: { cilium: 'v0.14.0' } } });
    Object.assign(other.bench.env, { CLUSTERMESH_LAB_CILIUM: other.bench.program('cilium') });
    const { exit, events } = await other.events('doctor');
    expect(exit).toBe(1);
    expect(
      findingsOf(events)
        .filter(({ level }) => level !== 'ok')
        .map(({ name, level, seen, remedy }) => [name, level, seen.replace(/ \([\d.#/kind]+\)$/, ''), remedy]),
    ).toEqual([
      [
        'programs',
        'fatal',
        expect.stringContaining('cilium is v0.14.0 (CLUSTERMESH_LAB_CILIUM), the stack has v0.15.8') as string,
        expect.any(String) as string,
      ],
      [
        'image-store',
        'fatal',
        'Docker 27.5.1 with the containerd image store cannot pack an image so that kind can load it',
        expect.stringContaining('update Docker to 28 or later') as string,
      ],
      [
        'subnet',
        'fatal',
        'lab.yaml: network.subnet 172.19.0.0/16 is taken by the docker network other',
        '172.31.0.0/16 is free: npm run deploy proposes it',
      ],
    ]);
  });

  it('WHEN it is to be ignored, or a word that is no check THEN exit is 2', async () => {
    const { exit, stderr } = await site.run('deploy', '--ignore', 'lab', 'memory');
    expect(exit).toBe(2);
    expect(stderr).toMatch(/^--ignore lab: no check that can be ignored\. These can: docker-version, .*digests\.\n$/);
    expect((await site.run('plan', '--ignore', 'nope')).exit).toBe(2);
    expect((await site.run('doctor', '--ignore', 'nope')).exit).toBe(2);
  });
});

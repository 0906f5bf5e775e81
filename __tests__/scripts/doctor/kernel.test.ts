import { describe, expect, it } from 'vitest';
import { stacks } from '../../../lab/stacks.ts';
import { clock, inotify, kernelFeatures, kernelVersion, tunnels } from '../../../scripts/doctor/kernel.ts';
import { articleLab, athens, containersOf, nothingThere } from '../fixtures.ts';
import { configOf, engine, facts, features, found, host, lab, well } from './facts.ts';

const unknown = { config: undefined, vxlan: undefined, wireguard: undefined, esp: undefined };

const small = articleLab({ regions: [athens()] });
const pinned = (cilium: string) =>
  articleLab({ stack: { ...stacks.current, versions: { ...stacks.current.versions, cilium } } });
const current = articleLab({ stack: stacks.current });

describe('inotify', () => {
  const limits = (max_user_watches: number, max_user_instances: number) =>
    host({ inotify: { max_user_watches, max_user_instances } });
  const needed = (nodes: number) => `${nodes} nodes may run out of inotify handles ("too many open files")`;

  it("GIVEN Ubuntu's defaults THEN both limits are too low for eight nodes, and not for four", () => {
    expect(found(inotify, limits(8192, 128))).toEqual([
      {
        level: 'warning',
        seen: 'fs.inotify.max_user_watches=8192 fs.inotify.max_user_instances=128',
        needed: needed(8),
        remedy: 'sudo sysctl fs.inotify.max_user_watches=524288 fs.inotify.max_user_instances=512',
      },
    ]);
    expect(found(inotify, limits(8192, 128), small)).toEqual(
      well('fs.inotify.max_user_watches=8192 fs.inotify.max_user_instances=128'),
    );
  });

  it('GIVEN one that is low THEN that one; GIVEN just enough THEN ok', () => {
    expect(found(inotify, limits(524288, 511))).toEqual([
      {
        level: 'warning',
        seen: 'fs.inotify.max_user_instances=511',
        needed: needed(8),
        remedy: 'sudo sysctl fs.inotify.max_user_instances=512',
      },
    ]);
    expect(found(inotify)).toEqual(well('fs.inotify.max_user_watches=524288 fs.inotify.max_user_instances=512'));
  });

  it("GIVEN other kind clusters THEN their nodes count, the lab's own once, and load balancers not", () => {
    const containers = [
      ...containersOf(athens({ name: 'kind', nodes: ['kind-control-plane'] })),
      ...containersOf(athens({ name: 'kind', nodes: ['kind-external-load-balancer'] }), { isNode: false }),
      ...containersOf(athens()),
    ];
    const observed = nothingThere(small, { containers });
    expect(found(inotify, { ...limits(8192, 512), observed }, small)).toMatchObject([{ needed: needed(5) }]);
  });

  it('GIVEN a machine without such limits, or an engine on another kernel THEN nothing is known', () => {
    expect(found(inotify, host({ inotify: {} }))).toEqual([]);
    expect(found(inotify, { ...limits(1, 1), ...engine({ kernel: '6.10.14-linuxkit' }) })).toEqual([]);
    const elsewhere = host({ inotify: { max_user_watches: 1 }, env: { DOCKER_HOST: 'ssh://build.example' } });
    expect(found(inotify, elsewhere)).toEqual([]);
    const kernel = '6.6.87.2-microsoft-standard-WSL2';
    expect(found(inotify, host({ ...elsewhere.host, kernel }))).toEqual([]);
  });

  it('GIVEN WSL2 THEN its limits are those of all of it', () => {
    const kernel = '6.6.87.2-microsoft-standard-WSL2';
    expect(found(inotify, host({ kernel, inotify: { max_user_instances: 128 } }))).toMatchObject([
      { level: 'warning', seen: 'fs.inotify.max_user_instances=128' },
    ]);
  });
});

describe('kernel', () => {
  const of = (kernel: string, lab_ = lab) => found(kernelVersion, engine({ kernel }, {}, lab_), lab_);
  const remedy = 'boot a newer kernel; WSL2: wsl --update';

  it("GIVEN an engine of another machine that does not answer THEN this machine's kernel says nothing", () => {
    const away = host({ kernel: '3.10.0', env: { DOCKER_HOST: 'ssh://build.example' } });
    expect(found(kernelVersion, { observed: undefined, ...away })).toEqual([]);
  });

  it.each([
    ['6.1.0-40-amd64', lab],
    ['4.19.57', lab],
    ['5.4.0-216-generic', lab],
    ['4.18.0-553.el8_10.x86_64', current],
    ['5.10.0', current],
  ])('GIVEN Linux %s THEN ok', (kernel, of_) => {
    expect(of(kernel, of_)).toEqual(well(`Linux ${kernel}`));
  });

  it.each([
    ['4.19.0-27-amd64', lab, '1.14.2 asks for 4.19.57'],
    ['5.4.0-216-generic', current, '1.20.0 asks for 5.10'],
    ['5.3.18-150300', pinned('1.17.3'), '1.17.3 asks for 5.4'],
  ])('GIVEN Linux %s THEN a warning', (kernel, of_, asks) => {
    expect(of(kernel, of_)).toEqual([
      { level: 'warning', seen: `Linux ${kernel}`, needed: `Cilium ${asks} or later`, remedy },
    ]);
  });

  it('GIVEN one on which no Cilium of the stacks runs THEN fatal', () => {
    expect(of('4.15.0-213-generic')).toEqual([
      { level: 'fatal', seen: 'Linux 4.15.0-213-generic', needed: 'Cilium 1.14.2 asks for 4.19.57 or later', remedy },
    ]);
  });

  it("GIVEN no engine THEN this machine's own, where it is Linux", () => {
    expect(found(kernelVersion, { observed: undefined })).toEqual(well('Linux 6.1.0-40-amd64'));
    expect(found(kernelVersion, { observed: undefined, ...host({ platform: 'darwin', kernel: '25.1.0' }) })).toEqual(
      [],
    );
    expect(of('unknown')).toEqual([]);
  });
});

describe('kernel-features', () => {
  const remedy =
    'boot a kernel of your distribution that has it (Ubuntu: sudo apt-get install linux-modules-extra-$(uname -r)); WSL2: wsl --update';
  const without = (...names: string[]) => ({
    kernel: { ...facts().kernel, config: configOf(features.filter((name) => !names.includes(name))) },
  });

  it('GIVEN all of them, or a VXLAN device alone that was seen THEN ok; GIVEN nothing known THEN nothing', () => {
    expect(found(kernelFeatures)).toEqual(well('as Cilium needs them'));
    expect(found(kernelFeatures, { kernel: { ...unknown, vxlan: true } })).toEqual(well('as Cilium needs them'));
    expect(found(kernelFeatures, { kernel: unknown })).toEqual([]);
  });

  it('GIVEN a kernel without eBPF THEN fatal', () => {
    expect(found(kernelFeatures, without('BPF_SYSCALL', 'CGROUP_BPF', 'BPF_JIT'))).toEqual([
      {
        level: 'fatal',
        seen: 'the kernel is built without CONFIG_BPF_SYSCALL, CONFIG_CGROUP_BPF',
        needed: 'Cilium 1.14.2 needs it',
        remedy,
      },
    ]);
  });

  it('GIVEN one without a feature that one Cilium needs and another asks for THEN fatal, or a warning', () => {
    const levels = (name: string) => [lab, current].map((of) => found(kernelFeatures, without(name), of)[0]?.level);
    expect(levels('NET_CLS_BPF')).toEqual(['fatal', 'warning']);
    expect(levels('BPF_JIT')).toEqual(['warning', 'fatal']);
  });

  it('GIVEN one without what Cilium asks for beside that THEN a warning', () => {
    expect(found(kernelFeatures, without('NETFILTER_XT_MATCH_SOCKET'))).toEqual([
      {
        level: 'warning',
        seen: 'the kernel is built without CONFIG_NETFILTER_XT_MATCH_SOCKET',
        needed: 'Cilium 1.14.2 asks for it',
        remedy,
      },
    ]);
  });

  it('GIVEN one without VXLAN THEN fatal, where Cilium tunnels by it', () => {
    const kernel = { ...unknown, vxlan: false };
    expect(found(kernelFeatures, { kernel })).toEqual([
      { level: 'fatal', seen: 'the kernel makes no VXLAN devices', needed: "Cilium's tunnel is one", remedy },
    ]);
    const native = articleLab({ switches: { ...lab.switches, routing: 'native' } });
    expect(found(kernelFeatures, { kernel }, native)).toEqual(well('as Cilium needs them'));
  });

  it('GIVEN values of Cilium THEN they say whether it tunnels by VXLAN', () => {
    const all = [{}, { tunnelProtocol: 'vxlan' }, { tunnelProtocol: 'geneve' }];
    expect(all.map((values) => tunnels(lab, { values }))).toEqual([true, true, false]);
  });
});

describe('clock', () => {
  it('GIVEN clocks that agree to a minute THEN ok; without an answer nothing', () => {
    expect(found(clock, engine({ clockAhead: -60 }))).toEqual(well("the engine's clock is this machine's"));
    expect(found(clock, engine({ clockAhead: undefined }))).toEqual([]);
  });

  it('GIVEN clocks that do not THEN a warning', () => {
    const needed = 'certificates are not valid yet on one of the two';
    const remedy = 'restart Docker, or set the clock (timedatectl set-ntp true)';
    expect(found(clock, engine({ clockAhead: 61 }))).toEqual([
      { level: 'warning', seen: "the engine's clock is 61 seconds ahead of this machine's", needed, remedy },
    ]);
    const wsl = host({ kernel: '6.6.87.2-microsoft-standard-WSL2' });
    expect(found(clock, { ...engine({ clockAhead: -3600 }), ...wsl })).toEqual([
      {
        level: 'warning',
        seen: "the engine's clock is 3600 seconds behind this machine's",
        needed,
        remedy: 'wsl --shutdown in Windows, then start again',
      },
    ]);
  });
});

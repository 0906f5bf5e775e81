import { counted } from '../events/reporters/text.ts';
import { isAtLeast } from '../../lab/stacks.ts';
import { valueAt } from '../../lab/values.ts';
import type { Lab, Region } from '../../lab/lab.ts';
import { type Check, fatal, ok, warning } from './check.ts';
import { engineHost, isWsl, remoteMachine, sharesKernel, toBeMade } from './facts.ts';
import { nodesOf } from './need.ts';

/** kind's known issue "too many open files": what its documentation asks for where there are many nodes. */
const wantedLimits = { max_user_watches: 524288, max_user_instances: 512 } as const;

/** As many nodes get by with any distribution's limits. */
const fewNodes = 4;

/** The limits are the kernel's, for all clusters on it together: those of others count too. */
export const inotify: Check = {
  name: 'inotify',
  find(_, facts) {
    if (!sharesKernel(facts) && !(isWsl(facts) && remoteMachine(facts.host) === undefined)) return undefined;
    const limits = Object.entries(wantedLimits).flatMap(([name, wanted]) => {
      const limit = facts.host.inotify[name];
      return limit === undefined ? [] : [{ name: `fs.inotify.${name}`, wanted, limit }];
    });
    if (limits.length === 0) return undefined;
    const seen = limits.map(({ name, limit }) => `${name}=${limit}`).join(' ');
    const names = new Set(facts.regions.flatMap(({ nodes }) => nodes));
    const others = facts.observed?.containers.filter(({ name, isNode }) => isNode && !names.has(name)) ?? [];
    const nodes = nodesOf(facts.regions) + others.length;
    const low = limits.filter(({ limit, wanted }) => limit < wanted);
    if (nodes <= fewNodes || low.length === 0) return ok(seen);
    return warning(
      low.map(({ name, limit }) => `${name}=${limit}`).join(' '),
      `${counted(nodes, 'node')} may run out of inotify handles ("too many open files")`,
      `sudo sysctl ${low.map(({ name, wanted }) => `${name}=${wanted}`).join(' ')}`,
    );
  },
};

/**
 * What Cilium's documentation asks for (System Requirements), and RHEL 8's kernel 4.18, which it takes for equivalent. A warning
 * alone: the agent tries what it needs, and distributions bring that into kernels whose release says an older version.
 */
function wantedKernel(cilium: string): string {
  if (isAtLeast(`v${cilium}`, 'v1.18.0')) return '5.10';
  return isAtLeast(`v${cilium}`, 'v1.17.0') ? '5.4' : '4.19.57';
}

/** Before it the kernel cannot direct connections of sockets: no lab of this kind can work there. */
const leastKernel = 'v4.18.0';

export const kernelVersion: Check = {
  name: 'kernel',
  find({ stack }, facts) {
    const release = engineHost(facts)?.kernel ?? (sharesKernel(facts) ? facts.host.kernel : undefined);
    const [, version] = /^(\d+\.\d+(?:\.\d+)?)/.exec(release ?? '') ?? [];
    if (release === undefined || version === undefined) return undefined;
    const { cilium } = stack.versions;
    const wanted = wantedKernel(cilium);
    const seen = `Linux ${release}`;
    const isEquivalent = /\.el8[._]/.test(`${release}.`);
    if (isEquivalent || isAtLeast(tag(version), tag(wanted))) return ok(seen);
    const needed = `Cilium ${cilium} asks for ${wanted} or later`;
    const remedy = 'boot a newer kernel; WSL2: wsl --update';
    return isAtLeast(tag(version), leastKernel) ? warning(seen, needed, remedy) : fatal(seen, needed, remedy);
  },
};

/** `5.10` -> `v5.10.0` */
const tag = (version: string): string => `v${version}${version.split('.').length < 3 ? '.0' : ''}`;

/** By these programs are attached to devices, where Cilium does it by `tc` (until 1.15) or the kernel knows nothing newer. */
const trafficControl = ['NET_CLS_ACT', 'NET_CLS_BPF', 'NET_SCH_INGRESS'];

/** Without these the agent ends at its start (Cilium: pkg/datapath/linux/requirements.go), or directs no socket. */
function essential(cilium: string): readonly string[] {
  return [
    ...['BPF', 'BPF_SYSCALL', 'CGROUP_BPF'],
    ...(isAtLeast(`v${cilium}`, 'v1.16.0') ? [] : trafficControl),
    ...(isAtLeast(`v${cilium}`, 'v1.18.0') ? ['BPF_JIT'] : []),
  ];
}

/**
 * What Cilium's documentation asks for beside them, and what is missed without: that of its iptables rules. What agents do
 * without, as CRYPTO_USER_API_HASH and SCHEDSTATS, is left out.
 */
const useful = [
  'BPF_JIT',
  ...trafficControl,
  'NETFILTER_XT_MATCH_COMMENT',
  'NETFILTER_XT_MATCH_MARK',
  'NETFILTER_XT_MATCH_SOCKET',
  'NETFILTER_XT_TARGET_TPROXY',
];

/** What to do where the kernel lacks something. */
export const otherKernel =
  'boot a kernel of your distribution that has it (Ubuntu: sudo apt-get install linux-modules-extra-$(uname -r)); WSL2: wsl --update';

/** What the kernel was built with, and whether it has the device of the tunnel. */
export const kernelFeatures: Check = {
  name: 'kernel-features',
  find(lab, facts) {
    const { config, vxlan } = facts.kernel;
    const { cilium } = lab.stack.versions;
    const lacks = (names: readonly string[]): string[] =>
      names.filter((name) => config !== undefined && !hasFeature(config, name)).map((name) => `CONFIG_${name}`);
    const without = (missing: readonly string[]): string => `the kernel is built without ${missing.join(', ')}`;
    const needed = `Cilium ${cilium} needs it`;
    const [never, perhaps] = [lacks(essential(cilium)), lacks(useful)];
    const noTunnel = vxlan === false && toBeMade(facts).some((region) => tunnels(lab, region));
    if (never.length > 0) return fatal(without(never), needed, otherKernel);
    if (noTunnel) return fatal('the kernel makes no VXLAN devices', `Cilium's tunnel is one`, otherKernel);
    if (perhaps.length > 0) return warning(without(perhaps), `Cilium ${cilium} asks for it`, otherKernel);
    return config === undefined && vxlan === undefined ? undefined : ok('as Cilium needs them');
  },
};

/** A kernel's configuration says of a feature `=y`, `=m`, or that it is not set. */
export function hasFeature(config: string, name: string): boolean {
  return new RegExp(`^CONFIG_${name}=[ym]$`, 'm').test(config);
}

/** Cilium's tunnel is VXLAN, unless `cilium.values` say Geneve. */
export function tunnels({ switches }: Pick<Lab, 'switches'>, { values }: Pick<Region, 'values'>): boolean {
  return switches.routing === 'tunnel' && valueAt(values, ['tunnelProtocol']) !== 'geneve';
}

/** The lab's CA begins to be valid by this machine's clock, and is judged by the engine's; the API servers' the other way round. */
const mostSkew = 60;

export const clock: Check = {
  name: 'clock',
  find(_, facts) {
    const ahead = engineHost(facts)?.clockAhead;
    if (ahead === undefined) return undefined;
    if (Math.abs(ahead) <= mostSkew) return ok("the engine's clock is this machine's");
    return warning(
      `the engine's clock is ${counted(Math.abs(ahead), 'second')} ${ahead > 0 ? 'ahead of' : 'behind'} this machine's`,
      'certificates are not valid yet on one of the two',
      isWsl(facts)
        ? 'wsl --shutdown in Windows, then start again'
        : 'restart Docker, or set the clock (timedatectl set-ntp true)',
    );
  },
};

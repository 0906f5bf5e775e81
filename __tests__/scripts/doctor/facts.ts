import type { Lab } from '../../../lab/lab.ts';
import type { Check, Verdict } from '../../../scripts/doctor/check.ts';
import type { Facts, HostFacts } from '../../../scripts/doctor/facts.ts';
import { plainCommand } from '../../../scripts/files/paths.ts';
import type { Observed } from '../../../scripts/observe/observed.ts';
import type { Engine, EngineHost } from '../../../scripts/tools/docker-info.ts';
import { articleLab, nothingThere } from '../fixtures.ts';

export const lab = articleLab();

/** A Linux machine with an engine of its own, on which any lab works, and nothing of this one is there yet. */
const goodHost: HostFacts = {
  platform: 'linux',
  kernel: '6.1.0-40-amd64',
  memory: { available: 12e9, swap: 0 },
  inotify: { max_user_watches: 524288, max_user_instances: 512 },
  env: {},
  steering: [],
  kuberc: undefined,
  docker: { file: '/home/me/.docker/config.json', proxies: undefined, endpoint: undefined },
};

export const features = [
  ...['BPF', 'BPF_SYSCALL', 'CGROUP_BPF', 'BPF_JIT', 'NET_CLS_ACT', 'NET_CLS_BPF', 'NET_SCH_INGRESS'],
  ...['NETFILTER_XT_MATCH_COMMENT', 'NETFILTER_XT_MATCH_MARK', 'NETFILTER_XT_MATCH_SOCKET'],
  ...['NETFILTER_XT_TARGET_TPROXY', 'VXLAN'],
];

/** A kernel's configuration with these features. */
export const configOf = (names: readonly string[]): string =>
  names.map((name, index) => `CONFIG_${name}=${index % 2 === 0 ? 'y' : 'm'}\n`).join('');

/** As on a good machine, but for changes to what was looked up on it. */
export const host = (changes: Partial<HostFacts> = {}): Pick<Facts, 'host'> => ({ host: { ...goodHost, ...changes } });

/** As on a good machine, but for changes to the engine and to the machine that it runs on. */
export function engine(
  changes: Partial<EngineHost>,
  ofEngine: Partial<Engine> = {},
  of: Lab = lab,
): { readonly observed: Observed } {
  const good = nothingThere(of);
  return {
    observed: {
      ...good,
      engine: { ...good.engine, ...ofEngine, host: { ...good.engine.host, ...changes } },
    },
  };
}

/** The facts of a good machine, but for changes. */
export function facts(changes: Partial<Facts> = {}, of: Lab = lab): Facts {
  return {
    regions: of.regions,
    observed: nothingThere(of),
    unreachable: undefined,
    ...host(),
    containers: [],
    freeDisk: 100e9,
    kernel: { config: configOf(features), vxlan: true, wireguard: undefined, esp: undefined },
    line: plainCommand,
    ...changes,
  };
}

/** What a check finds. */
export const found = (check: Check, changes: Partial<Facts> = {}, of: Lab = lab): Verdict[] =>
  [check.find(of, facts(changes, of)) ?? []].flat();

/** One that is well. */
export const well = (seen: string): Verdict[] => [{ level: 'ok', seen }];

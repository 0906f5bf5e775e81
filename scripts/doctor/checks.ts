import type { Lab } from '../../lab/lab.ts';
import type { Finding } from '../events/doctor-event.ts';
import type { Refusal } from '../plan/refusal.ts';
import { causeOf, type Check, fatal, ok, sentenceOf, type Verdict } from './check.ts';
import { architecture, cgroups, reachable, remote, rootless, storage, version } from './engine.ts';
import { encryption } from './encryption.ts';
import { environment } from './environment.ts';
import type { Facts } from './facts.ts';
import { clock, inotify, kernelFeatures, kernelVersion } from './kernel.ts';
import { containerNames, digests, kubernetes, leftovers, tuning } from './leftovers.ts';
import { containerProxy, loadBalancer, podRoutes, proxy } from './network.ts';
import { cpu, disk, memory } from './resources.ts';

/** All that the doctor looks at, in the order in which it tells. */
export const checks: readonly Check[] = [
  reachable,
  version,
  remote,
  rootless,
  storage,
  cgroups,
  architecture,
  memory,
  cpu,
  disk,
  inotify,
  kernelVersion,
  kernelFeatures,
  encryption,
  clock,
  podRoutes,
  loadBalancer,
  proxy,
  containerProxy,
  environment,
  containerNames,
  leftovers,
  kubernetes,
  tuning,
  digests,
];

/** What all checks find. Pure. @param ignored names of checks whose findings stop nothing */
export function examine(lab: Lab, facts: Facts, ignored: readonly string[] = []): Finding[] {
  return checks.flatMap(({ name, find }) => named(name, [find(lab, facts) ?? []].flat(), ignored));
}

/** What stands against the lab anyway, told as the doctor tells; none of it can be ignored. */
export function refused(name: string, refusals: readonly Refusal[], otherwise: string): Finding[] {
  const verdicts = refusals.map(({ cause, remedy }) => fatal(cause, undefined, remedy));
  return named(name, verdicts.length === 0 ? [ok(otherwise)] : verdicts, []);
}

function named(name: string, verdicts: readonly Verdict[], ignored: readonly string[]): Finding[] {
  return verdicts.map((verdict) => ({
    name,
    ...verdict,
    ...(verdict.level !== 'ok' && ignored.includes(name) && { ignored: true }),
  }));
}

export const isFatal = ({ level, ignored }: Finding): boolean => level === 'fatal' && ignored !== true;

/**
 * Those that stop a deploy, as it tells them.
 * @param goOn the command that ignores a finding
 */
export function stopping(findings: readonly Finding[], goOn: (name: string) => string): Refusal[] {
  return findings.filter(isFatal).map((finding) => ({
    cause: causeOf(finding),
    remedy: [finding.remedy, `to go on all the same: ${goOn(finding.name)}`]
      .filter((part) => part !== undefined)
      .join('; '),
  }));
}

/**
 * What a deploy tells and goes on: warnings, and what would have stopped it.
 * @param makes clusters are to be made
 */
export function told(findings: readonly Finding[], makes: boolean): string[] {
  const later = new Set(checks.flatMap(({ name, isForHands }) => (isForHands === true && !makes ? [name] : [])));
  return findings
    .filter(({ name }) => !later.has(name))
    .filter(({ level, ignored }) => (level === 'fatal' ? ignored === true : level === 'warning' && ignored !== true))
    .map(sentenceOf);
}

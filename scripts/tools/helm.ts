import { z } from 'zod';
import type { Values } from '../../lab/lab.ts';
import type { Command } from './command.ts';
import { readJson } from './json.ts';
import type { KubeTarget } from './kubectl.ts';

const release = 'cilium';
export const namespace = 'kube-system';

const helm = (target: KubeTarget, ...args: string[]): Command => ({
  program: 'helm',
  args: [...args, '--namespace', namespace, '--kubeconfig', target.kubeconfig, '--kube-context', target.context],
});

export interface Upgrade {
  /** Path or URL of the chart. */
  readonly chart: string;
  readonly version: string;
  /** Files; a later one wins. */
  readonly values: readonly string[];
  /** How long Helm waits for the chart's own Jobs. @default - five minutes */
  readonly jobSeconds?: number;
}

/** Without `--wait`: Hubble UI's Service has no address until there is a pool, and Helm would wait for it in vain. */
export const upgrade = (target: KubeTarget, { chart, version, values, jobSeconds }: Upgrade): Command =>
  helm(
    target,
    ...['upgrade', '--install', release, chart, '--version', version],
    ...(jobSeconds === undefined ? [] : ['--timeout', `${jobSeconds}s`]),
    ...values.flatMap((file) => ['--values', file]),
  );

export const listReleases = (target: KubeTarget): Command =>
  helm(target, 'list', '--all', '--filter', `^${release}$`, '--output', 'json');

/** Secret: the values hold the CA's key. */
export const getValues = (target: KubeTarget): Command => ({
  ...helm(target, 'get', 'values', release, '--output', 'json'),
  secret: true,
});

/** Secret: the manifest holds the certificates' keys. */
export const getManifest = (target: KubeTarget): Command => ({
  ...helm(target, 'get', 'manifest', release),
  secret: true,
});

/**
 * The Deployments and DaemonSets of a release, as `DaemonSet/cilium`, but for those that its values scale to zero: what Helm
 * prints is one YAML document an object.
 */
export function parseWorkloads(manifest: string): string[] {
  return manifest.split(/^---$/m).flatMap((document) => {
    const kind = /^kind: (DaemonSet|Deployment)$/m.exec(document)?.[1];
    const name = /^metadata:\n(?: .*\n)*? {2}name: "?([\w.-]+)"?$/m.exec(document)?.[1];
    const isWanted = !/^spec:\n(?: .*\n)*? {2}replicas: 0$/m.test(document);
    return kind === undefined || name === undefined || !isWanted ? [] : [`${kind}/${name}`];
  });
}

/** The last revision of the Cilium release. */
export interface Release {
  readonly revision: number;
  /** `deployed`, `failed`, `pending-install`, `pending-upgrade` … */
  readonly status: string;
  /** `cilium-1.14.2` */
  readonly chart: string;
}

const releases = z.array(z.object({ revision: z.coerce.number(), status: z.string(), chart: z.string() }));

/** One or none; undefined for an odd answer. */
export const parseReleases = (json: string): Release[] | undefined => readJson(releases, json);

const values = z.record(z.string(), z.unknown()).nullable();

/** `null` is how Helm writes "no values"; undefined for an odd answer. */
export function parseValues(json: string): Values | undefined {
  const answer = readJson(values, json);
  return answer === null ? {} : answer;
}

/** The pre-flight check of a chart, which is a release of its own beside Cilium's. */
export const checkRelease = { name: 'cilium-preflight', workload: 'cilium-pre-flight-check' };

export const installCheck = (target: KubeTarget, { chart, version, values }: Upgrade): Command =>
  helm(
    target,
    ...['upgrade', '--install', checkRelease.name, chart, '--version', version],
    ...values.flatMap((file) => ['--values', file]),
  );

/** @param waits until its pods are gone */
export const uninstallCheck = (target: KubeTarget, waits = true): Command =>
  helm(target, 'uninstall', checkRelease.name, '--ignore-not-found', ...(waits ? ['--wait'] : []));

/** Back to an earlier revision of the Cilium release: chart and values. */
export const rollback = (target: KubeTarget, revision: number): Command =>
  helm(target, 'rollback', release, String(revision));

/** The Secret in which Helm keeps one revision (storage driver `secret`, its default). */
export const revisionSecret = (revision: number): string => `sh.helm.release.v1.${release}.v${revision}`;

import { gunzipSync } from 'node:zlib';
import { z } from 'zod';
import type { Values } from '../../lab/lab.ts';
import type { Command } from './command.ts';
import { readJson } from './json.ts';
import { getLabelled, type KubeTarget, parseObjects } from './kubectl.ts';

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

/** Prints what a release would be made of, with the ClusterMesh API server and the Job of its certificates, which `clustermesh enable` adds; asks no cluster. */
export const template = (chart: string, version: string, values: readonly string[]): Command => ({
  program: 'helm',
  args: [
    ...['template', release, chart, '--version', version, '--namespace', namespace],
    ...values.flatMap((file) => ['--values', file]),
    ...['--set', 'clustermesh.useAPIServer=true,clustermesh.apiserver.tls.auto.method=cronJob'],
  ],
});

/** Without `--wait`: Hubble UI's Service has no address until there is a pool, and Helm would wait for it in vain. */
export const upgrade = (target: KubeTarget, { chart, version, values, jobSeconds }: Upgrade): Command =>
  helm(
    target,
    ...['upgrade', '--install', release, chart, '--version', version],
    ...(jobSeconds === undefined ? [] : ['--timeout', `${jobSeconds}s`]),
    ...values.flatMap((file) => ['--values', file]),
  );

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
  /** What it was given, over the chart's own. */
  readonly values: Values;
  /** Its Deployments and DaemonSets, as `DaemonSet/cilium`. */
  readonly workloads: readonly string[];
}

/**
 * The Cilium release as Helm itself keeps it: a Secret for each revision, those left out that another one has followed. One
 * kubectl in the place of `helm list`, `get values` and `get manifest`, each of which reads all of them. The answer is secret:
 * the values hold the CA's key, the manifest the certificates' keys.
 */
export const getReleases = (target: KubeTarget): Command => ({
  ...getLabelled(target, namespace, 'secrets', `owner=helm,name=${release},status!=superseded`),
  secret: true,
});

const storedRelease = z.object({
  version: z.number(),
  info: z.object({ status: z.string() }),
  chart: z.object({ metadata: z.object({ name: z.string(), version: z.string() }) }),
  config: z.record(z.string(), z.unknown()).nullish(),
  manifest: z.string(),
});

/** One or none; undefined for an odd answer. */
export function parseReleases(json: string): Release[] | undefined {
  const secrets = parseObjects(json);
  if (secrets === undefined) return undefined;
  const stored = secrets.map(({ data }) => readJson(storedRelease, unpacked(data?.release ?? '')));
  const known = stored.filter((each) => each !== undefined);
  if (known.length < stored.length) return undefined;
  const last = known.toSorted((one, other) => other.version - one.version).slice(0, 1);
  return last.map(({ version, info, chart: { metadata }, config, manifest }) => ({
    revision: version,
    status: info.status,
    chart: `${metadata.name}-${metadata.version}`,
    values: config ?? {},
    workloads: parseWorkloads(manifest),
  }));
}

/** Base64 of Kubernetes around Helm's own, around gzip, around JSON (helm pkg/storage/driver/util.go). Empty for what is none. */
function unpacked(data: string): string {
  try {
    return gunzipSync(Buffer.from(Buffer.from(data, 'base64').toString(), 'base64')).toString();
  } catch {
    return '';
  }
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

/** Revisions of the Cilium release, without values. */
export const history = (target: KubeTarget): Command => helm(target, 'history', release);

/** Back to an earlier revision of the Cilium release: chart and values. */
export const rollback = (target: KubeTarget, revision: number): Command =>
  helm(target, 'rollback', release, String(revision));

/** The same chart and values once more, and one annotation, which makes every pod of the agents anew: an upgrade that changes nothing else. */
export const remake = (
  target: KubeTarget,
  { chart, version, revision }: Pick<Upgrade, 'chart' | 'version'> & { revision: number },
): Command =>
  helm(
    target,
    ...['upgrade', release, chart, '--version', version, '--reuse-values'],
    ...['--set-string', `podAnnotations.clustermesh-lab/after-revision=${revision}`],
  );

/** The Secret in which Helm keeps one revision (storage driver `secret`, its default). */
export const revisionSecret = (revision: number): string => `sh.helm.release.v1.${release}.v${revision}`;

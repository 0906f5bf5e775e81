// @ts-check
import { isDeepStrictEqual } from 'node:util';
import { change, sleep, world } from './state.mjs';

/** Helm's own refusal, without the prefix that each program gives it. */
export class HelmError extends Error {}

/** Real milliseconds for which packets are lost at least where agents forget: some rounds of probes. */
const LOSS = 1000;

export const pending = 'another operation (install/upgrade/rollback) is in progress';

/** @typedef {{ revision: number, status: string, version: string, config: any, description: string, updated: string }} Revision */

/** Revisions of the release `cilium`, oldest first. @param {string} cluster @returns {Revision[]} */
export function revisions(cluster) {
  return world().clusters[cluster].releases;
}

/** `a` with `b` merged over it: maps are merged, all else is replaced, null takes a key away. @param {any} a @param {any} b @returns {any} */
export function mergeValues(a, b) {
  const merged = { ...a };
  for (const [key, value] of Object.entries(b)) {
    if (value === null) delete merged[key];
    else merged[key] = isTable(value) && isTable(merged[key]) ? mergeValues(merged[key], value) : value;
  }
  return merged;
}

/** @param {unknown} value */
const isTable = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Installs or upgrades: a pending revision first, then the cluster's objects, then `deployed`. Killed between, it stays pending.
 * @param {import('./program.mjs').Program} program
 * @param {string} cluster
 * @param {{ version: string, values: any, reuse: boolean, kind: 'install' | 'upgrade' }} given `reuse`: values of the last revision stay under these
 * @param {string} [stage] where a fault stops it, pending
 * @returns {Revision}
 */
export function upgrade(program, cluster, { version, values, reuse, kind }, stage = 'half') {
  const config = change((now) => {
    const { releases } = now.clusters[cluster];
    const last = releases.at(-1);
    if (last?.status.startsWith('pending-')) throw new HelmError(pending);
    const current = releases.findLast((/** @type {Revision} */ { status }) => status === 'deployed') ?? last;
    if (kind === 'upgrade' && current?.status !== 'deployed' && !['failed', 'superseded'].includes(current?.status)) {
      throw new HelmError('"cilium" has no deployed releases');
    }
    const keep = kind === 'upgrade' && (reuse || Object.keys(values).length === 0);
    const merged = keep ? mergeValues(current.config, values) : values;
    releases.push({
      revision: (last?.revision ?? 0) + 1,
      status: `pending-${kind}`,
      version,
      config: merged,
      description: `Preparing ${kind}`,
      updated: new Date().toISOString(),
    });
    return merged;
  });
  const problem = refusedByChart(version, config);
  if (problem !== undefined) {
    finish(cluster, 'failed', problem);
    throw new HelmError(problem);
  }
  program.pass(3);
  program.reached(stage);
  const ended = finish(cluster, 'deployed', kind === 'install' ? 'Install complete' : 'Upgrade complete');
  // agents are looked for when Helm has ended: before that, nothing makes them ready
  if (world().clusters[cluster].forgets === true) sleep(LOSS);
  return ended;
}

/** @param {string} cluster @param {'deployed' | 'failed'} status @param {string} description @returns {Revision} */
function finish(cluster, status, description) {
  return change((now) => {
    const { releases } = now.clusters[cluster];
    const last = releases.at(-1);
    if (last === undefined || !last.status.startsWith('pending-')) throw new HelmError('release: not found');
    if (status === 'deployed') {
      for (const each of releases) if (each.status === 'deployed') each.status = 'superseded';
      roll(now.clusters[cluster], last);
    }
    Object.assign(last, { status, description });
    return last;
  });
}

/** The objects of the chart change; agents restart when their pod template does: the mesh's hostAliases, or `rollOutCiliumPods`. @param {any} cluster @param {Revision} revision */
export function roll(cluster, { config, version }) {
  const before = cluster.live;
  cluster.live = config;
  cluster.liveVersion = version;
  // the operator has still to register those of this version
  if (cluster.crds !== version) cluster.looks.crds = 1;
  cluster.gone = [];
  // of the chart's own only: MetalLB's manifest names no number, so that nothing puts it back
  cluster.scaled = (cluster.scaled ?? []).filter((/** @type {string} */ name) => name === 'Deployment/controller');
  const restarts = before === undefined || !isDeepStrictEqual(podTemplate(before), podTemplate(config));
  if (restarts) {
    cluster.looks.agents = before === undefined ? 2 : 6;
    // what agents have written into the kernel stays there
    cluster.remembered = [...cluster.connected];
    cluster.connected = [];
  }
  if (config.clustermesh?.useAPIServer === true && before?.clustermesh?.useAPIServer !== true) cluster.looks.mesh = 1;
}

/** What the agents' pod template is made of, as far as the stand-in knows. @param {any} values */
function podTemplate(values) {
  const config = values.clustermesh?.config;
  return {
    mesh: config?.enabled === true ? (config.clusters ?? []) : [],
    image: values.image ?? {},
    all: values.rollOutCiliumPods === true ? values : undefined,
  };
}

/** Templates of the chart that `fail`. @param {string} version @param {any} values @returns {string | undefined} */
function refusedByChart(version, values) {
  const at = (/** @type {string} */ file) => `execution error at (cilium/templates/${file}): `;
  const minor = Number(version.split('.')[1]);
  const { kubeProxyReplacement, hubble = {}, clustermesh = {}, cluster = {} } = values;
  if (minor >= 16 && ![true, false, 'true', 'false', undefined].includes(kubeProxyReplacement)) {
    return `${at('cilium-configmap.yaml:747:5')}kubeProxyReplacement must be explicitly set to a valid value (true or false) to continue.`;
  }
  if (hubble.ui?.enabled === true && hubble.relay?.enabled !== true)
    return `${at('validate.yaml:32:7')}Hubble UI requires .Values.hubble.relay.enabled=true`;
  if (minor >= 16 && cluster.name !== undefined && !/^([a-z0-9][-a-z0-9]*)?[a-z0-9]$/.test(cluster.name)) {
    return `${at('validate.yaml:120:7')}The cluster name is invalid: must consist of lower case alphanumeric characters and '-', and must start and end with an alphanumeric character`;
  }
  const remotes =
    clustermesh.config?.enabled === true && Array.isArray(clustermesh.config.clusters)
      ? clustermesh.config.clusters
      : [];
  if (remotes.some((/** @type {any} */ { ips, address }) => ips === undefined && address === undefined)) {
    return `${at('clustermesh-config/clustermesh-secret.yaml:17:5')}missing clustermesh.apiserver.config.clusters.address`;
  }
  return undefined;
}

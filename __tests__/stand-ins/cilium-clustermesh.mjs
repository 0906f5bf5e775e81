// @ts-check
import { goDuration } from './args.mjs';
import { fatal, helmQuery, isAtLeast, kubernetes, NoAnswer } from './cilium-cli.mjs';
import { agentsReady, caOf, expectedClusters, look, meshReady, usesMesh } from './cluster.mjs';
import { HelmError, revisions, upgrade } from './helm-release.mjs';
import { world } from './state.mjs';

/** `cilium clustermesh enable`: one Helm upgrade that keeps the release's values; says nothing. @param {import('./program.mjs').Program} program @param {import('./args.mjs').Parsed} parsed */
export function enable(program, parsed) {
  const client = kubernetes(parsed, parsed.get('context'));
  const type = parsed.get('service-type');
  const failed = (/** @type {string} */ message) => fatal(`Unable to enable ClusterMesh: ${message}`);
  if (type === undefined) throw failed("cannot auto-detect service type, please specify using '--service-type' option");
  if (isAtLeast('v0.16.13') && !['LoadBalancer', 'NodePort'].includes(type))
    throw failed(`service type "${type}" is not valid`);
  const asked = parsed.is('enable-kvstoremesh');
  const values = {
    clustermesh: {
      useAPIServer: true,
      ...(isAtLeast('v0.16.8') ? { config: { enabled: true } } : {}),
      apiserver: {
        service: { type },
        tls: { auto: { enabled: true, method: 'cronJob', schedule: '0 0 1 */4 *' } },
        ...(asked || !isAtLeast('v0.16.12') ? { kvstoremesh: { enabled: asked } } : {}),
      },
    },
    externalWorkloads: { enabled: parsed.is('enable-external-workloads') },
  };
  try {
    const cluster = client.cluster();
    const last = revisions(cluster).at(-1);
    if (last === undefined) throw new HelmError('release: not found');
    program.pass(9);
    upgrade(program, cluster, { version: last.version, values, reuse: true, kind: 'upgrade' });
  } catch (error) {
    if (error instanceof NoAnswer) throw failed(`query: failed to query with labels: ${error.at(helmQuery)}`);
    if (error instanceof HelmError) throw failed(error.message);
    throw error;
  }
}

/**
 * How the others reach a cluster's API server; throws an Error with the CLI's text while they cannot.
 * @param {any} cluster @returns {{ name: string, id: string, type: string, ips: string[], port: number, ca: string }}
 */
export function accessInformation(cluster) {
  if (cluster.live === undefined)
    throw new Error('unable to retrieve ConfigMap "cilium-config": configmaps "cilium-config" not found');
  if (!usesMesh(cluster))
    throw new Error(
      'unable to get clustermesh service "clustermesh-apiserver": services "clustermesh-apiserver" not found',
    );
  const type = cluster.live.clustermesh.apiserver?.service?.type ?? 'NodePort';
  const address = cluster.addresses['kube-system/clustermesh-apiserver'];
  if (type === 'LoadBalancer' && address === undefined) throw new Error('unable to derive service IPs automatically');
  const { name = 'default', id = 0 } = cluster.live.cluster ?? {};
  return {
    name,
    id: String(id),
    type,
    ips: [address ?? '172.18.0.2'],
    port: type === 'NodePort' ? 32379 : 2379,
    ca: caOf(cluster),
  };
}

/** `cilium clustermesh status`. @param {import('./program.mjs').Program} program @param {import('./args.mjs').Parsed} parsed */
export function meshStatus(program, parsed) {
  const client = kubernetes(parsed, parsed.get('context'));
  const failed = (/** @type {string} */ message) => fatal(`Unable to determine status:  ${message}`);
  try {
    const name = client.cluster();
    if (world().clusters[name].live === undefined)
      throw new Error('unable to retrieve ConfigMap "cilium-config": configmaps "cilium-config" not found');
    report(program, name, parsed);
  } catch (error) {
    if (error instanceof NoAnswer)
      throw failed(
        `unable to retrieve ConfigMap "cilium-config": ${error.at('/api/v1/namespaces/kube-system/configmaps/cilium-config')}`,
      );
    if (error instanceof Error && error.constructor === Error) throw failed(error.message);
    throw error;
  }
}

/**
 * Before v0.19 the lines of text stand before the JSON on stdout, as a run of v0.16.20 had it (the source of v0.15.8 sends
 * them to stderr: a reader must bear both); from v0.19 on they go to stderr.
 * @param {import('./program.mjs').Program} program @param {string} name @param {import('./args.mjs').Parsed} parsed
 */
function report(program, name, { is, get, seconds }) {
  const json = get('output') === 'json';
  const say = (/** @type {string} */ line) => (json && isAtLeast('v0.19.0') ? program.err(line) : program.out(line));
  const timeout = seconds('wait-duration', 900);
  let waited = 0;
  /** @template T @param {string} what @param {(cluster: any) => T} attempt throws while it is not so @returns {T} */
  const waitFor = (what, attempt) => {
    let said = '';
    for (;;) {
      try {
        return attempt(look().clusters[name]);
      } catch (error) {
        if (!is('wait')) throw error;
        const { message } = /** @type {Error} */ (error);
        if (said !== message) say(`⌛ Waiting (${goDuration(waited)}) for ${what}: ${message}`);
        said = message;
        waited += 1;
        if (waited > timeout) throw new Error(`timeout while waiting for condition, last error: ${message}`);
        program.tick();
      }
    }
  };
  const access = waitFor('access information', accessInformation);
  say(`✅ Service "clustermesh-apiserver" of type "${access.type}" found`);
  say('✅ Cluster access information is available:');
  for (const ip of access.ips) say(`  - ${ip}:${access.port}`);
  const notReady = 'only 0 of 1 replicas are available';
  try {
    waitFor('deployment clustermesh-apiserver to become ready', (cluster) => {
      if (!meshReady(cluster)) throw new Error(notReady);
    });
  } catch (error) {
    throw new Error(`deployment clustermesh-apiserver is not ready: ${/** @type {Error} */ (error).message}`);
  }
  say('✅ Deployment clustermesh-apiserver is ready');
  const isMeshed = hasKvstoremesh(look().clusters[name]);
  if (isAtLeast('v0.16.0')) say(`ℹ️  KVStoreMesh is ${isMeshed ? 'enabled' : 'disabled'}`);
  // asked for JSON without --wait, the CLI leaves out what the agents could not tell, and exits 0
  if (json && !is('wait')) return printJson(program, name, access);
  const links = waitFor('clusters to be connected', (cluster) => {
    const found = connectivity(cluster);
    if (is('wait') && found.notReady > 0) throw new Error(`${found.notReady} nodes are not ready`);
    return found;
  });
  if (json) return printJson(program, name, access);
  summary(program, links, isMeshed);
}

/** The chart enables it from 1.16 on. @param {any} cluster */
const hasKvstoremesh = ({ live = {}, liveVersion = '' }) =>
  live.clustermesh?.apiserver?.kvstoremesh?.enabled ?? Number(liveVersion.split('.')[1]) >= 16;

/** What the agents say of the remote clusters; throws an Error while they restart. @param {any} cluster */
function connectivity(cluster) {
  if (!agentsReady(cluster)) {
    const socket =
      'unable to determine cilium status: Get "http://localhost/v1/healthz": dial unix /var/run/cilium/cilium.sock: connect: no such file or directory\nIs the agent running?';
    throw new Error(`unable to determine status of cilium pod "cilium-x7k2p": ${socket}`);
  }
  const total = cluster.nodes.length;
  const expected = expectedClusters(cluster)
    .map(({ name }) => name)
    .sort();
  const connected = expected.filter((name) => cluster.connected.includes(name));
  return { total, expected, connected, notReady: connected.length < expected.length ? total : 0 };
}

/** @param {import('./program.mjs').Program} program @param {ReturnType<typeof connectivity>} links @param {boolean} isMeshed */
function summary(program, { total, expected, connected, notReady }, isMeshed) {
  const blank = isAtLeast('v0.16.0') ? '\n' : '';
  const counts = `[min:${connected.length} / avg:${connected.length.toFixed(1)} / max:${connected.length}]`;
  if (notReady > 0) program.out(`${blank}⚠️  ${notReady}/${total} nodes are not connected to all clusters ${counts}`);
  else if (expected.length > 0) program.out(`${blank}✅ All ${total} nodes are connected to all clusters ${counts}`);
  if (isMeshed && notReady === 0 && expected.length > 0)
    program.out(`✅ All 1 KVStoreMesh replicas are connected to all clusters ${counts}`);
  if (expected.length === 0) program.out(`${blank}🔌 No cluster connected`);
  else program.out(`${blank}🔌 Cluster Connections:`);
  for (const remote of expected)
    program.out(
      `  - ${remote}: ${total}/${total} configured, ${connected.includes(remote) ? total : 0}/${total} connected${isMeshed ? ' - KVStoreMesh: 1/1 configured, 1/1 connected' : ''}`,
    );
  program.out(`${blank}🔀 Global services: [ min:0 / avg:0.0 / max:0 ]${blank}`);
  if (notReady === 0) return;
  program.out(`❌ ${total} Errors:`);
  for (const remote of expected.filter((each) => !connected.includes(each)))
    program.out(
      `  ❌ cilium-x7k2p is not connected to cluster ${remote}: Waiting for initial connection to be established`,
    );
}

/** As Go writes it: numbers that are zero are left out. The JSON holds a private key. @param {import('./program.mjs').Program} program @param {string} name @param {ReturnType<typeof accessInformation>} access */
function printJson(program, name, access) {
  const cluster = look().clusters[name];
  const secret = Buffer.from(`-----BEGIN PRIVATE KEY-----\nkey of ${name}\n-----END PRIVATE KEY-----\n`).toString(
    'base64',
  );
  /** @type {Record<string, unknown>} */
  const answer = {
    access_information: {
      service_type: access.type,
      service_ips: access.ips,
      service_port: access.port,
      cluster_id: access.id,
      cluster_name: access.name,
      ca: access.ca,
      client_cert: access.ca,
      client_key: secret,
      tunnel: 'vxlan',
      ...(isAtLeast('v0.16.0') ? { max_connected_clusters: 255 } : {}),
    },
  };
  if (agentsReady(cluster)) {
    const { total, expected, connected, notReady } = connectivity(cluster);
    const count = connected.length === 0 ? {} : { min: connected.length, avg: connected.length, max: connected.length };
    const entries = expected.map((remote) => [
      remote,
      { configured: total, ...(connected.includes(remote) ? { connected: total } : {}) },
    ]);
    answer.connectivity = {
      global_services: {},
      connected: count,
      ...(entries.length > 0 ? { clusters: Object.fromEntries(entries) } : {}),
      total,
      ...(notReady > 0 ? { not_ready: notReady } : {}),
    };
  }
  program.out(JSON.stringify(answer, undefined, 1));
}

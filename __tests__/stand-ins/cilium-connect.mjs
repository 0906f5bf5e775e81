// @ts-check
import { fatal, helmQuery, isAtLeast, kubernetes, NoAnswer } from './cilium-cli.mjs';
import { accessInformation } from './cilium-clustermesh.mjs';
import { expectedClusters, look } from './cluster.mjs';
import { HelmError, revisions, upgrade } from './helm-release.mjs';
import { Failure } from './program.mjs';

/** @typedef {{ context: string, name: string, access: ReturnType<typeof accessInformation> }} End */

/** `cilium clustermesh connect`: both releases of a pair are upgraded, one after the other. @param {import('./program.mjs').Program} program @param {import('./args.mjs').Parsed} parsed */
export function connect(program, parsed) {
  const failed = (/** @type {string} */ message) => fatal(`Unable to connect cluster: ${message}`);
  try {
    const mode = parsed.get('connection-mode') ?? 'bidirectional';
    if (!['unicast', 'bidirectional', 'mesh'].includes(mode)) throw new Error(`invalid connection mode: ${mode}`);
    const source = kubernetes(parsed, parsed.get('context'));
    const local = source.cluster();
    if (revisions(local).length === 0) throw noRelease(program, 'target');
    const destinations = contexts(parsed).map((context) =>
      kubernetes(
        parsed,
        context,
        `\nError: Unable to connect cluster: unable to create Kubernetes client to access remote cluster "${context}": `,
      ),
    );
    const remotes = destinations.map((client) => end(program, client.context, client.cluster(), 'remote'));
    const first = end(program, source.context, local, 'local');
    const pairs =
      mode === 'mesh' ? allPairs([first, ...remotes]) : remotes.map((remote) => /** @type {const} */ ([first, remote]));
    for (const [one, other] of pairs) checkPair(program, parsed, one, other);
    if (isAtLeast('v0.16.19')) join(program, pairs, mode);
    else for (const pair of pairs) join(program, [pair], mode);
  } catch (error) {
    if (error instanceof NoAnswer) {
      program.out('❌ Unable to find Helm release for the target cluster');
      throw failed(`query: failed to query with labels: ${error.at(helmQuery)}`);
    }
    if (error instanceof Error && !(error instanceof Failure)) throw failed(error.message);
    throw error;
  }
}

/** @param {import('./args.mjs').Parsed} parsed @returns {string[]} */
function contexts(parsed) {
  const given = parsed.all('destination-context');
  if (isAtLeast('v0.16.19')) return given.flatMap((list) => list.split(','));
  return [given.at(-1) ?? ''];
}

/** @param {import('./program.mjs').Program} program @param {string} which */
function noRelease(program, which) {
  program.out(`❌ Unable to find Helm release for the ${which} cluster`);
  return new HelmError('release: not found');
}

/** @param {import('./program.mjs').Program} program @param {string} context @param {string} name @param {'local' | 'remote'} which @returns {End} */
function end(program, context, name, which) {
  if (revisions(name).length === 0) throw noRelease(program, which === 'local' ? 'target' : 'remote');
  const cluster = look().clusters[name];
  try {
    if (cluster.live !== undefined)
      program.out(`✨ Extracting access information of cluster ${cluster.live.cluster?.name ?? 'default'}...`);
    const access = accessInformation(cluster);
    program.out(`🔑 Extracting secrets from cluster ${access.name}...`);
    program.out(`ℹ️  Found ClusterMesh service IPs: [${access.ips.join(' ')}]`);
    return { context, name, access };
  } catch (error) {
    program.out(
      `❌ Unable to retrieve access information of ${which} cluster "kind-${name}": ${/** @type {Error} */ (error).message}`,
    );
    throw error;
  }
}

/** @param {End[]} ends @returns {(readonly [End, End])[]} */
function allPairs(ends) {
  return ends.flatMap((one, index) => ends.slice(index + 1).map((other) => /** @type {const} */ ([one, other])));
}

/** @param {import('./program.mjs').Program} program @param {import('./args.mjs').Parsed} parsed @param {End} local @param {End} remote */
function checkPair(program, parsed, { access: local }, { access: remote }) {
  const isDefault = (/** @type {End['access']} */ { name, id }) => name === 'default' || id === '0';
  if (isDefault(remote))
    throw new Error(`remote cluster has non-unique name (${remote.name}) and/or ID (${remote.id})`);
  if (isDefault(local))
    throw new Error(
      `local cluster has the default name (cluster name: ${local.name}) and/or ID 0 (cluster ID: ${local.id})`,
    );
  if (remote.name === local.name)
    throw new Error(`remote and local cluster have the same, non-unique name: ${local.name}`);
  if (remote.id === local.id) throw new Error(`remote and local cluster have the same, non-unique ID: ${local.id}`);
  if (local.ca === remote.ca || parsed.is('allow-mismatching-ca')) return;
  if (isAtLeast('v0.19.1')) {
    throw new Error(
      `Cilium CA certificates do not match between clusters ${local.name} and ${remote.name}. Use --allow-mismatching-ca to connect clusters with mismatching CAs`,
    );
  }
  program.out('⚠️ Cilium CA certificates do not match between clusters. Multicluster features will be limited!');
}

/** One Helm upgrade a cluster, whatever the number of its new links. @param {import('./program.mjs').Program} program @param {(readonly [End, End])[]} pairs @param {string} mode */
function join(program, pairs, mode) {
  const ends = [...new Set(pairs.flat())].filter((each) => mode !== 'unicast' || each === pairs[0]?.[0]);
  for (const [index, local] of ends.entries()) {
    const remotes = pairs.filter((pair) => pair.includes(local)).map(([one, other]) => (one === local ? other : one));
    const quote = isAtLeast('v0.16.0') ? '' : "'";
    for (const remote of remotes)
      program.out(
        `ℹ️ Configuring Cilium in cluster ${quote}${local.context}${quote} to connect to cluster ${quote}${remote.context}${quote}`,
      );
    // the first is done, the next not yet: where a kill leaves half a link
    if (index === 1) program.reached();
    link(program, local, remotes);
  }
  for (const [one, other] of pairs) {
    program.out(
      isAtLeast('v0.16.0')
        ? `✅ Connected cluster ${one.context} <=> ${other.context}!`
        : `✅ Connected cluster ${one.context} and ${other.context}!`,
    );
  }
}

/** @param {import('./program.mjs').Program} program @param {End} local @param {End[]} remotes */
function link(program, local, remotes) {
  const last = revisions(local.name).at(-1);
  if (last === undefined) throw new HelmError('release: not found');
  const entries = new Map(expectedClusters({ live: last.config }).map((entry) => [entry.name, entry]));
  for (const { access } of remotes) {
    const tls = access.ca === local.access.ca ? {} : { tls: { cert: access.ca, key: access.ca, caCert: access.ca } };
    entries.set(access.name, { name: access.name, ips: access.ips.slice(0, 1), port: access.port, ...tls });
  }
  const values = { clustermesh: { config: { enabled: true, clusters: [...entries.values()] } } };
  upgrade(program, local.name, { version: last.version, values, reuse: true, kind: 'upgrade' }, 'pending');
}

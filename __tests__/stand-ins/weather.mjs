// @ts-check
/**
 * What clients of the scenario meet, as it has changed: servers by cluster, nodes that are frozen, and what is dropped between
 * nodes. Kept since a client that is read later tells of all of it.
 * @typedef {{ at: number, servers: Record<string, number>, frozen: string[], drops: { from: string, to: string[] }[], killed?: string }} Weather
 */

const server = 'Deployment/high-availability/server';

/** @param {any} now @returns {Omit<Weather, 'at'>} */
function present(now) {
  const containers = Object.entries(now.containers);
  return {
    servers: Object.fromEntries(
      Object.entries(now.clusters).map(([name, { objects }]) => [name, objects[server]?.spec?.replicas ?? 0]),
    ),
    frozen: containers.filter(([, { paused }]) => paused === true).map(([name]) => name),
    drops: containers.flatMap(([from, { rules = [] }]) =>
      rules.map((/** @type {string} */ rule) => ({ from, to: rule.split(',') })),
    ),
  };
}

/** Keeps what it is now, after a change. @param {any} now */
export function remark(now) {
  now.weather = [...(now.weather ?? []), { at: Date.now(), ...present(now) }];
}

/** Milliseconds until all know that the servers of a cluster were killed, and which come in their place. */
const KNOWN = 400;

/** The servers of a cluster are killed: who asks them meanwhile hears nothing. @param {any} now @param {string} cluster */
export function remarkKilled(now, cluster) {
  const at = Date.now();
  const weather = present(now);
  now.weather = [...(now.weather ?? []), { at, ...weather, killed: cluster }, { at: at + KNOWN, ...weather }];
}

/**
 * The lines of a client that has asked since then, as `probe/load.mjs` has them. Servers of all clusters are asked in turn.
 * @param {any} now @param {string} cluster where the client is @param {{ begun: number, asked: { every: number, timeout: number } }} load
 */
export function linesOf(now, cluster, { begun, asked }) {
  /** @type {Weather[]} */
  const all = now.weather ?? [];
  const nodes = now.clusters[cluster].nodes.map((/** @type {{ name: string }} */ { name }) => name);
  const end = Date.now();
  const lines = [`# ${JSON.stringify(asked)}`];
  for (let k = 0; begun + k * asked.every < end; k += 1) {
    const due = begun + k * asked.every;
    // a client that is frozen with its nodes sends when these go on
    const thaw = all.find(({ at, frozen }) => at >= due && !isFrozen(frozen, nodes))?.at ?? end;
    const sent = isFrozen(weatherAt(all, due)?.frozen ?? [], nodes) ? thaw : due;
    const { outcome, region = '', ms } = answer(now, weatherAt(all, sent), cluster, k, asked.timeout);
    const pod = region === '' ? '' : 'server-1';
    lines.push([due.toFixed(1), sent.toFixed(1), (sent + ms).toFixed(1), outcome, region, pod].join(','));
  }
  return [...lines, '# end'];
}

/** @param {Weather[]} all @param {number} at */
const weatherAt = (all, at) => all.findLast((each) => each.at <= at);

/** @param {string[]} frozen @param {string[]} nodes */
const isFrozen = (frozen, nodes) => nodes.length > 0 && nodes.every((name) => frozen.includes(name));

/** The node on which the servers of a cluster run: a worker, where there is one. @param {any} now @param {string} cluster @returns {string} */
function homeOf(now, cluster) {
  /** @type {{ name: string, role: string }[]} */
  const nodes = now.clusters[cluster].nodes;
  return (nodes.find(({ role }) => role === 'worker') ?? nodes[0])?.name ?? '';
}

/** @param {any} now @param {Weather | undefined} weather @param {string} cluster @param {number} k @param {number} timeout */
function answer(now, weather, cluster, k, timeout) {
  const { servers = {}, frozen = [], drops = [], killed } = weather ?? {};
  const up = Object.keys(servers).filter((name) => (servers[name] ?? 0) > 0);
  const region = up[k % up.length];
  if (region === undefined) return { outcome: 'refused', ms: 1 };
  const [own, other] = [cluster, region].map((name) =>
    now.clusters[name].nodes.map((/** @type {{ name: string }} */ node) => node.name),
  );
  const isCut = (/** @type {string[]} */ from, /** @type {string[]} */ to) =>
    drops.some((drop) => from.includes(drop.from) && to.some((name) => drop.to.includes(now.containers[name].ip)));
  const isLost = region !== cluster && (isCut(own, other) || isCut(other, own));
  return isLost || killed === region || frozen.includes(homeOf(now, region))
    ? { outcome: 'timeout', ms: timeout }
    : { outcome: 'ok', region, ms: 2 };
}

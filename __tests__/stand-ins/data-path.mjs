// @ts-check
import { agentsReady, hears, isAnnouncing, meshReady } from './cluster.mjs';
import { objects } from './objects.mjs';
import { sleep } from './state.mjs';

/** @typedef {{ id: number, by: 'http' | 'name' | 'udp' | 'connect', host: string, port: number, region?: string, pod?: string, shut?: boolean }} Question */
/** @typedef {{ cluster: string, pod: any }} End */

/** Something between two nodes that takes packets away: all of them, or those that are large. @typedef {{ from: string, to: string, large?: boolean }} Drop */

const namespace = 'clustermesh-lab-probes';

/** Real milliseconds between two rounds. */
const ROUND = 150;

/**
 * What a probe hears of its questions: by what the agents know of each other, by Services, policies, name servers, and by what
 * takes packets away (`drops` of the world). What is asked again and again here is asked once.
 * @param {any} now @param {string} cluster @param {string} pod @param {{ questions: Question[] }} asked
 */
export function hear(now, cluster, pod, { questions }) {
  const from = { cluster, pod: podsOf(now, cluster).find(({ metadata }) => metadata.name === pod) };
  return questions.map((question) => {
    return { id: question.id, tries: 1, ...hearOne(now, from, question) };
  });
}

/** As `hear` for what is asked in rounds, one after the other. @param {() => any} look @param {string} cluster @param {string} pod @param {{ questions: Question[], rounds: number }} asked */
export function hearRounds(look, cluster, pod, { questions, rounds }) {
  /** @type {Map<number, { id: number, sent: number, late: number, lost: number, slowest: number, failed?: string }>} */
  const counts = new Map(questions.map(({ id }) => [id, { id, sent: 0, late: 0, lost: 0, slowest: 2 }]));
  for (let round = 0; round < rounds; round += 1) {
    sleep(ROUND);
    for (const heard of hear(look(), cluster, pod, { questions })) {
      const count = counts.get(heard.id);
      const { failed } = /** @type {{ failed?: string }} */ (heard);
      if (count === undefined) continue;
      count.sent += 1;
      if (failed !== undefined) Object.assign(count, { lost: count.lost + 1, failed });
    }
  }
  return [...counts.values()];
}

/** @param {any} now @param {End} from @param {Question} question */
function hearOne(now, from, { by, host, port, region }) {
  if (by === 'connect') return balanced(now, host) ? { ms: 1 } : { failed: 'no answer' };
  if (by === 'name' && !namesAreKnown(now, from.cluster)) return { failed: 'ETIMEOUT' };
  const end =
    by === 'name' || host === clusterAddress(now, from.cluster) ? backend(now, from, region) : podAt(now, host);
  if (end === undefined) return { failed: 'no answer' };
  if (!carries(now, from, end, by === 'udp') || isShut(now, from, end, port)) return { failed: 'no answer' };
  return { ms: 1.5, ...(by === 'udp' ? { bytes: 1422 } : { from: identity(end) }) };
}

/** @param {End} end */
const identity = ({ cluster, pod }) => ({ region: cluster, pod: pod.metadata.name, node: pod.spec.nodeName });

/** @param {any} now @param {string} cluster @returns {any[]} */
const podsOf = (now, cluster) =>
  objects(now, cluster).filter(({ kind, metadata }) => kind === 'Pod' && metadata.namespace === namespace);

/** @param {any} now @param {string} address @returns {End | undefined} */
function podAt(now, address) {
  for (const cluster of Object.keys(now.clusters)) {
    const pod = podsOf(now, cluster).find(({ status }) => status.podIP === address);
    if (pod !== undefined) return { cluster, pod };
  }
  return undefined;
}

/** @param {any} now @param {string} cluster @returns {any} */
const serviceOf = (now, cluster) => now.clusters[cluster].objects[`Service/${namespace}/probe`];

/** @param {any} now @param {string} cluster */
const clusterAddress = (now, cluster) =>
  objects(now, cluster).find(({ kind, metadata }) => kind === 'Service' && metadata.namespace === namespace)?.spec
    .clusterIP;

/** Of the Service's backends one of the region that is meant, or another one. @param {any} now @param {End} from @param {string} [region] @returns {End | undefined} */
function backend(now, { cluster }, region) {
  const says = (/** @type {string} */ each, /** @type {string} */ name) =>
    serviceOf(now, each)?.metadata.annotations?.[`service.cilium.io/${name}`];
  if (serviceOf(now, cluster) === undefined) return undefined;
  const isGlobal = says(cluster, 'global') === 'true';
  const others = Object.keys(now.clusters).filter(
    (each) =>
      each !== cluster &&
      isGlobal &&
      knows(now, cluster, each) &&
      hears(now, cluster, each) &&
      (meshReady(now.clusters[each]) || now.clusters[cluster].remembered?.includes(each)) &&
      says(each, 'global') === 'true' &&
      says(each, 'shared') !== 'false',
  );
  const all = [cluster, ...others].flatMap((each) => podsOf(now, each).map((pod) => ({ cluster: each, pod })));
  return all.find((end) => end.cluster === region) ?? all[0];
}

/** Agents that restart leave what they knew in the kernel, unless a test says otherwise (`forgets`). @param {any} now @param {string} from @param {string} to */
function knows(now, from, to) {
  const cluster = now.clusters[from];
  const remembered = agentsReady(cluster) || cluster.forgets === true ? [] : (cluster.remembered ?? []);
  return [...cluster.connected, ...remembered].includes(to);
}

/** @param {any} now @param {End} from @param {End} to @param {boolean} isLarge */
function carries(now, from, to, isLarge) {
  const isOne = from.cluster === to.cluster;
  if (!isOne && !(knows(now, from.cluster, to.cluster) && knows(now, to.cluster, from.cluster))) return false;
  /** @type {Drop[]} */
  const drops = now.drops ?? [];
  return !drops.some(
    (drop) =>
      drop.from === from.pod.spec.nodeName && drop.to === to.pod.spec.nodeName && (isLarge || drop.large !== true),
  );
}

/** The probes' own policy keeps a port for their region; others that deny a cluster shut it out. @param {any} now @param {End} from @param {End} to @param {number} port */
function isShut(now, from, to, port) {
  const policies = Object.values(now.clusters[to.cluster].objects).filter(
    ({ kind, metadata }) => kind === 'CiliumNetworkPolicy' && metadata.namespace === namespace,
  );
  const label = 'io.cilium.k8s.policy.cluster';
  const clustersIn = (/** @type {any[]} */ rules = []) =>
    rules.flatMap(({ fromEndpoints = [] }) => fromEndpoints.map((/** @type {any} */ one) => one.matchLabels?.[label]));
  if (policies.some(({ spec }) => clustersIn(spec.ingressDeny).includes(from.cluster))) return true;
  const letIn = policies.filter(({ spec }) => spec.ingress !== undefined);
  return (
    letIn.length > 0 &&
    !letIn.some(({ spec }) =>
      spec.ingress.some((/** @type {any} */ rule) => {
        const ports = (rule.toPorts ?? []).flatMap((/** @type {any} */ { ports: some }) => some);
        const isPort = ports.some((/** @type {{ port: string }} */ { port: one }) => one === String(port));
        return isPort && (rule.fromEntities?.includes('all') === true || clustersIn([rule]).includes(from.cluster));
      }),
    )
  );
}

/** @param {any} now @param {string} address */
const balanced = (now, address) =>
  Object.values(now.clusters).some(
    (cluster) =>
      cluster.addresses['kube-system/clustermesh-apiserver'] === address &&
      agentsReady(cluster) &&
      meshReady(cluster) &&
      isAnnouncing(cluster),
  );

/** @param {any} now @param {string} cluster */
const namesAreKnown = (now, cluster) => !(now.clusters[cluster].scaled ?? []).includes('Deployment/coredns');

// @ts-check
import { readFileSync } from 'node:fs';
import { Failure } from './program.mjs';
import { change, machine, world } from './state.mjs';

/**
 * `tc` of iproute2 6.1 in a node, as far as the driver calls it; texts of a real one. What a node has at the root of eth0:
 * @typedef {{ handle: string, classes: Record<string, { rate: number, netem?: string }>, filters: { to: string, flow: string }[] }} Root
 */

const noQueue = { kind: 'noqueue', handle: '0:', root: true, refcnt: 2, options: {} };

/** @param {import('./program.mjs').Program} program @param {string} node @param {string[]} args */
export function tc(program, node, args) {
  if (args.join(' ') === '-j qdisc show dev eth0') {
    const { root } = world().containers[node];
    return program.out(JSON.stringify(root === undefined ? [noQueue] : qdiscs(root)));
  }
  if (args.join(' ') !== '-batch -') return change((now) => act(now.containers[node], args.join(' ')));
  const lines = readFileSync(0, 'utf8').split('\n').slice(0, -1);
  for (const [index, line] of lines.entries()) {
    try {
      change((now) => act(now.containers[node], line));
    } catch (error) {
      throw error instanceof Failure ? new Failure(`${error.message}\nCommand failed -:${index + 1}`, 1) : error;
    }
    if (index === Math.floor(lines.length / 2)) program.reached();
  }
}

/** @param {Root} root */
function qdiscs({ handle, classes }) {
  const leaves = Object.entries(classes).filter(([, { netem }]) => netem !== undefined);
  return [
    { kind: 'htb', handle, root: true, refcnt: 2, options: { r2q: 10, default: '0', direct_qlen: 1000 } },
    ...leaves.map(([parent], index) => ({ kind: 'netem', handle: `${8001 + index}:`, parent, options: {} })),
  ];
}

/** One command. @param {{ root?: Root }} node @param {string} line */
function act(node, line) {
  const { root } = node;
  const [, deleted] = /^qdisc del dev eth0 root handle (\w+:)$/.exec(line) ?? [];
  if (deleted !== undefined) {
    if (root?.handle !== deleted) throw new Failure('Error: Invalid handle.', 2);
    delete node.root;
    return;
  }
  const [, added] = /^qdisc add dev eth0 root handle (\w+:) htb default 0$/.exec(line) ?? [];
  if (added !== undefined) {
    if (root !== undefined)
      throw new Failure(
        root.handle === added
          ? 'Error: Exclusivity flag on, cannot modify.'
          : 'Error: NLM_F_REPLACE needed to override.',
        2,
      );
    node.root = { handle: added, classes: {}, filters: [] };
    return;
  }
  const [, parent, id = '', rate] =
    /^class add dev eth0 parent (\w+:) classid (\w+:\w+) htb rate (\d+)bit burst \d+ cburst \d+ quantum \d+$/.exec(
      line,
    ) ?? [];
  if (parent !== undefined) {
    if (root?.handle !== parent) throw new Failure('Error: Failed to find specified qdisc.', 2);
    root.classes[id] = { rate: Number(rate) };
    return;
  }
  const [, leaf = '', netem] =
    /^qdisc add dev eth0 parent (\w+:\w+) netem (limit \d+(?: delay [\d.]+ms(?: [\d.]+ms)?)?(?: loss [\d.]+%)?)$/.exec(
      line,
    ) ?? [];
  if (netem !== undefined) {
    if (machine().docker.kernelLacks.includes('netem')) throw new Failure('Error: Specified qdisc kind is unknown.', 2);
    const found = root?.classes[leaf];
    if (found === undefined) throw new Failure('Error: Specified class not found.', 2);
    found.netem = netem;
    return;
  }
  const [, of, to = '', flow = ''] =
    /^filter add dev eth0 parent (\w+:) protocol ip prio 1 u32 match ip dst ([\d.]+\/\d+) flowid (\w+:\w+)$/.exec(
      line,
    ) ?? [];
  if (of === undefined) throw new Failure(`tc: the stand-in does not know ${line}`, 2);
  if (root?.handle !== of) throw new Failure("Error: Parent Qdisc doesn't exists.", 2);
  root.filters.push({ to, flow });
}

/** Milliseconds by which what a node sends to an address is late. @param {any} node @param {string} address */
function lateness(node, address) {
  const flow = node.root?.filters.find((/** @type {any} */ { to }) => to === `${address}/32`)?.flow;
  return Number(/delay ([\d.]+)ms/.exec(node.root?.classes[flow]?.netem ?? '')?.[1] ?? 0);
}

/** `curl` in a node, which asks the kubelet of another. @param {import('./program.mjs').Program} program @param {string} node @param {string[]} args */
export function curl(program, node, args) {
  const [, address = '', count = ''] =
    /^--silent --output \/dev\/null --noproxy \* --header Connection: close --max-time \d+ --write-out %\{time_connect\}\\n http:\/\/([\d.]+):10250\/\[1-(\d+)\]$/.exec(
      args.join(' '),
    ) ?? [];
  if (count === '') throw new Failure(`curl: the stand-in does not know ${args.join(' ')}`, 2);
  const { containers } = world();
  const other = Object.values(containers).find(({ ip, running, paused }) => ip === address && running && !paused);
  const own = containers[node];
  const seconds = other === undefined ? 0 : (0.25 + lateness(own, address) + lateness(other, own.ip)) / 1000;
  for (let times = 0; times < Number(count); times++) program.out(seconds.toFixed(6));
  if (other === undefined) throw new Failure('', 28);
}

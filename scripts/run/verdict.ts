import type { PodsSeen, Trouble } from '../observe/pods.ts';

/** Milliseconds for which a trouble is seen before it is believed to stay: a minute from its begin, with the looks between. */
const STAYS = 30_000;

/** After so many starts a container that ends once more does so for ever. */
const ENOUGH_RESTARTS = 2;

/** What the driver itself is doing meanwhile. */
export interface Meanwhile {
  /** Images are being loaded onto the nodes: what is not there yet comes. */
  readonly isLoading: boolean;
}

/**
 * Which pods will not come up, however long one waits. A trouble is excused while something may end it yet: images that are being
 * loaded, Cilium itself that is not up, a Job or another pod that makes a Secret, nodes that are not ready yet.
 */
export class Verdict {
  readonly #start: number;
  /** Since when Cilium has been up, as far as is known. */
  #upSince: number;
  /** By pod and kind: since when it has had no excuse. */
  readonly #since = new Map<string, number>();
  /** By pod and kind: how often it had been started again when it was first seen to end without an excuse. */
  readonly #restarts = new Map<string, number>();

  /** @param now milliseconds since 1970, here and below */
  constructor(now: number) {
    this.#start = now;
    this.#upSince = now;
  }

  /** @returns the troubles that stay, by all that was seen until now */
  seen(pods: PodsSeen, { isLoading }: Meanwhile, now: number): Trouble[] {
    if (pods.isBaseComing) this.#upSince = now;
    const standing = pods.troubles.filter((trouble) => !isExcused(trouble, pods, isLoading));
    const keys = new Set(standing.map(keyOf));
    for (const key of this.#since.keys()) if (!keys.has(key)) this.#since.delete(key);
    for (const key of keys) if (!this.#since.has(key)) this.#since.set(key, now);
    return standing.filter((trouble) => this.#stays(trouble, now));
  }

  #stays(trouble: Trouble, now: number): boolean {
    if (trouble.crash === undefined) return now - (this.#since.get(keyOf(trouble)) ?? now) >= STAYS;
    const { restarts, ended = 0 } = trouble.crash;
    // an end of before tells nothing: what it lacked then may be there now
    if (ended <= (trouble.isBase ? this.#start : this.#upSince)) return false;
    const first = this.#restarts.get(keyOf(trouble)) ?? restarts;
    this.#restarts.set(keyOf(trouble), first);
    // nor does one alone: a pod that lives for long has been started again before
    return restarts >= ENOUGH_RESTARTS && restarts > first;
  }
}

const keyOf = ({ pod, kind }: Trouble): string => `${kind} ${pod}`;

function isExcused({ kind, pod, isBase, why }: Trouble, seen: PodsSeen, isLoading: boolean): boolean {
  switch (kind) {
    case 'unschedulable':
      // a node that comes up takes its taint away; memory and labels do not come by themselves
      return seen.isBaseComing || why.includes('taint') || !/Insufficient|didn't match/.test(why);
    case 'sandbox':
      return !isBase && seen.isBaseComing;
    case 'image':
      return isLoading;
    case 'crash':
    case 'config':
    case 'mount':
      return !isBase && seen.isBaseComing;
    case 'secret':
      return (!isBase && seen.isBaseComing) || seen.hasJob || seen.coming.some((other) => isBeside(other, pod));
  }
}

const isBeside = (one: string, other: string): boolean => namespaceOf(one) === namespaceOf(other);
const namespaceOf = (pod: string): string => pod.slice(0, pod.indexOf('/'));

import type { LinkChange, LinksSaid, Marks } from '../events/failover-event.ts';
import { observeMesh } from '../observe/mesh.ts';
import type { Queries } from '../observe/queries.ts';
import type { MeshStatus } from '../tools/cilium.ts';
import { now } from './now.ts';
import type { AskedPlace } from './places.ts';

/** What the agents of a region said of their links, at one moment. */
export interface Look {
  /** When they were asked, and when they had answered, or were not waited for any more. Milliseconds since 1970. */
  readonly asked: number;
  readonly at: number;
  readonly region: string;
  /** Undefined where they did not answer. */
  readonly mesh: MeshStatus | undefined;
}

/** Asks until it is ended. */
export interface Watch {
  /** @returns all that was said */
  end(): Promise<readonly Look[]>;
}

/** Seconds between two looks at a region: each is a program that asks every agent, on a machine that is busy with the measurement. */
const PAUSE = 4;

/** Milliseconds in which agents that can answer do, however busy the machine is. */
const ANSWER = 10_000;

/** Asks the agents of every region what they think of their links, again and again: their word, beside what clients see. */
export function watchLinks(queries: Queries, places: readonly Pick<AskedPlace, 'name' | 'target'>[]): Watch {
  const ended = new AbortController();
  const until = queries.until(ended.signal);
  const looks: Look[] = [];
  const watching = places.map(async ({ name, target }) => {
    while (!until.signal.aborted) {
      const asked = now();
      // a region that is frozen does not answer, and what is asked when the watch ends is stopped
      const mesh = await observeMesh(until, target).catch(() => undefined);
      looks.push({ asked, at: now(), region: name, mesh: mesh?.total === 0 ? undefined : mesh });
      await until.pause(PAUSE);
    }
  });
  return {
    async end() {
      ended.abort();
      await Promise.all(watching);
      return looks;
    },
  };
}

/** What the agents said otherwise than that they are connected, since the start of the fault. Pure. */
export function linksSaid(
  looks: readonly Look[],
  places: readonly Pick<AskedPlace, 'name' | 'links'>[],
  { fault, repair }: Marks,
): LinksSaid {
  const since = looks.filter(({ at }) => at >= fault.begin);
  const changes = places.flatMap(({ name, links }) =>
    links.flatMap((remote) =>
      changesOf(
        remote,
        since.filter(({ region }) => region === name),
      ),
    ),
  );
  // what they were asked before says nothing of it
  const asked = since.filter((look) => look.asked >= fault.begin);
  const of = (those: readonly Look[]): Set<string> => new Set(those.map(({ region }) => region));
  const heard = of(asked.filter(({ at, mesh }) => mesh !== undefined && at < repair.begin));
  const inTime = of(asked.filter((look) => look.asked < repair.begin - ANSWER));
  const names = places.map(({ name }) => name);
  return {
    changes: changes.toSorted((one, other) => one.at - other.at),
    heard: names.filter((name) => heard.has(name)),
    unheard: names.filter((name) => !heard.has(name) && inTime.has(name)),
    unasked: names.filter((name) => !heard.has(name) && !inTime.has(name)),
  };
}

function changesOf(remote: string, looks: readonly Look[]): LinkChange[] {
  let isWhole = true;
  let last = 0;
  return looks.flatMap(({ at, region, mesh }) => {
    if (mesh === undefined) return [];
    const { total } = mesh;
    const connected = mesh.connected[remote] ?? 0;
    if (isWhole ? connected >= total : connected === last) return [];
    [isWhole, last] = [connected >= total, connected];
    return [{ at, region, remote, connected, total }];
  });
}

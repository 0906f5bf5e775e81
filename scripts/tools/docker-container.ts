import { z } from 'zod';
import { readJson } from './json.ts';

export const kindClusterLabel = 'io.x-k8s.kind.cluster';
const kindRoleLabel = 'io.x-k8s.kind.role';

/** A container of a kind cluster. */
export interface KindContainer {
  readonly name: string;
  readonly cluster: string;
  /** kind's load balancer before several control planes is no Kubernetes node. */
  readonly isNode: boolean;
  /** A node that is no control plane: nothing else needs it to start. */
  readonly isWorker: boolean;
  /** `created` never started: its `docker run` was cut off. */
  readonly state: 'running' | 'created' | 'paused' | 'stopped';
  /** Seconds since it was started again, about; undefined where it runs since it was made, or not at all. */
  readonly restarted?: number;
  /** None while the engine is still making it: it copies the image's volumes first, gigabytes of a node's. */
  readonly networks: readonly string[];
}

const containerLine = z.object({
  Names: z.string(),
  Labels: z.string(),
  State: z.string(),
  Networks: z.string(),
  Status: z.string().default(''),
  CreatedAt: z.string().default(''),
});

/** `Up 25 seconds`, `Up About a minute`: in seconds; undefined for what is longer ago, or does not run. */
function upSeconds(status: string): number | undefined {
  const [, count = '', unit = ''] = /^Up (\d+|Less than a|About a) (second|minute)s?\b/.exec(status) ?? [];
  return unit === '' ? undefined : (Number.parseInt(count, 10) || 1) * (unit === 'minute' ? 60 : 1);
}

/**
 * Of a container that runs for a shorter time than it is there: kind makes and starts a node within seconds.
 * @param createdAt `2026-11-22 21:02:56 +0000 UTC`; where a zone has no letters, `… -0300 -03`
 */
function restartedAgo(status: string, createdAt: string, now: number): number | undefined {
  const up = upSeconds(status);
  const [day = '', time = '', zone = ''] = createdAt.split(' ');
  const age = (now - Date.parse(`${day}T${time}${zone}`)) / 1000;
  return up !== undefined && age - up > 120 ? up : undefined;
}

export function parseKindContainers(jsonLines: string, now = Date.now()): KindContainer[] | undefined {
  const lines = jsonLines.split('\n').filter((line) => line.trim() !== '');
  const containers = lines.flatMap((line) => readJson(containerLine, line) ?? []);
  if (containers.length < lines.length) return undefined;
  return containers.map(({ Names, Labels, State, Networks, Status, CreatedAt }) => {
    const labels = new Map(Labels.split(',').map((label) => label.split('=', 2) as [string, string]));
    const role = labels.get(kindRoleLabel);
    const restarted = restartedAgo(Status, CreatedAt, now);
    return {
      name: Names,
      cluster: labels.get(kindClusterLabel) ?? '',
      isNode: role !== 'external-load-balancer',
      isWorker: role === 'worker',
      state: State === 'running' || State === 'created' || State === 'paused' ? State : 'stopped',
      networks: Networks.split(',').filter((name) => name !== ''),
      ...(restarted !== undefined && { restarted }),
    };
  });
}

/** Where a container is, and since when it runs. */
export interface ContainerPlace {
  readonly name: string;
  /** When it was last started, in milliseconds since the epoch, by the engine's clock. */
  readonly startedAt: number;
  /** By docker network: its address, and whether it is its own for good. None while it is stopped, unless it is its own. */
  readonly addresses: ReadonlyMap<string, { readonly address: string; readonly isOwn: boolean }>;
}

const containersAnswer = z.array(
  z.object({
    Name: z.string(),
    State: z.object({ StartedAt: z.string() }),
    NetworkSettings: z.object({
      Networks: z.record(
        z.string(),
        z.object({ IPAddress: z.string(), IPAMConfig: z.object({ IPv4Address: z.string().optional() }).nullish() }),
      ),
    }),
  }),
);

export function parseContainers(json: string): ContainerPlace[] | undefined {
  return readJson(containersAnswer, json)?.map(({ Name, State, NetworkSettings }) => ({
    name: Name.replace(/^\//, ''),
    startedAt: Date.parse(State.StartedAt),
    addresses: new Map(
      Object.entries(NetworkSettings.Networks).flatMap(([network, { IPAddress, IPAMConfig }]) => {
        const own = IPAMConfig?.IPv4Address ?? '';
        const address = own === '' ? IPAddress : own;
        return address === '' ? [] : [[network, { address, isOwn: own !== '' }] as const];
      }),
    ),
  }));
}

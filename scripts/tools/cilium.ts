import { delimiter, join } from 'node:path';
import { z } from 'zod';
import type { Command } from './command.ts';
import { readJson } from './json.ts';
import type { KubeTarget } from './kubectl.ts';

/** The CLI knows its clusters by $KUBECONFIG alone (`--kubeconfig` came with v0.16.20), and needs both ends of a link in it. */
const cilium = (kubeconfigs: readonly string[], ...args: string[]): Command => ({
  program: 'cilium',
  args,
  env: { KUBECONFIG: kubeconfigs.join(delimiter) },
});

export const status = ({ context, kubeconfig }: KubeTarget, seconds: number): Command =>
  cilium([kubeconfig], 'status', '--context', context, '--wait', '--wait-duration', `${seconds}s`);

/** What is up now, for people. */
export const statusNow = ({ context, kubeconfig }: KubeTarget): Command =>
  cilium([kubeconfig], 'status', '--context', context);

const SYSDUMP = 'sysdump';

/** The file that `sysdump` makes in a folder. */
export const sysdumpZip = (place: string): string => join(place, `${SYSDUMP}.zip`);

/**
 * Packs what Cilium's maintainers ask for, without the agents' bugtool and logs.
 * @param place a folder for it, absolute: what is collected lies there too until it is packed, and stays where the CLI is killed
 */
export const sysdump = ({ context, kubeconfig }: KubeTarget, place: string): Command => {
  const command = cilium(
    [kubeconfig],
    ...['sysdump', '--context', context, '--quick', '--profiling=false', '--hubble-flows-count', '0'],
    ...['--output-filename', join(place, SYSDUMP)],
  );
  return { ...command, env: { ...command.env, TMPDIR: place } };
};

/** @param kvstoremesh asks for KVStoreMesh; otherwise CLIs before v0.16.12 turn it off, and later ones leave it as it is */
export const meshEnable = ({ context, kubeconfig }: KubeTarget, kvstoremesh = false): Command =>
  cilium(
    [kubeconfig],
    ...['clustermesh', 'enable', '--context', context, '--service-type', 'LoadBalancer'],
    ...(kvstoremesh ? ['--enable-kvstoremesh'] : []),
  );

export const meshStatus = ({ context, kubeconfig }: KubeTarget, seconds: number): Command =>
  cilium([kubeconfig], 'clustermesh', 'status', '--context', context, '--wait', '--wait-duration', `${seconds}s`);

/** Secret: the JSON holds `client_key`. */
export const meshStatusJson = ({ context, kubeconfig }: KubeTarget): Command => ({
  ...cilium([kubeconfig], 'clustermesh', 'status', '--context', context, '--output', 'json'),
  secret: true,
});

/** One with others, both ways; several others from v0.16.19, all at once from v0.16.20. */
export const meshConnect = (source: KubeTarget, destinations: readonly KubeTarget[]): Command =>
  cilium(
    [source, ...destinations].map(({ kubeconfig }) => kubeconfig),
    ...['clustermesh', 'connect', '--context', source.context],
    ...['--destination-context', destinations.map(({ context }) => context).join(',')],
    ...(destinations.length > 1 ? ['--parallel', String(destinations.length)] : []),
  );

/** All with all in one call (`--connection-mode mesh`, CLI v0.16.19; `--parallel`, v0.16.20). */
export const meshConnectAll = ([first, ...others]: readonly [KubeTarget, ...KubeTarget[]]): Command =>
  cilium(
    [first, ...others].map(({ kubeconfig }) => kubeconfig),
    ...['clustermesh', 'connect', '--context', first.context, '--connection-mode', 'mesh'],
    ...['--destination-context', others.map(({ context }) => context).join(',')],
    ...['--parallel', String(others.length + 1)],
  );

/** Names the images of the tests, by which they are asked for. */
export const connectivityTestHelp = (): Command => ({
  ...{ program: 'cilium', args: ['connectivity', 'test', '--help'], bulk: true },
});

export interface ConnectivityTest {
  readonly junit: string;
  /** Written into the JUnit file, to know later what was tested. */
  readonly properties: Readonly<Record<string, string>>;
  /** Patterns over `test/scenario`; empty: all. */
  readonly only: readonly string[];
}

export const connectivityTest = (
  source: KubeTarget,
  remote: KubeTarget,
  { junit, properties, only }: ConnectivityTest,
): Command =>
  cilium(
    [source.kubeconfig, remote.kubeconfig],
    ...['connectivity', 'test', '--context', source.context, '--multi-cluster', remote.context, '--junit-file', junit],
    ...Object.entries(properties).flatMap(([name, value]) => ['--junit-property', `${name}=${value}`]),
    ...only.flatMap((pattern) => ['--test', pattern]),
  );

/** Namespaces that `connectivity test` leaves behind: from v0.16 they are numbered, v0.19 makes three. */
export const testNamespaces = ['cilium-test', 'cilium-test-1', 'cilium-test-ccnp1', 'cilium-test-ccnp2'] as const;

/** What one region's agents know of the mesh. */
export interface MeshStatus {
  /** Address of the ClusterMesh API server; undefined until the Service has one. */
  readonly address: string | undefined;
  /** Agents of this region. */
  readonly total: number;
  /** By remote region: how many of the agents are connected to it. */
  readonly connected: Readonly<Record<string, number>>;
}

const statusAnswer = z.object({
  access_information: z.object({ service_ips: z.array(z.string()).nullish() }).nullish(),
  connectivity: z
    .object({
      total: z.number().optional(),
      clusters: z.record(z.string(), z.object({ connected: z.number().optional() })).nullish(),
    })
    .nullish(),
});

/** Go leaves out what is zero. The JSON stands behind lines of text on the same stream (facts of a real run, CLI v0.15 and v0.16). */
export function parseMeshStatus(stdout: string): MeshStatus | undefined {
  const start = stdout.search(/^\{/m);
  const status = start < 0 ? undefined : readJson(statusAnswer, stdout.slice(start));
  if (status === undefined) return undefined;
  const clusters = Object.entries(status.connectivity?.clusters ?? {});
  return {
    address: status.access_information?.service_ips?.[0],
    total: status.connectivity?.total ?? 0,
    // without a prototype: a region may be called `constructor`
    connected: Object.assign(
      Object.create(null) as Record<string, number>,
      Object.fromEntries(clusters.map(([name, { connected }]) => [name, connected ?? 0])),
    ),
  };
}

/** Tests that really ran: with a pattern that matches nothing the CLI says `All 0 tests (0 actions) successful` and exits 0. */
export function parseTestCount(stdout: string): number {
  return Number(/All (\d+) tests? \(\d+ actions?\) successful/.exec(stdout)?.[1] ?? 0);
}

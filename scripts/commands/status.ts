import type { Lab, Region } from '../../lab/lab.ts';
import { exportLine } from './access.ts';
import { exitCode } from '../events/errors.ts';
import { observe } from '../observe/observe.ts';
import type { Observed, ObservedRegion } from '../observe/observed.ts';
import { networkOwnership } from '../observe/owned.ts';
import type { CommonOptions } from './options.ts';
import { type Io, printJson, useColour } from './program.ts';
import { makeStyle, type Style, table } from '../events/reporters/text.ts';
import { checkStateFolder } from '../files/state-folder.ts';
import { openSession } from './session.ts';

/** One region as `status` shows it. */
export interface RegionStatus {
  readonly region: string;
  readonly state: 'absent' | 'unreachable' | 'not ours' | 'up';
  readonly nodesReady: number;
  readonly nodes: number;
  /** `up`, `not installed`, or what is not up. */
  readonly cilium: string;
  readonly hubbleUi: string | undefined;
  readonly meshApiServer: string | undefined;
  /** By remote region: agents connected to it, such as `2/2`. */
  readonly links: Readonly<Record<string, string>>;
}

/** The one event of `status --output json`. */
export interface StatusEvent {
  readonly event: 'status';
  readonly lab: string;
  readonly regions: readonly RegionStatus[];
}

/** `npm run status`: the whole lab on one screen. */
export async function showStatus(options: CommonOptions, io: Io): Promise<number> {
  const session = openSession(options, io, false);
  const { lab, paths, queries } = session;
  await checkStateFolder({ ...session, signal: io.signal });
  const observed = await observe(queries, paths, lab);
  const regions = lab.regions.map((region) => regionStatus(region, lab, observed.regions.get(region.name)));
  if (options.output === 'json') {
    const event: StatusEvent = { event: 'status', lab: lab.name, regions };
    printJson(io, event);
    return exitCode.done;
  }
  const style = makeStyle(useColour(io, io.stdout));
  const living = lab.regions.filter(({ name }) => observed.regions.get(name)?.kubeconfig === true);
  const access = living.length === 0 ? [] : ['', exportLine(paths, living)];
  io.stdout.write(`${[networkLine(lab, observed), '', ...statusLines(regions, style), ...access].join('\n')}\n`);
  return exitCode.done;
}

export function regionStatus(region: Region, lab: Lab, seen: ObservedRegion | undefined): RegionStatus {
  const cluster = seen?.cluster;
  const { mesh } = cluster ?? {};
  const others = lab.regions.filter(({ name }) => name !== region.name);
  return {
    region: region.name,
    state: stateOf(seen),
    nodesReady: cluster?.readyNodes.length ?? 0,
    nodes: region.nodes.length,
    cilium: ciliumState(seen),
    hubbleUi: cluster?.hubbleUi,
    meshApiServer: mesh?.address,
    links:
      mesh === undefined
        ? {}
        : Object.fromEntries(others.map(({ name }) => [name, `${mesh.connected[name] ?? 0}/${mesh.total}`])),
  };
}

function ciliumState(seen: ObservedRegion | undefined): string {
  const { release, ciliumNotReady = [] } = seen?.cluster ?? {};
  if (release === undefined) return '-';
  return ciliumNotReady.length === 0 ? release.chart.replace('cilium-', '') : ciliumNotReady.join(', ');
}

function stateOf(seen: ObservedRegion | undefined): RegionStatus['state'] {
  if (seen?.ownership === undefined) return 'absent';
  if (seen.ownership !== 'ours') return 'not ours';
  return seen.cluster === undefined ? 'unreachable' : 'up';
}

function networkLine(lab: Lab, observed: Observed): string {
  const living = observed.networks.find(({ name }) => name === lab.network.name);
  const ownership = living && networkOwnership(lab, observed, living);
  const state =
    ownership === 'ours' ? living?.subnets.join(', ') : ownership === undefined ? 'not there' : `is ${ownership}`;
  return `${lab.name}: docker network ${lab.network.name} ${state ?? ''}`;
}

export function statusLines(regions: readonly RegionStatus[], style: Style): string[] {
  const header = ['region', 'nodes', 'cilium', 'hubble ui', 'mesh api server'];
  const rows = regions.map(({ region, state, nodesReady, nodes, cilium, hubbleUi, meshApiServer }) =>
    state === 'up'
      ? [region, `${nodesReady}/${nodes}`, cilium, hubbleUi ?? '-', meshApiServer ?? '-']
      : [region, state],
  );
  const [head = '', ...body] = table([header, ...rows]);
  return [style.bold(head), ...body, ...(regions.length < 2 ? [] : ['', ...matrix(regions, style)])];
}

/** Rows look at columns: how many of the row's agents are connected to the column's region. */
function matrix(regions: readonly RegionStatus[], style: Style): string[] {
  const names = regions.map(({ region }) => region);
  const rows = regions.map(({ region, links }) => [
    region,
    ...names.map((remote) => (remote === region ? '·' : (links[remote] ?? '-'))),
  ]);
  const [head = '', ...body] = table([['connected to', ...names], ...rows]);
  return [style.bold(head), ...body];
}

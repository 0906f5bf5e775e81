import { existsSync } from 'node:fs';
import { listed } from '../../lab/listed.ts';
import type { Lab, Region } from '../../lab/lab.ts';
import { degradationLines } from '../events/reporters/degraded.ts';
import { exportLine, warningLines } from '../events/reporters/lines.ts';
import { exitCode } from '../events/errors.ts';
import { isWhole } from '../events/links.ts';
import type { RegionStatus } from '../events/status-event.ts';
import { observeDegraded } from '../observe/degraded.ts';
import { missingLinks } from '../observe/mesh.ts';
import { observe } from '../observe/observe.ts';
import { isAsleep, type Observed, type ObservedRegion } from '../observe/observed.ts';
import { networkOwnership, outOfSight } from '../observe/owned.ts';
import { leftFaultText } from '../files/left-fault.ts';
import { checkStateFolder } from '../files/state-folder.ts';
import type { StatusOptions } from './options.ts';
import { columnsOf, printJson, styleOf, tellBeside } from './output.ts';
import type { Io } from './io.ts';
import { type Style, table } from '../events/reporters/text.ts';
import { openSession } from './session.ts';

/** `npm run status`: the whole lab on one screen. With `--check`, the exit code says whether all is well. */
export async function showStatus(options: StatusOptions, io: Io): Promise<number> {
  const session = openSession(options, io, false, tellBeside(options.output, io));
  const { lab, paths, queries } = session;
  await checkStateFolder({ ...session, signal: io.signal });
  const observed = await observe(session);
  const degraded = await observeDegraded(queries, paths, lab, observed.regions);
  const regions = lab.regions.map((region) => regionStatus(region, lab, observed.regions.get(region.name)));
  const unwell = regions.filter(({ ok }) => !ok).map(({ region }) => region);
  const code = options.check === true && unwell.length > 0 ? exitCode.failed : exitCode.done;
  const left = leftFaultText(paths);
  const lost =
    outOfSight(lab, observed, observed.engine.id) === undefined
      ? undefined
      : `${paths.show(paths.state)} tells of a lab that is not where lab.yaml and Docker point to; deploy says more`;
  const warnings = [lost, left].filter((message) => message !== undefined);
  if (options.output === 'json') {
    for (const message of warnings) printJson(io, { event: 'warning', message });
    printJson(io, { event: 'status', lab: lab.name, regions, ...(degraded && { degraded }) });
    return code;
  }
  const style = styleOf(io, io.stdout);
  const living = lab.regions.filter(({ name }) => isReachable(observed.regions.get(name)));
  const bin = existsSync(paths.bin) ? paths.bin : undefined;
  const access =
    living.length === 0
      ? []
      : [
          '',
          exportLine(
            living.map(({ name }) => paths.kubeconfig(name)),
            bin,
          ),
        ];
  const verdict = code === exitCode.done ? [] : ['', `${style.bad('✗')} not as it should be: ${unwell.join(', ')}`];
  const hasHubbleUi = lab.regions.some(({ hubbleUi }) => hubbleUi);
  const screen = statusLines(regions, style, { columns: columnsOf(io.stdout), hasHubbleUi });
  const { profile = '' } = degraded ?? {};
  const mend = paths.command('degrade', ...(lab.profiles.has(profile) ? ['on', profile] : ['off']));
  const head = [
    ...warnings.flatMap((message) => warningLines(message, style, columnsOf(io.stdout))),
    networkLine(lab, observed),
    ...(degraded === undefined ? [] : degradationLines(degraded, mend, style, columnsOf(io.stdout))),
  ];
  io.stdout.write(`${[...head, '', ...screen, ...access, ...verdict].join('\n')}\n`);
  return code;
}

/** Its kubeconfig leads to it. */
const isReachable = (seen: ObservedRegion | undefined): boolean =>
  seen?.kubeconfig === true && seen.ownership === 'ours';

export function regionStatus(region: Region, lab: Lab, seen: ObservedRegion | undefined): RegionStatus {
  const cluster = seen?.cluster;
  const { mesh } = cluster ?? {};
  const isUp = cluster?.release !== undefined && cluster.ciliumNotReady.length === 0;
  const isLinked = missingLinks(mesh, region.links).length === 0;
  return {
    region: region.name,
    ok: cluster?.readyNodes.length === region.nodes.length && isUp && isLinked,
    state: stateOf(seen),
    nodesReady: cluster?.readyNodes.length ?? 0,
    nodes: region.nodes.length,
    cilium: ciliumState(seen),
    hubbleUi: cluster?.hubbleUi,
    meshApiServer: mesh?.address,
    links: Object.fromEntries(
      region.links.map((name) => [name, mesh === undefined ? '-' : `${mesh.connected[name] ?? 0}/${mesh.total}`]),
    ),
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
  if (seen.creating) return 'half-built';
  // others of its nodes may run, and one of several control planes answers
  if (isAsleep(seen) && seen.cluster === undefined) return 'stopped';
  return seen.cluster === undefined ? 'unreachable' : 'up';
}

function networkLine(lab: Lab, observed: Observed): string {
  const living = observed.networks.find(({ name }) => name === lab.network.name);
  const ownership = living && networkOwnership(lab, observed, living);
  const state =
    ownership === 'ours' ? living?.subnets.join(', ') : ownership === undefined ? 'not there' : `is ${ownership}`;
  return `${lab.name}: docker network ${lab.network.name} ${state ?? ''}`;
}

/** Most regions whose links are shown each by each. */
const mostInMatrix = 12;

interface Screen {
  /** Of the terminal; undefined where there is none, and nothing needs to fit. */
  readonly columns?: number | undefined;
  /** @default true */
  readonly hasHubbleUi?: boolean;
}

export function statusLines(
  regions: readonly RegionStatus[],
  style: Style,
  { columns, hasHubbleUi = true }: Screen = {},
): string[] {
  const hubble = (cell: string): string[] => (hasHubbleUi ? [cell] : []);
  const header = ['region', 'nodes', 'cilium', ...hubble('hubble ui'), 'mesh api server'];
  const rows = regions.map(({ region, state, nodesReady, nodes, cilium, hubbleUi, meshApiServer }) =>
    state === 'up'
      ? [region, `${nodesReady}/${nodes}`, cilium, ...hubble(hubbleUi ?? '-'), meshApiServer ?? '-']
      : [region, state],
  );
  const bodies = [table([header, ...rows]), ...(regions.length < 2 ? [] : [linkLines(regions, columns)])];
  return bodies.flatMap(([head = '', ...body], index) => [...(index === 0 ? [] : ['']), style.bold(head), ...body]);
}

function linkLines(regions: readonly RegionStatus[], columns = Infinity): string[] {
  if (regions.length > mostInMatrix) return linkCounts(regions);
  const square = matrix(regions);
  return square.some(({ length }) => length > columns) ? linkCounts(regions) : square;
}

/** Rows look at columns: how many of the row's agents are connected to the column's region, where there is to be a link. */
function matrix(regions: readonly RegionStatus[]): string[] {
  const names = regions.map(({ region }) => region);
  const rows = regions.map(({ region, links }) => [region, ...names.map((remote) => links[remote] ?? '·')]);
  return table([['connected to', ...names], ...rows]);
}

/** One row a region: how many of its links all of its agents have, and the first that are missing. */
function linkCounts(regions: readonly RegionStatus[]): string[] {
  const rows = regions.map(({ region, state, links }) => {
    const remotes = Object.entries(links);
    const missing = remotes.flatMap(([name, link]) => (isWhole(link) ? [] : [`${name} ${link}`]));
    const named = state === 'up' ? listed(missing) : '';
    return [region, `${remotes.length - missing.length}/${remotes.length}`, named];
  });
  return table([['region', 'links', 'not connected'], ...rows]);
}

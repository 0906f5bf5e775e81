import type { Lab, Region } from '../../lab/lab.ts';
import type { RegionStatus } from '../events/status-event.ts';
import type { Live } from '../draw/live.ts';
import { drawLab } from '../draw/picture.ts';
import { isWhole } from '../events/links.ts';
import { nodesOf } from '../draw/wording.ts';
import { hasWork } from '../events/reporters/lines.ts';
import { type Html, markup } from './html.ts';
import type { Report, Seen } from './report.ts';
import { sign, scrolling, table } from './table.ts';

/** The lab as it is written, and as it was when the page was made. */
export function regions({ lab, seen, command }: Report): Html {
  return markup`<section aria-labelledby="regions"><h2 id="regions">Regions</h2>
${picture(lab, seen)}
${seen.unknown === undefined ? living(lab, seen) : markup`<p>${sign('warn')}What exists is not known: ${seen.unknown}</p>`}
${seen.warnings.map((text) => markup`<p>${sign('warn')}${text}</p>`)}
${differences(seen, command('deploy'))}
${addresses(lab)}
</section>`;
}

/** As an image of its own: its style sheet is not the page's. */
function picture(lab: Lab, { regions: all, unknown }: Seen): Html {
  const links = new Map(all.map((each) => [each.region, each.links]));
  const live: Live = {
    states: new Map(all.map(({ region, state, ok }) => [region, { word: state, ok }])),
    isLinked: (one, other) => isWhole(links.get(one)?.[other]) && isWhole(links.get(other)?.[one]),
  };
  const svg = drawLab(lab, unknown === undefined ? live : undefined);
  const source = `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`;
  const words = `The lab ${lab.name} by its address plan; the tables below say the same`;
  return scrolling('Picture of the lab', markup`<img class="picture" alt="${words}" src="${source}">`);
}

function living(lab: Lab, { regions: all }: Seen): Html {
  const names = lab.regions.map(({ name }) => name);
  const states = table(
    'State of the regions',
    ['region', 'state', 'nodes', 'cilium', 'hubble ui', 'mesh api server'],
    all.map((each) => [each.region, markup`${sign(each.ok ? 'ok' : 'bad')}${each.state}`, ...detailsOf(each)]),
  );
  if (names.length < 2) return states;
  return markup`${states}${table(
    'Links of the mesh',
    ['agents connected to', ...names],
    all.map(({ region, links }) => [region, ...names.map((name) => linkCell(links[name]))]),
  )}`;
}

const detailsOf = ({ state, nodesReady, nodes, cilium, hubbleUi, meshApiServer }: RegionStatus): string[] =>
  state === 'up' ? [`${nodesReady}/${nodes}`, cilium, hubbleUi ?? '-', meshApiServer ?? '-'] : ['', '', '', ''];

/** `2/2` */
function linkCell(link: string | undefined): Html {
  if (link === undefined) return sign('none');
  return markup`${sign(isWhole(link) ? 'ok' : 'bad')}${link}`;
}

/** What a deploy would do now. */
function differences({ planned }: Seen, deploy: string): Html | undefined {
  if (planned === undefined) return undefined;
  if (!hasWork([...planned]))
    return markup`<p>${sign('ok')}All is as lab.yaml says: a deploy would find nothing to do.</p>`;
  const rows = planned
    .filter(({ action, step }) => action === 'run' && step !== 'verify')
    .map(({ step, region = 'the lab', reason }) => [region, step, reason]);
  return markup`<p>${sign('warn')}Not all is as lab.yaml says. <code>${deploy}</code> would do this:</p>
${table('What a deploy would do', ['region', 'step', 'why'], rows)}`;
}

function addresses(lab: Lab): Html {
  const { network } = lab;
  const of = (region: Region): string[] => [
    ...[region.name, String(region.id), nodesOf(region), String(region.podSubnet), String(region.serviceSubnet)],
    ...[String(region.pool), region.links.join(', ') || 'none'],
  ];
  return markup`<details><summary>The address plan</summary>
${table(
  'The address plan',
  ['region', 'id', 'nodes', 'pods', 'services', 'LoadBalancer addresses', 'linked to'],
  lab.regions.map(of),
  `Docker network ${network.name}, ${String(network.subnet)}, nodes in ${String(network.nodeRange)}`,
)}</details>`;
}

import { counted, timeText } from '../events/reporters/text.ts';
import { shareText, spanText } from '../events/reporters/failover.ts';
import { triesOf } from '../events/reporters/verify.ts';
import { outcomeOf } from './deploy.ts';
import { signOf } from './failover.ts';
import { type Html, markup } from './html.ts';
import { readable } from './readable.ts';
import type { Report } from './report.ts';
import { type Sign, sign } from './table.ts';

/** One line of what the page comes to. */
interface Line {
  readonly sign: Sign;
  readonly text: string;
}

/** What the page comes to, the most important first. Pure. */
function verdictOf({ seen, leftFault, deploy, verified, failovers }: Report): Line[] {
  return [
    stateLine(seen),
    ...(leftFault === undefined
      ? []
      : [{ sign: 'bad', text: `A fault was left, or is under way: ${leftFault}` } as const]),
    ...known('the deploy', () => deployLines(deploy)),
    ...known('paths', () => pathLines(verified)),
    ...failovers.flatMap((event) => known(event.series, () => [faultLine(event)])),
  ];
}

/** Lines, or what keeps them from being told. */
const known = (what: string, lines: () => Line[]): Line[] =>
  readable(lines, () => [{ sign: 'warn', text: `What is on record of ${what} cannot be read` }]);

function stateLine({ unknown, regions }: Report['seen']): Line {
  if (unknown !== undefined) return { sign: 'warn', text: 'What exists was not looked at, or could not be' };
  const unwell = regions.filter(({ ok }) => !ok).map(({ region, state }) => `${region} (${state})`);
  if (unwell.length > 0) return { sign: 'bad', text: `Not as it should be: ${unwell.join(', ')}` };
  return { sign: 'ok', text: `The mesh of ${counted(regions.length, 'region')} is up` };
}

function deployLines(deploy: Report['deploy']): Line[] {
  if (deploy === undefined) return [];
  const { isDone, words, failed } = outcomeOf(deploy);
  const where = failed.map(({ step, region }) => (region === undefined ? step : `${step} in ${region}`));
  const why = where.length === 0 ? '' : `: ${where.join(', ')}`;
  return [{ sign: isDone ? 'ok' : 'bad', text: `The deploy of ${timeText(deploy[0]?.time ?? 0)}: ${words}${why}` }];
}

function pathLines(verified: Report['verified']): Line[] {
  if (verified === undefined) return [];
  const { asked, ok } = triesOf(verified.event);
  const isOk = verified.event.ok;
  return [{ sign: isOk ? 'ok' : 'bad', text: `${ok} of ${asked} paths between the regions as they should be` }];
}

function faultLine(event: Report['failovers'][number]): Line {
  const all = event.runs.flatMap((run) => (run.void === undefined ? [run.all] : []));
  if (all.length === 0) return { sign: 'bad', text: `${event.series}: nothing of it is to be believed` };
  const [sent, answered] = [sum(all.map((each) => each.sent)), sum(all.map((each) => each.answered))];
  const [unknown, gap] = [sum(all.map((each) => each.unknown)), Math.max(...all.map(({ longestGap }) => longestGap))];
  const lost =
    sent === answered
      ? 'no request was lost'
      : `${sent - answered} of ${sent} requests were lost (${shareText(sent - answered, sent)})`;
  const longest = gap === 0 ? '' : `, longest gap ${spanText(gap)}`;
  const more = unknown === 0 ? '' : `; of ${unknown} more nothing is known`;
  return { sign: signOf(event), text: `${event.series}: ${lost}${longest}${more}` };
}

const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);

/** The verdict, and the figures that people ask for first. */
export function head(report: Report): Html {
  const { lab, made, deploy, machine } = report;
  const { kubernetes, cilium, metallb, kind } = lab.stack.versions;
  const words =
    deploy === undefined
      ? 'none on record'
      : readable(
          () => outcomeOf(deploy).words,
          () => 'not known',
        );
  const balancer = lab.loadBalancer === 'metallb' ? `MetalLB ${metallb}` : 'LB-IPAM';
  const links = sum(lab.regions.map((region) => region.links.length)) / 2;
  const tiles: readonly (readonly [name: string, value: string, more: string])[] = [
    ['Regions', String(lab.regions.length), counted(links, 'mesh link')],
    ['Nodes', String(sum(lab.regions.map(({ nodes }) => nodes.length))), `kind ${kind}`],
    ['Cilium', cilium, `Kubernetes ${kubernetes}, ${balancer}`],
    ['Deploy', words.replace(/^done in /, ''), deploy === undefined ? '' : timeText(deploy[0]?.time ?? 0)],
    ['Machine', counted(machine.cores, 'core'), `${(machine.memory / 2 ** 30).toFixed(0)} GiB, ${machine.system}`],
  ];
  return markup`<header><h1>${lab.name}</h1>
<p class="muted">A multi-cluster Kubernetes lab, as of ${timeText(made)}</p>
<ul class="verdict">${verdictOf(report).map(
    ({ sign: which, text }) => markup`<li>${sign(which)}${text}</li>
`,
  )}</ul>
<dl class="tiles">${tiles.map(
    ([name, value, more]) => markup`<div><dt>${name}</dt><dd>${value}<small>${more}</small></dd></div>
`,
  )}</dl></header>`;
}

/** How it was made, and is made again. */
export function foot({ lab, machine, command }: Report): Html {
  const { system, cores, memory, load } = machine;
  return markup`<section aria-labelledby="again"><h2 id="again">How to make it again</h2>
<pre>${[command('deploy'), command('verify'), command('failover', '--all'), command('report')].join('\n')}</pre>
<p class="muted">Made on ${system}, ${counted(cores, 'core')}, ${(memory / 2 ** 30).toFixed(0)} GiB, load ${load.map((each) => each.toFixed(1)).join(' ')}; stack ${lab.stack.name}. Its figures stand in it as JSON, in the element <code>data</code>; every request of a failover is kept as CSV under <code>.lab/${lab.name}/failover/</code>.</p>
</section>`;
}

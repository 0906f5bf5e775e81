import { markLine } from '../../lab/own-place.ts';
import { deploy } from './deploy.ts';
import { failover } from './failover.ts';
import { type Html, json, markup, raw } from './html.ts';
import { readable } from './readable.ts';
import { regions } from './regions.ts';
import type { Report } from './report.ts';
import { STYLE } from './style.ts';
import { sign } from './table.ts';
import { foot, head } from './verdict.ts';
import { verified } from './verified.ts';

/** Paper shows what is folded on a screen. */
const SCRIPT = `
const all = () => document.querySelectorAll('details');
let folded = [];
addEventListener('beforeprint', () => { folded = [...all()].filter((each) => !each.open); for (const each of folded) each.open = true; });
addEventListener('afterprint', () => { for (const each of folded) each.open = false; });
const unfold = () => { const target = document.getElementById(location.hash.slice(1)); if (target?.localName === 'details') target.open = true; };
addEventListener('hashchange', unfold);
unfold();
`;

/**
 * The report as one HTML page that needs nothing else: no network, and no JavaScript but for folding. The same report gives the
 * same page, byte for byte. Pure.
 */
export function page(report: Report): string {
  const { lab } = report;
  const names = lab.regions.map(({ name }) => name);
  const content = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:";
  return `<!doctype html>
${markLine('page')}
${String(markup`<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="${content}">
<title>${lab.name}: a multi-cluster Kubernetes lab</title>
<style>
${raw(STYLE)}
</style>
</head>
<body>
<main>
${head(report)}
${regions(report)}
${section('paths', () => verified(report.verified, report.command('verify')))}
${section('failovers', () => failover(report))}
${section('the deploy', () => deploy(report.deploy, names))}
${foot(report)}
</main>
<script type="application/json" id="data">${json(dataOf(report))}</script>
<script>${raw(SCRIPT)}</script>
</body>
</html>`)}
`;
}

/** A section, or what keeps it from being told. */
const section = (what: string, render: () => Html): Html =>
  readable(render, (why) => markup`<p>${sign('warn')}What is on record of ${what} cannot be read: ${why}</p>`);

/** For programs: what the page tells, but for single requests, which lie beside it as CSV. */
function dataOf({ lab, made, machine, seen, deploy: run, verified: paths, failovers }: Report): unknown {
  return {
    ...{ lab: lab.name, stack: lab.stack.name, versions: lab.stack.versions, made, machine, seen },
    regions: lab.regions.map(({ name, id, nodes, podSubnet, serviceSubnet, pool, links }) => ({
      ...{ name, id, nodes, links },
      ...{ podSubnet: String(podSubnet), serviceSubnet: String(serviceSubnet), pool: String(pool) },
    })),
    deploy: run?.filter(({ event }) => event !== 'log'),
    verified: paths,
    failovers,
  };
}

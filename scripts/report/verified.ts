import { duration, timeText } from '../events/reporters/text.ts';
import { cellOf, triesOf, wayText } from '../events/reporters/verify.ts';
import type { PathFailure } from '../events/verify-event.ts';
import type { Verified } from '../files/verified.ts';
import { type Html, markup } from './html.ts';
import { sign, table } from './table.ts';

/** Every path between the regions, as it was last tried. */
export function verified(last: Verified | undefined, verify: string): Html {
  return markup`<section aria-labelledby="paths"><h2 id="paths">Paths between the regions</h2>
${last === undefined ? markup`<p>Not tried yet: <code>${verify}</code></p>` : matrix(last)}
</section>`;
}

function matrix({ time, event }: Verified): Html {
  const { pairs, failures, missing, seconds } = event;
  const names = [...new Set(pairs.map(({ from }) => from))];
  const { asked, ok } = triesOf(event);
  const rows = names.map((name) => [
    name,
    ...pairs
      .filter(({ from }) => from === name)
      .map((pair) => markup`<span class="${pair.ok ? (pair.linked ? 'ok' : 'muted') : 'bad'}">${cellOf(pair)}</span>`),
  ]);
  return markup`${table(
    'Who reaches whom',
    ['from \\ to', ...names],
    rows,
    `${timeText(time)}: ${ok} of ${asked} tries as they should be, in ${duration(seconds)}. Each cell: pods, full-size packets, services, names and LoadBalancer addresses, or that the way is shut; the time is that of a pod's answer.`,
  )}
${missing.map((node) => markup`<p>${sign('bad')}No probe was ready on ${node}: nothing was asked from there.</p>`)}
${failures.map((failure, index) => told(failure, index + 1))}`;
}

const told = (failure: PathFailure, number: number): Html => {
  const { cause, ways, count, expected, seen, fromNode, toNode, look } = failure;
  return markup`<h3>${sign('bad')}${cause}</h3>
${table(
  `Failure ${number}`,
  ['of it', 'what'],
  [
    ['paths', `${wayText(ways)} (${count === 1 ? 'once' : `${count} times`})`],
    ['expected', expected],
    ['seen', `${seen}, from ${fromNode}${toNode === undefined ? '' : ` to ${toNode}`}`],
    ['look', markup`<code>${look}</code>`],
  ],
)}`;
};

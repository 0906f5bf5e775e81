import type { FinishedEvent } from '../events/events.ts';
import { duration, timeText } from '../events/reporters/text.ts';
import type { RecordedEvent } from '../files/run-record.ts';
import { type Html, markup } from './html.ts';
import { scrolling, sign, table } from './table.ts';
import { anchorOf, type Bar, barsOf, timeline, wordsOf } from './timeline.ts';

/** How a run came out. */
export interface Outcome {
  readonly isDone: boolean;
  /** `done in 3 min 2 s` */
  readonly words: string;
  readonly failed: readonly Bar[];
}

export function outcomeOf(events: readonly RecordedEvent[]): Outcome {
  const failed = barsOf(events).filter(({ outcome }) => outcome === 'failed');
  const finished = events.find((event): event is RecordedEvent & FinishedEvent => event.event === 'finished');
  if (finished === undefined) return { isDone: false, words: 'did not come to its end, or is under way', failed };
  const isDone = finished.outcome === 'done';
  return { isDone, words: `${isDone ? 'done' : 'not done'} in ${duration(finished.at)}`, failed };
}

/** The newest run that had something to do, step by step. */
export function deploy(events: readonly RecordedEvent[] | undefined, regionNames: readonly string[]): Html {
  if (events === undefined)
    return markup`<section aria-labelledby="deploy"><h2 id="deploy">Deploy</h2><p>No deploy of this lab is on record.</p></section>`;
  const bars = barsOf(events);
  const command = events.find((event) => event.event === 'command');
  const ran = new Set(bars.map(({ step, region }) => `${region ?? ''}/${step}`));
  // a second plan skips what the first has done
  const planned = events.findLast((event) => event.event === 'planned')?.steps ?? [];
  const skipped = planned.filter(
    ({ action, step, region }) => action === 'skip' && !ran.has(`${region ?? ''}/${step}`),
  );
  const { words } = outcomeOf(events);
  return markup`<section aria-labelledby="deploy"><h2 id="deploy">Deploy</h2>
<p><code>${command?.command ?? 'deploy'}</code>, ${timeText(events[0]?.time ?? 0)}: ${words}. Each bar is a step, and leads to its commands and what they said; a full one is on the critical path, which bounded the whole.</p>
${scrolling('Timeline of the deploy', timeline(bars, regionNames))}
${bars.map(told)}
${
  skipped.length > 0 &&
  markup`<details><summary>Skipped: ${skipped.length}</summary>
${table(
  'Skipped steps',
  ['region', 'step', 'why'],
  skipped.map(({ region = 'the lab', step, reason }) => [region, step, reason]),
)}</details>`
}
</section>`;
}

function told(bar: Bar): Html {
  const { outcome, reason, result, failure, log } = bar;
  const mark = sign(outcome === 'done' ? 'ok' : outcome === 'failed' ? 'bad' : 'warn');
  return markup`<details id="${anchorOf(bar)}"${outcome === 'failed' && markup` open`}><summary>${mark}${wordsOf(bar)}</summary>
<p>Why: ${reason}${result !== undefined && markup`; found: ${result}`}</p>
${
  failure !== undefined &&
  markup`<p class="bad">${failure.reason}</p>
${failure.cause !== undefined && markup`<p>Cause: ${failure.cause}</p>`}
<p>Remedy: ${failure.remedy}</p>
${failure.command !== undefined && markup`<pre>${failure.command}</pre>`}
${failure.lastLines.length > 0 && markup`<pre>${failure.lastLines.join('\n')}</pre>`}`
}
${log === undefined ? markup`<p class="muted">It called no program.</p>` : markup`<pre>${log.trimEnd()}</pre>`}
</details>
`;
}

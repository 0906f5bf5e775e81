import type { FailoverLimits } from '../../lab/failover.ts';
import type { BrokenLimit, ClientFigures, FailoverRun } from '../events/failover-event.ts';

/** The limits that are not kept. Pure. */
export function brokenLimits(runs: readonly FailoverRun[], limits: FailoverLimits): BrokenLimit[] {
  return runs.flatMap(({ clients }, index) =>
    clients.flatMap((figures) =>
      brokenBy(figures, limits).map((what) => ({ run: index + 1, client: figures.client, what })),
    ),
  );
}

function brokenBy({ longestGap, sent, answered }: ClientFigures, { maxGap, maxFailed }: FailoverLimits): string[] {
  const failed = sent === 0 ? 0 : (100 * (sent - answered)) / sent;
  return [
    ...(maxGap !== undefined && longestGap > maxGap
      ? [`${beyond(longestGap, maxGap, 0)} ms without an answer, more than ${maxGap} ms`]
      : []),
    ...(maxFailed !== undefined && failed > maxFailed
      ? [`${beyond(failed, maxFailed, 2)} % of the requests failed, more than ${maxFailed} %`]
      : []),
  ];
}

/** A figure beyond a limit, with as many decimals as show that it is. */
function beyond(value: number, limit: number, decimals: number): string {
  const text = value.toFixed(decimals);
  return Number(text) > limit || decimals > 9 ? text : beyond(value, limit, decimals + 1);
}

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
      ? [`${Math.round(longestGap)} ms without an answer, more than ${maxGap} ms`]
      : []),
    ...(maxFailed !== undefined && failed > maxFailed
      ? [`${failed.toFixed(2)} % of the requests failed, more than ${maxFailed} %`]
      : []),
  ];
}

import type { DriverEvent } from '../../../../scripts/events/events.ts';
import { makeStyle } from '../../../../scripts/events/reporters/text.ts';

/** Text without colours. */
export const plain = makeStyle(false);

/** A path as told from the lab's folder. */
export const show = (path: string): string => path.replace('/home/me/lab/', '');

export const started: DriverEvent = {
  event: 'started',
  lab: 'clustermesh-lab',
  regions: ['region-athens', 'region-hurup'],
  stack: 'article',
};

export const failed: Extract<DriverEvent, { event: 'step-failed' }> = {
  event: 'step-failed',
  at: 42,
  step: 'cluster',
  region: 'region-athens',
  seconds: 41,
  failure: {
    reason: 'exit code 1',
    command: 'kind create cluster --name region-athens',
    lastLines: ['Creating cluster "region-athens" ...', 'ERROR: failed to lock config file'],
    log: '/home/me/lab/.lab/clustermesh-lab/logs/region-athens-cluster.log',
    code: 'kubeconfig-lock',
    cause: 'a kind that was killed has left its lock',
    remedy: 'deploy again',
  },
};

/** Two regions, from nothing: the second one bounds it. */
export const finished: Extract<DriverEvent, { event: 'finished' }> = {
  event: 'finished',
  at: 280,
  outcome: 'done',
  ran: 6,
  skipped: 2,
  timings: [
    { id: 'network', step: 'network', from: 0, to: 0.4 },
    { id: 'region-athens/cluster', step: 'cluster', region: 'region-athens', from: 0.4, to: 40.4 },
    { id: 'region-hurup/cluster', step: 'cluster', region: 'region-hurup', from: 0.4, to: 51.4 },
    { id: 'region-athens/cilium', step: 'cilium', region: 'region-athens', from: 40.4, to: 43.4 },
    { id: 'region-hurup/cilium', step: 'cilium', region: 'region-hurup', from: 51.4, to: 54.4 },
    { id: 'connect', step: 'connect', from: 200, to: 280 },
  ],
  criticalPath: ['network', 'region-hurup/cluster', 'region-hurup/cilium', 'connect'],
};

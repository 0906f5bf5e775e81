import type { Region } from '../../lab/lab.ts';
import { stopContainers } from '../tools/docker.ts';
import { type Decision, type RegionSituation, type RegionStep, run, skip, type Work } from './step.ts';

/** Seconds for systemd in a node to end what runs there: it takes the kubelet's pods down too. */
const PATIENCE = 30;

/** Stops the nodes of a region, those first that the others do not need. */
export const stop = {
  name: 'stop',
  title: 'stop the nodes',
  scope: 'region',
  after: [],
  takes: 'nothing',
  decide({ seen: { containers, ownership, creating } }: Pick<RegionSituation, 'seen'>): Decision {
    if (ownership !== 'ours') return skip('not there');
    const awake = containers.filter(({ state }) => state === 'running' || state === 'paused');
    // a deploy makes that anew
    const half = creating ? ', and its creation was cut off' : '';
    return awake.length === 0
      ? skip(`stopped${half}`)
      : run(`${awake.length} of ${containers.length} containers run${half}`);
  },
  async run(work: Work, region: Region): Promise<void> {
    const containers = work.observed.regions.get(region.name)?.containers ?? [];
    // the command itself ends with --timeout, and is to have done its work by then
    const patience = Math.min(PATIENCE, Math.ceil(work.timeoutSeconds / 2));
    const awake = containers.filter(({ state }) => state === 'running' || state === 'paused');
    for (const isWorker of [true, false]) {
      const names = awake.filter((container) => container.isWorker === isWorker).map(({ name }) => name);
      if (names.length > 0) await work.run(stopContainers(names, patience));
    }
  },
} satisfies RegionStep;

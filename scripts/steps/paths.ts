import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { FindingsError } from '../events/errors.ts';
import { keepVerified } from '../files/verified.ts';
import { junit } from '../events/reporters/junit.ts';
import { meshState } from '../observe/tested.ts';
import { openAfterChange } from '../probes/patience.ts';
import { verifyEvent, wrongIn } from '../probes/report.ts';
import { bringProbes, type ProbeMeans, takeProbes, tryPaths } from '../probes/try-paths.ts';
import { type LabStep, run, skip, type Work } from './step.ts';

/** Every path between the regions, once: a mesh that says it is connected may carry nothing. */
export const paths: LabStep = {
  name: 'paths',
  title: 'try every path between the regions',
  waitsForPods: true,
  scope: 'lab',
  after: ['load', 'connect'],
  decide({ tried, runs }) {
    const before = (['upgrade', 'cilium', 'metallb', 'pool', 'enable', 'connect'] as const).find((step) => runs(step));
    if (before !== undefined) return run(`${before} runs before`);
    return tried ? skip('tried, and nothing changed since') : run('not tried since the last change');
  },
  async run(work) {
    const { lab, regions } = work;
    const start = performance.now();
    const file = work.paths.junitOfPaths;
    const means = meansOf(work);
    const patience = { up: work.timeoutSeconds, open: openAfterChange(lab.stack.versions.cilium) };
    const properties = await meshState(work.queries, work.paths, lab, regions);
    await bringProbes(means, regions, patience);
    try {
      const event = verifyEvent(lab, regions, await tryPaths(means, regions, patience), start);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, junit(event, event.ok ? properties : {}));
      keepVerified(work.paths, event);
      if (event.ok) return;
      throw new FindingsError('not every path between the regions is as it should be', wrongIn(event));
    } finally {
      await takeProbes(means, regions);
    }
  },
};

/** The means of the probes, as a step has them. */
export const meansOf = (work: Work): ProbeMeans => ({
  loadBalancer: work.lab.loadBalancer,
  paths: work.paths,
  queries: work.queries,
  attempt: (command) => work.attempt(command),
  farewell: (command) => work.farewell(command),
  pause: (seconds) => work.pause(seconds),
  progress: (text) => {
    work.progress(text);
  },
});

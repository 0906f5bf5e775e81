import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { FindingsError } from '../events/errors.ts';
import { keepVerified } from '../files/verified.ts';
import { junit } from '../events/reporters/junit.ts';
import { meshState } from '../observe/tested.ts';
import { openAfterChange } from '../probes/patience.ts';
import { verifyEvent, wrongIn } from '../probes/report.ts';
import { bringProbes, type ProbeMeans, takeProbes, type Tried, tryPaths } from '../probes/try-paths.ts';
import { namespace } from '../tools/helm.ts';
import { restart, rolloutStatus } from '../tools/kubectl.ts';
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
    const properties = await meshState(work.queries, work.paths, lab, regions);
    await bringProbes(means, regions, { up: work.timeoutSeconds });
    try {
      const tried = await tryOrRedial(work, means);
      const event = verifyEvent(lab, regions, tried.last, start);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, junit(event, event.ok ? properties : {}));
      keepVerified(work.paths, event);
      const again = tried.redialled.map((name) => `the agents of ${name} were not connected, and were restarted`);
      if (again.length > 0) work.found(again.join('; '));
      if (event.ok) return;
      throw new FindingsError('not every path between the regions is as it should be', [...wrongIn(event), ...again]);
    } finally {
      await takeProbes(means, regions);
    }
  },
};

/** Milliseconds in which agents have connected, where they do at all. */
const DIALLED = 90_000;

/**
 * Tries all paths. Agents that are not connected then are restarted, once: a first connection may be stuck (cilium/cilium#45417), and
 * after a change of the CA one was seen to stay so.
 */
async function tryOrRedial(work: Work, means: ProbeMeans): Promise<{ last: Tried; redialled: readonly string[] }> {
  const { lab, regions, paths: places, timeoutSeconds: up } = work;
  const open = openAfterChange(lab.stack.versions.cilium);
  const first = await tryPaths(means, regions, { up, open: Math.min(open, DIALLED, up * 1000) });
  const mute = new Set(first.failures.flatMap(({ redial }) => redial ?? []));
  if (first.failures.length === 0 || (mute.size === 0 && open <= DIALLED)) return { last: first, redialled: [] };
  for (const region of regions.filter(({ name }) => mute.has(name))) {
    work.progress(`the agents of ${region.name} are not connected: they are restarted, once`);
    const target = places.target(region);
    await work.run(restart(target, namespace, 'daemonset/cilium'));
    await work.run(rolloutStatus(target, namespace, 'daemonset/cilium', work.patienceSeconds));
  }
  return { last: await tryPaths(means, regions, { up, open }), redialled: [...mute] };
}

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

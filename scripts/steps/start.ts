import { existsSync, mkdirSync, rmSync } from 'node:fs';
import type { Region } from '../../lab/lab.ts';
import { nodeNames } from '../../lab/nodes.ts';
import { readText } from '../../lab/text-file.ts';
import { FindingsError } from '../events/errors.ts';
import { isReadyNode } from '../observe/cluster.ts';
import { placesOf } from '../observe/places.ts';
import { isAsleep } from '../observe/observed.ts';
import { observeMesh } from '../observe/mesh.ts';
import { notReady, workloadsOf } from '../observe/workloads.ts';
import { startContainers, unpauseContainers } from '../tools/docker.ts';
import { status } from '../tools/cilium.ts';
import { CommandError } from '../tools/command-error.ts';
import { getReleases, namespace, parseReleases } from '../tools/helm.ts';
import { exportKubeconfig } from '../tools/kind.ts';
import { get, getAll, getNodesAndLeases, type KubeObject, parseObjects } from '../tools/kubectl.ts';
import { type Decision, type RegionSituation, type RegionStep, run, skip, waitAgain, type Work } from './step.ts';
import { waitFor, WaitError, waitingFor } from './wait.ts';

/** Starts the nodes of a region that were stopped or paused, and waits until what was up before is up again. */
export const start = {
  name: 'start',
  title: 'start the nodes again',
  scope: 'region',
  after: [],
  takes: 'nothing',
  decide({ seen }: Pick<RegionSituation, 'seen'>): Decision {
    if (seen.ownership !== 'ours') return skip('not there');
    // deploy makes it anew
    if (seen.creating) return skip('its creation was cut off');
    const { containers } = seen;
    const still = containers.filter(({ state }) => state !== 'running').length;
    return still > 0
      ? run(`${still} of ${containers.length} containers do not run`)
      : waitAgain('its nodes run: waits until all of it is up');
  },
  async run(work: Work, region: Region): Promise<void> {
    const containers = work.observed.regions.get(region.name)?.containers ?? [];
    const paused = containers.filter(({ state }) => state === 'paused').map(({ name }) => name);
    const stopped = containers.filter(({ state }) => state !== 'paused' && state !== 'running');
    if (paused.length > 0) await work.run(unpauseContainers(paused));
    // workers look for their control plane by its name, which Docker knows once it runs
    const first = stopped.filter(({ isWorker }) => !isWorker).map(({ name }) => name);
    const workers = stopped.filter(({ isWorker }) => isWorker).map(({ name }) => name);
    for (const names of [first, workers]) if (names.length > 0) await work.run(startContainers(names));
  },
  wait: untilUp,
} satisfies RegionStep;

/** As `start`, before a deploy that may have to put right what does not come up: that is left to its steps after a while. */
export const wake = {
  ...start,
  async wait(work: Work, region: Region): Promise<void> {
    const most = Math.min(work.timeoutSeconds, SETTLING);
    const hasty = { ...work, timeoutSeconds: most, patienceSeconds: Math.min(work.patienceSeconds, most) };
    try {
      await untilUp(hasty, region);
    } catch (error) {
      const isLate = error instanceof WaitError || (error instanceof CommandError && !work.signal.aborted);
      if (!isLate) throw error;
      work.found('not all of it is up yet');
    }
  },
} satisfies RegionStep;

async function untilUp(work: Work, region: Region): Promise<void> {
  // what was tried before proves nothing any more
  rmSync(work.paths.junitOfPaths, { force: true });
  const since = await startTimes(work, region);
  const target = work.paths.target(region);
  const { kubeconfig } = target;
  // lost with .lab/
  if (!existsSync(kubeconfig)) {
    mkdirSync(work.paths.kubeconfigs, { recursive: true });
    await work.run(exportKubeconfig({ name: region.name, kubeconfig }));
  }
  await waitForAnswer(work, region);
  const [release] = await work.queries.read(getReleases(target), parseReleases);
  if (release === undefined) {
    // without a network plugin no node is ever Ready
    work.found('it has no Cilium yet');
    return;
  }
  await waitForNodes(work, region, since);
  work.progress(waitingFor(work, 'Cilium'));
  await work.run(status(target, work.patienceSeconds));
  const settling = { ...work, timeoutSeconds: Math.min(work.timeoutSeconds, SETTLING) };
  await waitForMetalLb(settling, region);
  await waitForKnownLinks(settling, region);
}

/** Seconds for what was connected to connect again, and for all that a deploy waits for before it goes on. */
const SETTLING = 300;

/** Seconds for an API server to answer: on a busy machine it takes one or two minutes. */
const ANSWER = 300;

/** @throws FindingsError where it does not */
async function waitForAnswer(work: Work, region: Region): Promise<void> {
  const { name, apiServerHost } = region;
  const deadline = Date.now() + Math.min(ANSWER, work.timeoutSeconds) * 1000;
  await waitFor(work, `the API server of ${name}`, async () => {
    if ((await nodesAndLeases(work, region)) !== undefined) return undefined;
    if (Date.now() < deadline) return SILENT;
    const destroy = work.paths.command('destroy', '--region', name);
    const remedy = `docker logs ${apiServerHost}; if it does not come back: ${destroy}, then deploy again`;
    throw new FindingsError(`the API server of ${name} does not answer`, [], remedy);
  });
}

const SILENT = 'it does not answer yet';

async function waitForNodes(work: Work, region: Region, since: ReadonlyMap<string, number>): Promise<void> {
  await waitFor(work, `${region.name}'s nodes`, async () => {
    const objects = await nodesAndLeases(work, region);
    if (objects === undefined) return SILENT;
    const lost = namesOf(objects, 'Node').filter((node) => !since.has(node));
    if (lost.length > 0) throw lostNodes(work, region, lost);
    return missingNodes(objects, since);
  });
}

/** As the API server tells them; undefined where it does not answer. */
async function nodesAndLeases({ queries, paths }: Work, region: Region): Promise<readonly KubeObject[] | undefined> {
  const { exitCode, stdout } = await queries.attempt(getNodesAndLeases(paths.target(region)));
  return exitCode === 0 ? parseObjects(stdout) : undefined;
}

const namesOf = (objects: readonly KubeObject[], kind: string): string[] =>
  objects.filter((object) => object.kind === kind).map(({ metadata }) => metadata.name);

/**
 * By node: when its container was last started, in milliseconds since the epoch. The nodes are those that are there, whatever
 * lab.yaml says by now.
 */
async function startTimes(work: Work, region: Region): Promise<ReadonlyMap<string, number>> {
  const containers = work.observed.regions.get(region.name)?.containers ?? [];
  const places = await placesOf(
    work.queries,
    containers.filter(({ isNode }) => isNode).map(({ name }) => name),
  );
  const lost = nodesMade(work, region).filter((node) => !places.some(({ name }) => name === node));
  if (lost.length > 0) throw lostNodes(work, region, lost);
  return new Map(places.map((place) => [place.name, place.startedAt]));
}

/** The nodes that the last deploy made it with, by the YAML that it applied; none where that is not kept: then the API server tells. */
function nodesMade({ paths }: Work, { name }: Region): readonly string[] {
  const { text = '' } = readText(paths.withApplied().manifest(name, 'kind.yaml'), LARGEST);
  const count = (role: string): number => text.split(`- role: ${role}\n`).length - 1;
  return nodeNames(name, { controlPlanes: count('control-plane'), workers: count('worker') });
}

/** Bytes of a kind.yaml, and more. */
const LARGEST = 2 ** 22;

const lostNodes = ({ paths }: Work, { name }: Region, lost: readonly string[]): FindingsError =>
  new FindingsError(
    `${name} has lost ${lost.join(', ')}`,
    [],
    `${paths.command('destroy', '--region', name)}, then deploy again`,
  );

/**
 * Which nodes are not Ready, by what they themselves have said since their start: for a minute after it the API server tells
 * what was true before the stop. A kubelet renews its lease every ten seconds.
 */
function missingNodes(objects: readonly KubeObject[], since: ReadonlyMap<string, number>): string | undefined {
  const ready = new Set(
    objects.filter((object) => object.kind === 'Node' && isReadyNode(object)).map(({ metadata }) => metadata.name),
  );
  const renewed = new Map(
    objects.filter(({ kind }) => kind === 'Lease').map(({ metadata, spec }) => [metadata.name, renewTime(spec)]),
  );
  const missing = [...since].filter(([node, started]) => !ready.has(node) || (renewed.get(node) ?? 0) <= started);
  return missing.length === 0 ? undefined : `${missing.map(([node]) => node).join(', ')} not Ready yet`;
}

/** In milliseconds since the epoch; 0 where it has none. */
function renewTime(spec: unknown): number {
  const time = Date.parse(((spec ?? {}) as { renewTime?: string }).renewTime ?? '');
  return Number.isNaN(time) ? 0 : time;
}

/** Of the regions of this run, but for one that has failed in it, and of those that run anyway. */
function isAwake(work: Work, name: string): boolean {
  const seen = work.observed.regions.get(name);
  if (work.regions.some((region) => region.name === name)) return !work.isOver(name);
  return seen?.ownership === 'ours' && !isAsleep(seen);
}

/** What of MetalLB was to run before; its pods may crash for a while after a start, and then nobody answers for an address. */
async function waitForMetalLb({ queries, paths, ...work }: Work, region: Region): Promise<void> {
  const target = paths.target(region);
  await waitFor(work, `${region.name}'s MetalLB`, async () => {
    const { exitCode, stdout } = await queries.attempt(getAll(target, 'metallb-system', 'deployments,daemonsets'));
    const objects = exitCode === 0 ? parseObjects(stdout) : undefined;
    if (objects === undefined) return SILENT;
    const own = workloadsOf(objects).filter(({ isIdle }) => !isIdle);
    const down = notReady(
      own,
      'metallb-system',
      own.map(({ name }) => name),
    );
    return down.length === 0 ? undefined : down.join(', ');
  });
}

/** The links that its agents know of, whatever lab.yaml says by now: what comes back is what was there. */
async function waitForKnownLinks(work: Work, region: Region): Promise<void> {
  const target = work.paths.target(region);
  const [server] = await work.queries.read(get(target, namespace, ['service/clustermesh-apiserver']), parseObjects);
  if (server === undefined) return;
  await waitFor(work, `${region.name}'s links`, async () => {
    const mesh = await observeMesh(work.queries, target);
    if (mesh === undefined || mesh.total === 0) return 'the agents do not answer yet';
    const missing = Object.entries(mesh.connected).filter(
      ([name, agents]) => isAwake(work, name) && agents < mesh.total,
    );
    return missing.length === 0
      ? undefined
      : missing.map(([name, agents]) => `${name} ${agents}/${mesh.total}`).join(', ');
  });
}

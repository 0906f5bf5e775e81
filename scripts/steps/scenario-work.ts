import { scenarioFile } from '../../lab/generated.ts';
import type { Region } from '../../lab/lab.ts';
import type { ScenarioName } from '../../lab/scenarios.ts';
import type { Manifest } from '../files/desired.ts';
import { observeScenario, type ObservedScenario } from '../observe/scenarios.ts';
import * as kubectl from '../tools/kubectl.ts';
import { untilAnnounced } from './announced.ts';
import { scenarioState, strays } from './scenario-state.ts';
import type { Work } from './step.ts';
import { waitFor, waitingFor } from './wait.ts';

/** Applies a scenario as dist/ has it, and removes what dist/ has no more. What it waits for is `waitUntilUp`'s. */
export async function bringUp(
  work: Work,
  region: Region,
  name: ScenarioName,
  wanted: ReadonlyMap<string, Manifest>,
): Promise<void> {
  const target = work.paths.target(region);
  const gone = async (): Promise<string | undefined> =>
    (await look(work, region, name))?.isGoing === true ? 'it is being removed' : undefined;
  await waitFor(work, `the former namespace ${name} to be gone`, gone);
  await work.run(kubectl.apply(target, [work.paths.manifest(region.name, scenarioFile(name))]));
  const seen = await look(work, region, name);
  const left = seen === undefined ? [] : strays(wanted, seen);
  const objects = left.map((object) => object.replace(/^[^/]+/, (kind) => kind.toLowerCase()));
  if (objects.length > 0) await work.run(kubectl.deleteObjects(target, name, objects));
}

/** Waits until a scenario is as dist/ has it, and all of its pods are ready. */
export async function waitUntilUp(
  work: Work,
  region: Region,
  name: ScenarioName,
  wanted: ReadonlyMap<string, Manifest>,
): Promise<void> {
  await waitFor(work, `the scenario ${name}`, async () => {
    const { state, detail } = scenarioState(wanted, await look(work, region, name));
    if (state === 'up') return undefined;
    const why = state === 'coming' ? await whyNotReady(work, region, name) : undefined;
    return [detail ?? state, ...(why === undefined ? [] : [why])].join(': ');
  });
  if (work.lab.loadBalancer === 'cilium') await untilAnnounced(work, region, name);
}

/** Removes a scenario's namespace and all that is in it, and waits until it is gone. Nothing is done where it is not there. */
export async function takeDown(work: Work, region: Region, name: string): Promise<void> {
  const seen = await look(work, region, name);
  if (seen === undefined) return;
  if (!seen.isOurs) throw new Error(`the namespace ${name} is not the lab's: it has no label of a scenario`);
  work.progress(waitingFor(work, `the namespace ${name} to be gone`));
  await work.run(kubectl.deleteObjects(work.paths.target(region), 'default', [`namespace/${name}`]));
}

async function look({ queries, paths }: Work, region: Region, name: string): Promise<ObservedScenario | undefined> {
  const target = paths.target(region);
  const [namespace] = await queries.read(kubectl.get(target, 'default', [`namespace/${name}`]), kubectl.parseObjects);
  return namespace && observeScenario(queries, target, namespace);
}

interface Pod {
  readonly phase?: string;
  readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
  readonly containerStatuses?: readonly { readonly state?: { readonly waiting?: { readonly reason?: string } } }[];
}

/** What keeps the first of the pods that cannot start, as `server-5c9d ImagePullBackOff`. */
async function whyNotReady({ queries, paths }: Work, region: Region, name: string): Promise<string | undefined> {
  const { stdout } = await queries.attempt(kubectl.getAll(paths.target(region), name, 'pods'));
  const reasons = (kubectl.parseObjects(stdout) ?? []).flatMap(({ metadata, status }) => {
    const { conditions = [], containerStatuses = [] } = (status ?? {}) as Pod;
    const waiting = containerStatuses.map(({ state }) => state?.waiting?.reason).find((reason) => reason !== undefined);
    const unscheduled = conditions.find(
      (condition) => condition.type === 'PodScheduled' && condition.status === 'False',
    );
    const reason = waiting ?? unscheduled?.message;
    return reason === undefined || reason === 'ContainerCreating' ? [] : [`${metadata.name} ${reason}`];
  });
  return reasons[0];
}

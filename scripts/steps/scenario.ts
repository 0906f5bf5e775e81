import { chosen, type ScenarioName } from '../../lab/scenarios.ts';
import { type ScenarioState, scenarioState } from './scenario-state.ts';
import { bringUp, takeDown, waitUntilUp } from './scenario-work.ts';
import { type RegionSituation, type RegionStep, run, skip, waitAgain } from './step.ts';

/** The scenarios of lab.yaml up, as dist/ has them; and down what an earlier lab.yaml chose. */
export const scenario: RegionStep = {
  name: 'scenario',
  title: 'bring up the scenarios of lab.yaml',
  waitsForPods: true,
  scope: 'region',
  after: ['load', 'connect'],
  takes: 'nothing',
  decide(situation) {
    const names = chosen(situation.lab.scenarios);
    const open = unsettled(situation);
    const told = open.map(({ name, state, detail }) => `${name} ${state}${detail === undefined ? '' : `: ${detail}`}`);
    if (open.length === 0) return skip(names.length === 0 ? 'none in lab.yaml' : `${names.join(', ')} up`);
    const isComing = open.every(({ state }) => state === 'coming');
    return isComing ? waitAgain(told.join('; ')) : run(told.join('; '));
  },
  async run(work, region, { scenarios: wanted }) {
    const seen = work.observed.regions.get(region.name)?.cluster?.scenarios ?? [];
    for (const [name, { isOurs }] of seen) {
      if (isOurs && !wanted.has(name as ScenarioName)) await takeDown(work, region, name);
    }
    for (const [name, objects] of wanted) await bringUp(work, region, name, objects);
  },
  async wait(work, region, { scenarios: wanted }) {
    for (const [name, objects] of wanted) await waitUntilUp(work, region, name, objects);
  },
};

/** Scenarios that are not as lab.yaml and dist/ have them. */
function unsettled({ wanted, cluster }: RegionSituation): (ScenarioState & { readonly name: string })[] {
  const seen = cluster?.scenarios;
  const names = new Set<string>([...(seen?.keys() ?? []), ...wanted.scenarios.keys()]);
  return [...names]
    .map((name) => ({ name, ...scenarioState(wanted.scenarios.get(name as ScenarioName), seen?.get(name)) }))
    .filter(({ state }) => state !== 'up');
}

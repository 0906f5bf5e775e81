import type { Region } from '../../lab/lab.ts';
import type { Observed } from '../observe/observed.ts';
import type { Refusal } from './refusal.ts';

/** A namespace of somebody else's that has the name of a scenario: nothing is put into it, and it is never removed. Pure. */
export function scenarioRefusals(
  names: readonly string[],
  regions: readonly Region[],
  { regions: seen }: Observed,
): Refusal[] {
  return regions.flatMap(({ name: region, context }) => {
    const scenarios = seen.get(region)?.cluster?.scenarios;
    return names
      .filter((name) => scenarios?.get(name)?.isOurs === false)
      .map((name) => ({
        cause: `${region} has a namespace ${name} that no scenario made`,
        remedy: `take the scenario out of lab.yaml; or, if nothing in it is needed: kubectl --context ${context} delete namespace ${name}`,
      }));
  });
}

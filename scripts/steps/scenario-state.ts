import { isDeepStrictEqual } from 'node:util';
import { isValues } from '../../lab/values.ts';
import type { ScenarioLine } from '../events/events.ts';
import type { Manifest } from '../files/desired.ts';
import type { ObservedScenario } from '../observe/scenarios.ts';

/** How a scenario stands in a region. */
export type ScenarioState = Pick<ScenarioLine, 'state' | 'detail'>;

/**
 * What lives compared with what dist/ has. Pure.
 * @param wanted its objects; undefined where lab.yaml does not choose it
 */
export function scenarioState(
  wanted: ReadonlyMap<string, Manifest> | undefined,
  seen: ObservedScenario | undefined,
): ScenarioState {
  if (seen === undefined) return { state: 'not there' };
  if (!seen.isOurs) return { state: 'not ours' };
  if (seen.isGoing) return { state: 'going' };
  if (wanted === undefined) return { state: 'left' };
  const differing = [...wanted].flatMap(([name, object]) => {
    const where = lacking(seen.objects.get(name), object);
    return where.length === 0
      ? []
      : [seen.objects.has(name) ? `${name} at ${where.slice(0, 3).join(', ')}` : `no ${name}`];
  });
  const more = strays(wanted, seen).map((name) => `${name} is not in dist/`);
  const [detail] = [...differing, ...more];
  if (detail !== undefined) return { state: 'differs', detail };
  const [unready] = seen.notReady;
  return unready === undefined ? { state: 'up' } : { state: 'coming', detail: unready };
}

/** Objects of the scenario that dist/ has no more, as `Deployment/server`. */
export function strays(wanted: ReadonlyMap<string, Manifest>, { objects }: ObservedScenario): string[] {
  return [...objects.keys()].filter((name) => !wanted.has(name));
}

/** The places at which something living lacks what is wanted, as `spec.replicas`. What it has beside that is the API server's. */
function lacking(living: unknown, wanted: unknown, path = ''): string[] {
  const at = (key: string): string => (path === '' ? key : `${path}.${key}`);
  // what is empty is not kept
  if (living === undefined && isEmpty(wanted)) return [];
  if (isValues(wanted) && isValues(living))
    return Object.keys(wanted).flatMap((key) => lacking(living[key], wanted[key], at(key)));
  if (Array.isArray(wanted) && Array.isArray(living) && wanted.length === living.length)
    return wanted.flatMap((value, index) => lacking(living[index], value, at(String(index))));
  return isDeepStrictEqual(living, wanted) ? [] : [path];
}

const isEmpty = (value: unknown): boolean =>
  !value || (typeof value === 'object' && Object.values(value).every((each) => isEmpty(each)));

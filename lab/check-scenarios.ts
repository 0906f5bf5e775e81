import { nearest } from './nearest.ts';
import type { Path, Problem } from './problems.ts';
import type { LabInput } from './schema.ts';
import { shown } from './shown.ts';

/** Regions that the options of scenarios name are those of the lab. */
export function scenarioRegions({ scenarios, regions }: LabInput): Problem[] {
  const known = regions.map(({ name }) => name);
  const { 'high-availability': highAvailability, policy, 'stateful-split': split } = scenarios;
  const given = [
    { names: highAvailability?.unshared, path: ['scenarios', 'high-availability', 'unshared'] },
    { names: policy?.allow, path: ['scenarios', 'policy', 'allow'] },
  ];
  const inLists = given.flatMap(({ names = [], path }) =>
    names.flatMap((name, index) => unknownRegion(name, known, [...path, index])),
  );
  const place = ['scenarios', 'stateful-split', 'region'];
  return [...inLists, ...(split?.region === undefined ? [] : unknownRegion(split.region, known, place))];
}

function unknownRegion(name: string, known: readonly string[], path: Path): Problem[] {
  if (known.includes(name)) return [];
  const meant = nearest(name, known);
  const remedy = meant === undefined ? `It has ${known.slice(0, 10).join(', ')}.` : `Did you mean ${meant}?`;
  return [{ path, message: `${shown(name)} is not a region of the lab. ${remedy}` }];
}

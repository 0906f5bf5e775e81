import { listed } from './listed.ts';
import { nearest } from './nearest.ts';
import type { Path, Problem } from './problems.ts';
import type { ScenarioName } from './scenarios.ts';
import type { LabInput } from './schema.ts';
import { shown } from './shown.ts';
import { linksByRegion } from './topology.ts';

/** Regions that the options of scenarios name are those of the lab. */
export function scenarioRegions({ scenarios, regions }: LabInput): Problem[] {
  const known = regions.map(({ name }) => name);
  const {
    'high-availability': highAvailability,
    'shared-services': shared,
    'stateful-split': split,
    policy,
  } = scenarios;
  const given: readonly { names: readonly (string | undefined)[] | undefined; path: Path }[] = [
    { names: highAvailability?.unshared, path: ['scenarios', 'high-availability', 'unshared'] },
    { names: policy?.allow, path: ['scenarios', 'policy', 'allow'] },
  ];
  const inLists = given.flatMap(({ names = [], path }) =>
    names.flatMap((name, index) => unknownRegion(name, known, [...path, index])),
  );
  return [
    ...inLists,
    ...unknownRegion(shared?.hub, known, ['scenarios', 'shared-services', 'hub']),
    ...unknownRegion(split?.region, known, ['scenarios', 'stateful-split', 'region']),
  ];
}

function unknownRegion(name: string | undefined, known: readonly string[], path: Path): Problem[] {
  if (name === undefined || known.includes(name)) return [];
  const meant = nearest(name, known);
  const remedy = meant === undefined ? `It has ${known.slice(0, 10).join(', ')}.` : `Did you mean ${meant}?`;
  return [{ path, message: `${shown(name)} is not a region of the lab. ${remedy}` }];
}

/** The regions that a scenario is about are connected, and those that it keeps apart are not; of what is no region, others speak. */
export function scenarioLinks(input: LabInput): Problem[] {
  const { scenarios, mesh, regions } = input;
  const { 'shared-services': shared, 'stateful-split': split } = scenarios;
  const links = linksByRegion(input);
  const first = regions[0]?.name ?? '';
  const problemsOf = (name: ScenarioName, message: string | undefined): Problem[] =>
    message === undefined ? [] : [{ path: ['scenarios', name], message }];
  return [
    ...problemsOf('shared-services', shared && tenantsProblem(shared.hub ?? mesh.hub ?? first, links)),
    ...problemsOf('stateful-split', split && frontsProblem(split.region ?? first, links)),
  ];
}

type Links = ReturnType<typeof linksByRegion>;

function tenantsProblem(hub: string, links: Links): string | undefined {
  if (!links.has(hub)) return undefined;
  const remedy = `Write \`mesh: { topology: hub, hub: ${hub} }\`.`;
  const apart = notConnected(hub, links);
  if (apart.length > 0)
    return `shared-services is offered by ${hub}, which is not connected to ${listed(apart)}. ${remedy}`;
  for (const [tenant, others] of links) {
    const other = tenant === hub ? undefined : others.find((name) => name !== hub);
    if (other !== undefined)
      return `shared-services keeps tenants apart, and ${tenant} and ${other} are connected to each other. ${remedy}`;
  }
  return undefined;
}

function frontsProblem(region: string, links: Links): string | undefined {
  const apart = notConnected(region, links);
  if (apart.length === 0) return undefined;
  return (
    `stateful-split has its database in ${region}, which is not connected to ${listed(apart)}: no front end there could reach it. ` +
    'Choose a region that is connected to all others, or connect them under `mesh:`.'
  );
}

/** Other regions that a region is not connected to; none for what is no region. */
function notConnected(region: string, links: Links): string[] {
  const others = links.get(region);
  return others === undefined ? [] : [...links.keys()].filter((name) => name !== region && !others.includes(name));
}

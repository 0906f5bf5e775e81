import type { Problem } from './problems.ts';
import { nearest } from './nearest.ts';
import type { LabInput } from './schema.ts';
import { shown } from './shown.ts';

/**
 * The regions that each region is connected to, in the order of lab.yaml: by `mesh.pairs` where there are any, else by
 * `mesh.topology`. A link has two ends, and stands at both.
 */
export function linksByRegion({ regions, mesh }: LabInput): ReadonlyMap<string, readonly string[]> {
  const names = regions.map(({ name }) => name);
  const isLinked = linking(mesh, names);
  return new Map(names.map((name) => [name, names.filter((other) => other !== name && isLinked(name, other))]));
}

function linking({ topology, hub, pairs }: LabInput['mesh'], names: readonly string[]) {
  if (pairs !== undefined) {
    const given = new Set(pairs.flatMap(([one = '', other = '']) => [key(one, other), key(other, one)]));
    return (one: string, other: string): boolean => given.has(key(one, other));
  }
  const centre = hub ?? names[0];
  return (one: string, other: string): boolean => topology !== 'hub' || one === centre || other === centre;
}

/** No name of a region has a blank in it. */
const key = (one: string, other: string): string => `${one} ${other}`;

/** `mesh.hub` and `mesh.pairs` name regions of the lab, and do not speak against `mesh.topology` or each other. */
export function topologyFits({ regions, mesh }: LabInput): Problem[] {
  const names = regions.map(({ name }) => name);
  const { topology, hub, pairs } = mesh;
  const problems: Problem[] = [];
  if (hub !== undefined && topology !== 'hub') {
    const message = `mesh.hub ${shown(hub)} has no meaning without \`topology: hub\`. Add that, or remove mesh.hub.`;
    problems.push({ path: ['mesh', 'hub'], message });
  } else if (hub !== undefined && !names.includes(hub)) {
    problems.push({ path: ['mesh', 'hub'], message: unknownRegion('mesh.hub', hub, names) });
  }
  if (pairs === undefined) return problems;
  if (topology !== undefined) {
    const message = 'mesh.pairs says which regions are connected, and so does mesh.topology. Remove one of them.';
    problems.push({ path: ['mesh', 'pairs'], message });
  }
  return [...problems, ...pairs.flatMap((_, index) => pairProblems(pairs, index, names))];
}

function pairProblems(pairs: readonly Pair[], index: number, names: readonly string[]): Problem[] {
  const [one = '', other = ''] = pairs[index] ?? [];
  const strangers = [one, other].flatMap((name, end) =>
    names.includes(name)
      ? []
      : [{ path: ['mesh', 'pairs', index, end], message: unknownRegion(`mesh.pairs[${index}]`, name, names) }],
  );
  if (strangers.length > 0) return strangers;
  const path = ['mesh', 'pairs', index];
  if (one === other) return [{ path, message: `mesh.pairs[${index}] connects ${one} to itself. Name two regions.` }];
  const first = pairs.findIndex((pair) => pair.includes(one) && pair.includes(other));
  if (first === index) return [];
  return [
    { path, message: `mesh.pairs[${index}] connects ${one} and ${other}, as mesh.pairs[${first}] does. Remove it.` },
  ];
}

type Pair = NonNullable<LabInput['mesh']['pairs']>[number];

/** Says of a name that stands for no region. */
export function unknownRegion(where: string, name: string, names: readonly string[]): string {
  const meant = nearest(name, names);
  const remedy = meant === undefined ? `Use one of ${names.join(', ')}.` : `Did you mean ${meant}?`;
  return `${where} names ${shown(name)}, which is no region of the lab. ${remedy}`;
}

import { type Path, pathText } from './problems.ts';
import { isValues } from './values.ts';

/** A copy of the data of lab.yaml without the refused places. */
export function without(raw: unknown, refused: readonly Path[]): unknown {
  const copy = structuredClone(raw);
  for (const path of refused) remove(copy, path);
  return copy;
}

/** Writes a value to a place; does nothing where no map or list leads there. */
export function put(raw: unknown, path: Path, value: unknown): void {
  const owner = path.slice(0, -1).reduce<unknown>((branch, step) => (isBranch(branch) ? branch[step] : undefined), raw);
  const key = path.at(-1);
  if (isBranch(owner) && key !== undefined) owner[key] = value;
}

/** Removes a place; a name or a whole region, which a lab cannot do without, is replaced by one named after its place. */
function remove(raw: unknown, path: Path): void {
  if (!isTree(raw)) return;
  const [first, index, ...below] = path;
  const { regions } = raw;
  if (first === 'name') {
    raw.name = 'lab';
  } else if (first === 'regions' && Array.isArray(regions) && typeof index === 'number') {
    const region: unknown = regions[index];
    const name = pathText(['regions', index]);
    if (!isTree(region)) regions[index] = { name };
    else if (below[0] === 'name') region.name = name;
    else removeKey(region, below);
  } else {
    removeKey(raw, path);
  }
}

/** Removes the key that leads to `path`; an item of a list goes with its list. */
function removeKey(raw: Tree, [key, ...below]: Path): void {
  if (typeof key !== 'string') return;
  const value = raw[key];
  if (below.length > 0 && isTree(value)) removeKey(value, below);
  else Reflect.deleteProperty(raw, key);
}

interface Tree {
  name?: unknown;
  regions?: unknown;
  [key: string]: unknown;
}

function isBranch(value: unknown): value is Record<string | number, unknown> {
  return typeof value === 'object' && value !== null;
}

function isTree(value: unknown): value is Tree {
  return isValues(value);
}

import type { Values } from './lab.ts';

/** Merges Helm values as Helm does: maps key by key, `over` winning; lists, scalars and null replace. */
export function mergeValues(base: Values, over: Values): Values {
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const below = merged[key];
    merged[key] = isValues(below) && isValues(value) ? mergeValues(below, value) : value;
  }
  return merged;
}

/** Whether a value is a map, neither a list nor null. */
export function isValues(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value at a path, such as `cluster`, `id`; undefined where there is none, or no map on the way there. */
export function valueAt(values: Values | undefined, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, key) => (isValues(value) ? value[key] : undefined), values);
}

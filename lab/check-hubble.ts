import type { Values } from './lab.ts';
import { type Path, type Problem, pathText } from './problems.ts';
import { valueAt } from './values.ts';

/**
 * Parts of Hubble that are turned on where `cilium.hubble` is false: the chart fails (`Hubble Relay requires
 * .Values.hubble.enabled=true`).
 * @param values `cilium.values` of lab.yaml, which stands at `path` there.
 */
export function partsOfHubble(values: Values, path: Path): Problem[] {
  return ['relay', 'ui'].flatMap((part) => {
    const at = ['hubble', part, 'enabled'];
    if (valueAt(values, at) !== true) return [];
    const here = [...path, ...at];
    return [{ path: here, message: `${pathText(here)} is true, and cilium.hubble is false. Remove one of them.` }];
  });
}

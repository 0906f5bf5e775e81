import type { Values } from './lab.ts';
import { type Path, type Problem, pathText } from './problems.ts';
import { isValues } from './values.ts';

/**
 * Values that leave a region without Cilium's operator. It registers the CRDs, and the agents wait for these (`crd-wait-timeout`
 * of cilium-agent).
 * @param values `cilium.values` of lab.yaml, which stands at `path` there.
 */
export function withoutOperator({ operator }: Values, path: Path): Problem[] {
  if (!isValues(operator)) return [];
  const { replicas, enabled } = operator;
  const problem = (key: string, value: unknown, remedy: string): Problem => {
    const here = [...path, 'operator', key];
    const why = 'and no agent gets ready without the operator, which makes the kinds that they wait for';
    return { path: here, message: `${pathText(here)} is ${String(value)}, ${why}. ${remedy}` };
  };
  return [
    ...(typeof replicas === 'number' && replicas < 1 ? [problem('replicas', replicas, 'Give at least 1.')] : []),
    ...(enabled === false ? [problem('enabled', enabled, 'Remove it.')] : []),
  ];
}

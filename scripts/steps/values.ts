import { isDeepStrictEqual } from 'node:util';
import type { Values } from '../../lab/lab.ts';
import { isValues, mergeValues } from '../../lab/values.ts';

/** What `cilium clustermesh enable` and `connect` write into the release (CLI v0.15 to v0.19, facts of `helm get values`). */
const writtenByTheCli: readonly (readonly string[])[] = [
  ['clustermesh', 'useAPIServer'],
  ['clustermesh', 'config'],
  ['clustermesh', 'apiserver', 'service', 'type'],
  ['clustermesh', 'apiserver', 'tls'],
  ['clustermesh', 'apiserver', 'kvstoremesh'],
  ['externalWorkloads'],
];

/**
 * The part of a release's values that belongs to the mesh made by the CLI. Helm without it removes the ClusterMesh API
 * server and says success, so every later upgrade gives it again.
 */
export function meshPart(release: Values): Values {
  return writtenByTheCli.reduce<Values>((part, path) => {
    const value = valueAt(release, path);
    return value === undefined ? part : mergeValues(part, nest(path, value));
  }, {});
}

/** Values without the shared CA, which lies apart. */
export function withoutCa(values: Values): Values {
  const { tls, ...others } = values;
  if (!isValues(tls)) return values;
  const { ca: _ca, ...otherTls } = tls;
  return Object.keys(otherTls).length === 0 ? others : { ...others, tls: otherTls };
}

/** Paths at which two trees of values differ, such as `hubble.relay.enabled`. */
export function differences(actual: unknown, wanted: unknown, path = ''): string[] {
  if (isValues(actual) && isValues(wanted)) {
    const keys = [...new Set([...Object.keys(wanted), ...Object.keys(actual)])];
    return keys.flatMap((key) => differences(actual[key], wanted[key], path === '' ? key : `${path}.${key}`));
  }
  return isDeepStrictEqual(actual, wanted) ? [] : [path];
}

/** Does the object have all that is wanted of it? The API server adds defaults of its own. */
export function includes(actual: unknown, wanted: unknown): boolean {
  if (isValues(actual) && isValues(wanted))
    return Object.entries(wanted).every(([key, value]) => includes(actual[key], value));
  return isDeepStrictEqual(actual, wanted);
}

function valueAt(values: Values, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, key) => (isValues(value) ? value[key] : undefined), values);
}

function nest(path: readonly string[], value: unknown): Values {
  const [key = '', ...below] = path;
  return { [key]: below.length === 0 ? value : nest(below, value) };
}

import { isDeepStrictEqual } from 'node:util';
import type { Values } from '../../lab/lab.ts';
import { secretValues, writtenByTheCli } from '../../lab/value-owners.ts';
import { isValues, mergeValues, valueAt } from '../../lab/values.ts';

/**
 * The part of a release's values that belongs to the mesh made by the CLI. Helm without it removes the ClusterMesh API
 * server and says success, so every later upgrade gives it again.
 * @param links names of the regions that this one is connected to: any other has left the lab, or the link has, and is not kept.
 */
export function meshPart(release: Values, links: ReadonlySet<string>): Values {
  return writtenByTheCli.reduce<Values>((part, path) => {
    const value = valueAt(release, path);
    if (value === undefined) return part;
    return mergeValues(part, nest(path, path.at(-1) === 'clusters' ? clustersOf(value, links) : value));
  }, {});
}

/**
 * The kept part, with KVStoreMesh as the lab has it now: what an earlier `clustermesh enable` wrote into the release stays
 * there until somebody writes it anew.
 */
export function withKvstoremesh(kept: Values, isOn: boolean): Values {
  return valueAt(kept, kvstoremesh) === undefined ? kept : mergeValues(kept, nest(kvstoremesh, isOn));
}

const kvstoremesh = ['clustermesh', 'apiserver', 'kvstoremesh', 'enabled'];

/** `clustermesh.config.clusters` without those that are no links: a list, or by newer CLIs a map keyed by name. */
function clustersOf(clusters: unknown, links: ReadonlySet<string>): unknown {
  if (isValues(clusters)) return Object.fromEntries(Object.entries(clusters).filter(([name]) => links.has(name)));
  if (!Array.isArray(clusters)) return clusters;
  return clusters.filter((cluster) => isValues(cluster) && links.has(String(cluster.name)));
}

/** Values without the shared CA, which lies apart. */
export function withoutCa(values: Values): Values {
  return secretValues.reduce(without, values);
}

/** Values without the one at a path, and without maps that it leaves empty. */
function without(values: Values, [key = '', ...below]: readonly string[]): Values {
  if (!Object.hasOwn(values, key)) return values;
  const { [key]: value, ...others } = values;
  if (below.length === 0) return others;
  if (!isValues(value)) return values;
  const rest = without(value, below);
  return Object.keys(rest).length === 0 ? others : { ...values, [key]: rest };
}

/** Paths at which two trees of values differ, such as `hubble.relay.enabled`. */
export function differences(actual: unknown, wanted: unknown, path = ''): string[] {
  if (isValues(actual) && isValues(wanted)) {
    const keys = [...new Set([...Object.keys(wanted), ...Object.keys(actual)])];
    return keys.flatMap((key) => differences(actual[key], wanted[key], path === '' ? key : `${path}.${key}`));
  }
  return isDeepStrictEqual(actual, wanted) ? [] : [path];
}

function nest(path: readonly string[], value: unknown): Values {
  const [key = '', ...below] = path;
  return { [key]: below.length === 0 ? value : nest(below, value) };
}

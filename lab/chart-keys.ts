import { isMap, isScalar, parse, parseDocument, stringify } from 'yaml';
import type { Values } from './lab.ts';
import { nearestFew } from './nearest.ts';
import { type Path, type Problem, pathText } from './problems.ts';
import { textOf } from './shown.ts';
import { isValues } from './values.ts';

/** Keys of a chart's values. `null`: anything may stand below. */
export interface KeyTree {
  readonly [key: string]: KeyTree | null;
}

/**
 * The keys that a chart knows. In values.yaml a default that is a map closes what stands below it; an empty map, null, a
 * list or a scalar leaves it open. Known too: keys that stand there only as comments (`# kubeProxyReplacement: "false"`),
 * and keys that nothing but a template names and prints (`{{ .Values.clusterHealthPort }}`).
 */
export function knownKeys(valuesYaml: string, templates: readonly string[] = []): KeyTree {
  const tree = keysOf(parseDocument(valuesYaml).contents) ?? {};
  const above: { key: string; indent: number }[] = [];
  for (const line of valuesYaml.replaceAll(SCHEMA, '').split('\n')) {
    const [, blanks = '', hash, key] = LINE.exec(line) ?? [];
    if (key === undefined) continue;
    const indent = blanks.length;
    while (above.length > 0 && (above.at(-1)?.indent ?? 0) >= indent) above.pop();
    if (hash === undefined) above.push({ key, indent });
    else
      addKey(
        tree,
        above.map((parent) => parent.key),
        key,
      );
  }
  for (const [, dotted = ''] of templates.flatMap((template) => [...template.matchAll(PRINTED)])) {
    const keys = dotted.split('.').slice(1);
    addKey(tree, keys.slice(0, -1), keys.at(-1) ?? '');
  }
  return tree;
}

/** `{{ .Values.a.b`, `{{- toYaml .Values.a.b`, `{{- range $x := .Values.a.b`; one behind `if` may be there to be refused. */
const PRINTED = /\{\{-? *(?:(?:toYaml|toJson|with|range(?: \$\w+ :=)?) +)?\.Values((?:\.\w+)+)/g;

/** A block of comments that types the next key, with keys of its own: `# @schema`, `# type: string`, `# @schema`. */
const SCHEMA = /^ *# @schema$[^]*?# @schema$/gm;

/** `  key:` or `  # key:`; a key behind more blanks than one belongs to a longer example. */
const LINE = /^( *)(# ?)?([a-z][A-Za-z0-9]*):(?: |$)/;

/**
 * Maps that templates pass on whole, as Kubernetes takes them. Charts 1.14.2 and 1.20.0 render with null at each of these;
 * with null at another map many do not (`nil pointer evaluating interface {}.override`), and at the operator's
 * `updateStrategy` not where it has one replica.
 */
const passedOn: ReadonlySet<string> = new Set(['affinity', 'nodeSelector', 'resources', 'podSecurityContext']);

interface MutableTree {
  [key: string]: MutableTree | null;
}

function keysOf(node: unknown): MutableTree | null {
  if (!isMap(node) || node.items.length === 0) return null;
  return Object.fromEntries(
    node.items.flatMap(({ key, value }) => (isScalar(key) ? [[String(key.value), keysOf(value)]] : [])),
  );
}

function addKey(tree: MutableTree, parents: readonly string[], key: string): void {
  let node: MutableTree | null | undefined = tree;
  for (const parent of parents) node = node?.[parent];
  if (node) node[key] ??= null;
}

/** Writes a key tree as YAML; `readKeys` reads it back. */
export function writeKeys(tree: KeyTree): string {
  return stringify(tree, { indent: 1, nullStr: '', lineWidth: 0 });
}

/** Reads what `writeKeys` wrote. */
export function readKeys(yaml: string): KeyTree {
  return parse(yaml) as KeyTree;
}

/**
 * Values that the chart does not know, or of which it reads keys where none are. Helm takes the former in silence.
 * @param values `cilium.values` of lab.yaml, which stands at `path` there.
 * @param chart how to call the chart in a message: `the Cilium 1.14.2 chart`.
 */
export function unknownValues(values: Values, keys: KeyTree, path: Path, chart: string): Problem[] {
  const near = nearestFew();
  return walk(values, keys, []);

  function walk(value: Values, tree: KeyTree, trail: readonly string[]): Problem[] {
    return Object.entries(value).flatMap(([key, below]) => {
      const here = [...trail, key];
      const known = Object.hasOwn(tree, key) ? tree[key] : undefined;
      if (known === null) return [];
      if (known === undefined) return [unknown(here, tree)];
      return isValues(below) ? walk(below, known, here) : noMap(below, known, here);
    });
  }

  function unknown(here: readonly string[], tree: KeyTree): Problem {
    const meant = near(here.at(-1) ?? '', Object.keys(tree));
    const hint =
      meant === undefined
        ? `Remove it, or see the chart's values.yaml.`
        : `Did you mean ${pathText([...here.slice(0, -1), meant])}?`;
    return { path: [...path, ...here], message: `${pathText([...path, ...here])} is not a value of ${chart}. ${hint}` };
  }

  /** Null removes a map; but templates ask a map for its keys, and fail where it is gone, unless they pass it on whole. */
  function noMap(value: unknown, known: KeyTree, here: readonly string[]): Problem[] {
    const hasSwitch = Object.hasOwn(known, 'enabled');
    if (value === null && here.some((step) => passedOn.has(step))) return [];
    const name = pathText([...path, ...here]);
    const remedy = hasSwitch ? 'Write a map, such as { enabled: false }.' : 'Write a map, or remove it.';
    const what = value === null ? 'empty' : textOf(value);
    return [{ path: [...path, ...here], message: `${name} is ${what}, and ${chart} has a map there. ${remedy}` }];
  }
}

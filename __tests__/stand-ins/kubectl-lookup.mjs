// @ts-check
import { kindByName, kindsOf, resourceName } from './kinds.mjs';
import { Failure } from './program.mjs';

/**
 * Words of a command as lookups: `type/name …`, or `type[,type] [name …]`.
 * @param {any} cluster @param {string[]} words
 * @returns {{ kind: import('./kinds.mjs').Kind, name: string | undefined }[]}
 */
export function lookups(cluster, words) {
  const kinds = kindsOf(cluster);
  const kindOf = (/** @type {string} */ typed) => {
    const kind = kindByName(kinds, typed);
    if (kind === undefined)
      throw new Failure(`error: the server doesn't have a resource type "${typed.split('.')[0]}"`);
    return kind;
  };
  const [types = '', ...names] = words;
  if (types.includes('/')) {
    if (names.some((word) => !word.includes('/'))) {
      const hint =
        "(e.g. 'kubectl get resource/<resource_name>' instead of 'kubectl get resource resource/<resource_name>'";
      throw new Failure(
        `error: there is no need to specify a resource type as a separate argument when passing arguments in resource/name form ${hint}`,
      );
    }
    return words.map((word) => ({ kind: kindOf(word.split('/')[0] ?? ''), name: word.split('/')[1] }));
  }
  const wanted = names.length === 0 ? [undefined] : names;
  return types
    .split(',')
    .map(kindOf)
    .flatMap((kind) => wanted.map((name) => ({ kind, name })));
}

/** @param {any} object @param {import('./kinds.mjs').Kind} kind @param {string} namespace @param {string | undefined} name */
export function matches(object, kind, namespace, name) {
  const group = object.apiVersion.includes('/') ? object.apiVersion.split('/')[0] : '';
  const isHere = !kind.namespaced || object.metadata.namespace === namespace;
  return (
    object.kind === kind.kind && group === kind.group && isHere && (name === undefined || object.metadata.name === name)
  );
}

/** @param {import('./kinds.mjs').Kind} kind @param {string | undefined} name */
export const notFound = (kind, name) => `Error from server (NotFound): ${resourceName(kind)} "${name}" not found`;

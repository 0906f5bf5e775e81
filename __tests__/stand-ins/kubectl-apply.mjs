// @ts-check
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { look } from './cluster.mjs';
import { kindsOf, objectName, resourceName } from './kinds.mjs';
import { refusedByCrd, withPoolDefaults } from './lb-ipam.mjs';
import { published, webhook } from './metallb.mjs';
import { Failure } from './program.mjs';
import { change, newUid } from './state.mjs';
import { yaml } from './yaml.mjs';

/**
 * `kubectl apply` creates or changes what the files hold; `kubectl replace` puts it in the place of what exists. One refused
 * object does not stop the others, but the exit code is 1.
 * @param {import('./program.mjs').Program} program @param {'apply' | 'create' | 'replace'} verb @param {string} cluster
 * @param {readonly string[]} files paths or URLs @param {string} defaultNamespace
 */
export function apply(program, verb, cluster, files, defaultNamespace) {
  const found = files.flatMap((file) => read(file).map((object) => ({ file, object })));
  if (found.length === 0) throw new Failure(`error: no objects passed to ${verb}`);
  const half = Math.ceil(found.length / 2);
  /** @type {string[]} */
  const unknown = [];
  /** @type {string[]} */
  const refused = [];
  // kinds are looked up before anything is applied: a CRD does not help the objects of the same call
  const kinds = change((now) => kindsOf(now.clusters[cluster]));
  for (const [index, { file, object }] of found.entries()) {
    const group = object.apiVersion?.includes('/') ? object.apiVersion.split('/')[0] : '';
    const version = object.apiVersion?.split('/').at(-1);
    const kind = kinds.find((each) => each.kind === object.kind && each.group === group && each.version === version);
    if (kind === undefined) {
      // an operator may register it meanwhile
      look();
      const { name, namespace = '' } = object.metadata;
      unknown.push(
        `resource mapping not found for name: "${name}" namespace: "${namespace}" from "${file}": no matches for kind "${object.kind}" in version "${object.apiVersion}"\nensure CRDs are installed first`,
      );
      continue;
    }
    const problem = change((now) => applyOne(now, verb, now.clusters[cluster], kind, object, defaultNamespace));
    if (problem.error === undefined) program.out(`${objectName(kind, object.metadata.name)} ${problem.done}`);
    else refused.push(problem.error.replaceAll('FILE', file));
    if (index + 1 === half) program.reached();
  }
  const errors = [
    ...refused,
    ...(unknown.length === 1 && refused.length === 0 ? unknown.map((text) => `error: ${text}`) : unknown),
  ];
  if (errors.length > 0) throw new Failure(errors.join('\n'));
}

/** @param {string} file @returns {any[]} */
function read(file) {
  if (/^https?:\/\//.test(file)) {
    const objects = published(file);
    if (objects === undefined)
      throw new Failure(`error: unable to read URL "${file}", server reported 404 Not Found, status code=404`);
    return objects;
  }
  if (!existsSync(file)) throw new Failure(`error: the path "${file}" does not exist`);
  if (statSync(file).isDirectory()) {
    return readdirSync(file)
      .filter((name) => /\.(ya?ml|json)$/.test(name))
      .sort()
      .flatMap((name) => read(join(file, name)));
  }
  const documents = yaml().parseAllDocuments(readFileSync(file, 'utf8'));
  return (Array.isArray(documents) ? documents : [])
    .map((document) => {
      const [error] = document.errors;
      if (error !== undefined)
        throw new Failure(
          `error: error parsing ${file}: error converting YAML to JSON: yaml: ${error.message.split('\n')[0]}`,
        );
      return document.toJS();
    })
    .filter((object) => object !== null);
}

/**
 * @param {any} now @param {'apply' | 'create' | 'replace'} verb @param {any} cluster @param {import('./kinds.mjs').Kind} kind @param {any} given @param {string} defaultNamespace
 * @returns {{ done: string, error?: undefined } | { error: string }}
 */
function applyOne(now, verb, cluster, kind, given, defaultNamespace) {
  const namespace = kind.namespaced ? (given.metadata.namespace ?? defaultNamespace) : undefined;
  const { name } = given.metadata;
  if (kind.kind === 'Namespace') return applyNamespace(now, cluster, given);
  if (namespace !== undefined && cluster.namespaces[namespace] === undefined) {
    return { error: `Error from server (NotFound): error when creating "FILE": namespaces "${namespace}" not found` };
  }
  const key = `${kind.kind}/${namespace ?? ''}/${name}`;
  const before = cluster.objects[key];
  if (before === undefined && verb === 'replace') {
    return {
      error: `Error from server (NotFound): error when replacing "FILE": ${resourceName(kind)} "${name}" not found`,
    };
  }
  if (before !== undefined && verb === 'create')
    return {
      error: `Error from server (AlreadyExists): error when creating "FILE": ${resourceName(kind)} "${name}" already exists`,
    };
  const { metadata: _given, ...wanted } = given;
  const { metadata: _before, applied: last = {}, ...live } = before ?? {};
  const { metadata: _last, ...lastWanted } = last;
  const content = withDefaults(verb === 'apply' ? merged(live, lastWanted, wanted) : wanted);
  if (verb === 'apply' && before !== undefined && isDeepStrictEqual(live, content)) return { done: 'unchanged' };
  const doing =
    before === undefined || verb === 'replace'
      ? `error when ${verb === 'replace' ? 'replacing' : 'creating'} "FILE"`
      : `error when applying patch:\nto:\nfor: "FILE": error when patching "FILE"`;
  const refused = refusedByCrd(cluster, given);
  if (refused !== undefined)
    return {
      error:
        refused.reason === undefined
          ? refused.error
          : `Error from server (${refused.reason}): ${doing}: ${refused.error}`,
    };
  if (kind.group === 'metallb.io') {
    const answer = webhook(cluster, given);
    if (answer !== undefined && 'internal' in answer)
      return { error: `Error from server (InternalError): ${doing}: Internal error occurred: ${answer.internal}` };
    if (answer !== undefined) {
      return {
        error: `Error from server (${namesReasons(cluster) ? 'Forbidden' : answer.denied}): ${doing}: admission webhook "${kind.kind.toLowerCase()}validationwebhook.metallb.io" denied the request: ${answer.denied}`,
      };
    }
  }
  const metadata = {
    ...given.metadata,
    ...(namespace === undefined ? {} : { namespace }),
    uid: before?.metadata.uid ?? newUid(now),
  };
  cluster.objects[key] = {
    ...content,
    metadata: { ...metadata, generation: (before?.metadata.generation ?? 0) + 1 },
    applied: given,
  };
  if (kind.kind === 'Deployment' && namespace === 'metallb-system') cluster.looks.metallb = 1;
  return { done: verb === 'replace' ? 'replaced' : before === undefined ? 'created' : 'configured' };
}

/** kubectl's three-way merge: keys that the last apply gave and this one does not go, what others wrote stays. @param {any} live @param {any} last @param {any} given @returns {any} */
function merged(live, last, given) {
  const isMap = (/** @type {unknown} */ value) => typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!isMap(live) || !isMap(given)) return given;
  const kept = Object.entries(live).filter(([key]) => key in given || !(isMap(last) && key in last));
  const values = Object.entries(given).map(([key, value]) => [key, merged(live[key], last?.[key], value)]);
  return { ...Object.fromEntries(kept), ...Object.fromEntries(values) };
}

/** As the API server adds them. @param {any} object */
const withDefaults = (object) =>
  object.kind === 'IPAddressPool'
    ? { ...object, spec: { autoAssign: true, avoidBuggyIPs: false, ...object.spec } }
    : withPoolDefaults(object);

/** @param {any} now @param {any} cluster @param {any} given */
function applyNamespace(now, cluster, given) {
  const { name } = given.metadata;
  const key = `Namespace//${name}`;
  const isThere = cluster.namespaces[name] !== undefined;
  if (isThere && isDeepStrictEqual(cluster.objects[key]?.applied ?? { ...given, metadata: { name } }, given))
    return { done: 'unchanged' };
  cluster.namespaces[name] ??= newUid(now);
  cluster.objects[key] = { ...given, applied: given };
  return { done: isThere ? 'configured' : 'created' };
}

/** The webhook of later versions of MetalLB gives a reason of its own (seen with v0.16.1), that of v0.13 the whole text. @param {any} cluster */
function namesReasons(cluster) {
  const { image = '' } =
    cluster.objects['Deployment/metallb-system/controller']?.spec?.template?.spec?.containers?.[0] ?? {};
  return !/:v0\.1[0-3]\./.test(image);
}

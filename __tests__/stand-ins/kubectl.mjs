// @ts-check
import { existsSync } from 'node:fs';
import { parse } from './args.mjs';
import { look, reach, Unreachable } from './cluster.mjs';
import { objectName } from './kinds.mjs';
import { hear, hearRounds } from './data-path.mjs';
import { apply } from './kubectl-apply.mjs';
import { lookups, matches, notFound } from './kubectl-lookup.mjs';
import { rolloutStatus, wait } from './kubectl-wait.mjs';
import { objects } from './objects.mjs';
import { Failure } from './program.mjs';
import { change, machine } from './state.mjs';

/** @type {import('./args.mjs').Flags} */
const globalFlags = {
  kubeconfig: 'string',
  context: 'string',
  namespace: 'string',
  'request-timeout': 'string',
  v: 'string',
};
/** @type {Record<string, import('./args.mjs').Flags>} */
const flags = {
  version: { client: 'bool', output: 'string' },
  get: { output: 'string', 'ignore-not-found': 'bool', 'all-namespaces': 'bool', selector: 'string' },
  apply: { filename: 'list', 'server-side': 'bool', 'force-conflicts': 'bool' },
  replace: { filename: 'list', 'save-config': 'bool' },
  wait: { for: 'string', timeout: 'duration', all: 'bool' },
  'rollout status': { timeout: 'duration', watch: 'bool' },
  exec: { container: 'string', stdin: 'bool', tty: 'bool' },
  delete: { 'ignore-not-found': 'bool', wait: 'bool', timeout: 'duration', filename: 'list' },
};
const short = { n: 'namespace', o: 'output', f: 'filename', A: 'all-namespaces', l: 'selector', w: 'watch', v: 'v' };
const verbs = ['version', 'get', 'apply', 'replace', 'wait', 'rollout', 'exec', 'delete'];

/** kubectl v1.27 and later, as far as the lab needs it. Global flags may stand before the verb. @param {import('./program.mjs').Program} program */
export function kubectl(program) {
  const { verb, args: rest } = splitVerb(program.args);
  if (!verbs.includes(verb)) throw new Failure(`error: unknown command "${verb}" for "kubectl"`);
  const { verb: action, args } = verb === 'rollout' ? splitVerb(rest) : { verb: '', args: rest };
  if (verb === 'rollout' && action !== 'status')
    throw new Failure(`error: unknown command "${action}"\nSee 'kubectl rollout -h' for help and examples`);
  const command = verb === 'rollout' ? 'rollout status' : verb;
  const fail = (/** @type {string} */ message) =>
    new Failure(`Error: ${message}\nSee 'kubectl ${command} --help' for usage.`);
  const known = /** @type {import('./args.mjs').Flags} */ ({ ...flags[command], ...globalFlags });
  const parsed = parse(args, { flags: known, short, fail });
  const namespace = parsed.get('namespace') ?? 'default';
  if (command === 'version') return version(program, parsed);
  if ((command === 'apply' || command === 'replace') && parsed.all('filename').length === 0)
    throw new Failure('error: must specify one of -f and -k');
  const cluster = target(parsed);
  switch (command) {
    case 'get':
      return get(program, cluster, namespace, parsed);
    case 'apply':
    case 'replace':
      return apply(
        program,
        command,
        cluster,
        parsed.all('filename').flatMap((files) => files.split(',')),
        namespace,
      );
    case 'wait':
      return wait(program, cluster, namespace, parsed);
    case 'rollout status':
      return rolloutStatus(program, cluster, namespace, parsed);
    case 'exec':
      return exec(program, cluster, namespace, parsed);
    default:
      return remove(program, cluster, namespace, parsed);
  }
}

/** The verb is the first word that is neither a flag nor a flag's value. @param {string[]} all */
function splitVerb(all) {
  const args = [...all];
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index] ?? '';
    if (!arg.startsWith('-')) return { verb: arg, args: [...args.slice(0, index), ...args.slice(index + 1)] };
    if (!arg.includes('=')) index += 1;
  }
  return { verb: '', args };
}

/** @param {import('./args.mjs').Parsed} parsed @returns {string} */
function target({ get }) {
  const file = get('kubeconfig');
  if (file !== undefined && !existsSync(file)) throw new Failure(`error: stat ${file}: no such file or directory`);
  try {
    return reach([file ?? process.env.KUBECONFIG ?? ''], get('context'));
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    if (error.reason === 'context')
      throw new Failure(`Error in configuration: context was not found for specified context: ${error.server}`);
    if (error.reason === 'authority')
      throw new Failure(
        'Unable to connect to the server: tls: failed to verify certificate: x509: certificate signed by unknown authority',
      );
    const host = error.server.replace(/^https?:\/\//, '');
    throw new Failure(`The connection to the server ${host} was refused - did you specify the right host or port?`);
  }
}

/** @param {import('./program.mjs').Program} program @param {import('./args.mjs').Parsed} parsed */
function version(program, { is, get }) {
  const output = get('output');
  if (output !== undefined && !['json', 'yaml'].includes(output))
    throw new Failure("error: --output must be 'yaml' or 'json'");
  const gitVersion = machine().versions.kubectl;
  const [, major, minor] = /^v(\d+)\.(\d+)/.exec(gitVersion) ?? [];
  if (output === 'json') {
    program.out(
      JSON.stringify(
        {
          clientVersion: { major, minor, gitVersion, gitTreeState: 'clean', platform: 'linux/amd64' },
          kustomizeVersion: 'v5.0.1',
        },
        undefined,
        2,
      ),
    );
  } else {
    program.out(`Client Version: ${gitVersion}\nKustomize Version: v5.0.1`);
  }
  if (!is('client'))
    throw new Failure(
      'The connection to the server localhost:8080 was refused - did you specify the right host or port?',
    );
}

/** @param {import('./program.mjs').Program} program @param {string} cluster @param {string} namespace @param {import('./args.mjs').Parsed} parsed */
function get(program, cluster, namespace, { words, get: flag, is }) {
  if (words.length === 0) {
    throw new Failure(
      'You must specify the type of resource to get. Use "kubectl api-resources" for a complete list of supported resources.\n\nerror: Required resource not specified.\n' +
        'Use "kubectl explain <resource>" for a detailed description of that resource (e.g. kubectl explain pods).\nSee \'kubectl get -h\' for help and examples',
    );
  }
  const now = look();
  const asked = lookups(now.clusters[cluster], words);
  if (flag('selector') !== undefined && asked.some(({ name }) => name !== undefined))
    throw new Failure('error: name cannot be provided when a selector is specified');
  const all = objects(now, cluster)
    .map(({ applied: _, ...object }) => object)
    .filter(({ metadata }) => isSelected(metadata.labels, flag('selector')));
  const results = asked.map(({ kind, name }) => ({
    kind,
    name,
    found: all.filter((object) =>
      is('all-namespaces')
        ? matches(object, { ...kind, namespaced: false }, '', name)
        : matches(object, kind, namespace, name),
    ),
  }));
  const found = results.flatMap((result) => result.found);
  const isSingle = asked.length === 1 && asked[0]?.name !== undefined;
  const isList = asked.some(({ name }) => name === undefined);
  if (found.length > 0 || isList)
    print(
      program,
      flag('output'),
      isSingle ? found[0] : { apiVersion: 'v1', items: found, kind: 'List', metadata: { resourceVersion: '' } },
    );
  const missing = results.filter((result) => result.name !== undefined && result.found.length === 0);
  if (missing.length > 0 && !is('ignore-not-found'))
    throw new Failure(missing.map(({ kind, name }) => notFound(kind, name)).join('\n'));
}

/** `app=server,tier!=front`: all of them. @param {Record<string, string>} [labels] @param {string} [selector] */
function isSelected(labels = {}, selector = '') {
  return selector
    .split(',')
    .filter((part) => part !== '')
    .every((part) => {
      const [, key = '', sign, value] = /^([^=!\s]+)(!=|==?)([^=!\s]*)$/.exec(part) ?? [];
      if (value === undefined) throw new Failure(`error: stand-in: knows KEY=VALUE as a selector, not ${part}`);
      return (labels[key] === value) === (sign !== '!=');
    });
}

/** @param {import('./program.mjs').Program} program @param {string | undefined} output @param {any} answer */
function print(program, output, answer) {
  const items = answer.kind === 'List' ? answer.items : [answer];
  if (output === 'json') return program.out(JSON.stringify(answer, undefined, 4));
  if (output === 'go-template={{range $key, $value := .data}}{{$key}} {{end}}')
    return program.out(
      Object.keys(answer.data ?? {})
        .map((key) => `${key} `)
        .join(''),
    );
  if (output !== undefined && output !== 'name')
    throw new Failure(`error: stand-in: knows --output json and name, not ${output}`);
  if (output === undefined) program.out('NAME');
  for (const { kind, metadata } of items)
    program.out(output === 'name' ? `${kind.toLowerCase()}/${metadata.name}` : metadata.name);
}

/** A probe that asks: no other program of a pod is known. @param {import('./program.mjs').Program} program @param {string} cluster @param {string} namespace @param {import('./args.mjs').Parsed} parsed */
function exec(program, cluster, namespace, { words }) {
  const [pod = '', ...command] = words;
  const now = look();
  const found = objects(now, cluster).find(
    ({ kind, metadata }) => kind === 'Pod' && metadata.namespace === namespace && metadata.name === pod,
  );
  if (found === undefined) throw new Failure(`Error from server (NotFound): pods "${pod}" not found`);
  if (found.status.phase !== 'Running')
    throw new Failure('error: unable to upgrade connection: container not found ("main")');
  const [runtime, file, given = ''] = command;
  if (runtime !== 'node' || file !== '/probe/ask.mjs')
    throw new Failure(`error: stand-in: will not run ${command.join(' ')}`);
  const asked = JSON.parse(given);
  const answers = asked.rounds === undefined ? hear(now, cluster, pod, asked) : hearRounds(look, cluster, pod, asked);
  for (const answer of answers) program.out(JSON.stringify(answer));
}

/** Namespaces, secrets of Helm and applied objects: nothing else is the lab's to delete. @param {import('./program.mjs').Program} program @param {string} cluster @param {string} namespace @param {import('./args.mjs').Parsed} parsed */
function remove(program, cluster, namespace, { words, is }) {
  if (words.length === 0) {
    throw new Failure(
      "error: You must provide one or more resources by argument or filename.\nExample resource specifications include:\n   '-f rsrc.yaml'\n   '--filename=rsrc.json'\n   '<resource> <name>'\n   '<resource>'",
    );
  }
  const asked = lookups(look().clusters[cluster], words);
  if (asked.some(({ name }) => name === undefined))
    throw new Failure('error: resource(s) were provided, but no name was specified');
  /** @type {string[]} */
  const missing = [];
  for (const { kind, name = '' } of asked) {
    const done = change((now) => removeOne(now, cluster, kind, namespace, name));
    if (done) program.out(`${objectName(kind, name).replace('/', ' "')}" deleted`);
    else missing.push(notFound(kind, name));
    program.reached();
  }
  if (missing.length > 0 && !is('ignore-not-found')) throw new Failure(missing.join('\n'));
}

/** @param {any} now @param {string} name @param {import('./kinds.mjs').Kind} kind @param {string} namespace @param {string} object */
function removeOne(now, name, kind, namespace, object) {
  const cluster = now.clusters[name];
  if (!objects(now, name).some((each) => matches(each, kind, namespace, object))) return false;
  if (kind.kind === 'Namespace') {
    delete cluster.namespaces[object];
    delete cluster.objects[`Namespace//${object}`];
    for (const key of Object.keys(cluster.objects)) if (key.split('/')[1] === object) delete cluster.objects[key];
    return true;
  }
  const revision = /^sh\.helm\.release\.v1\.cilium\.v(\d+)$/.exec(object)?.[1];
  if (kind.kind === 'Secret' && revision !== undefined) {
    cluster.releases = cluster.releases.filter(
      (/** @type {{ revision: number }} */ each) => each.revision !== Number(revision),
    );
    return true;
  }
  const key = `${kind.kind}/${kind.namespaced ? namespace : ''}/${object}`;
  if (cluster.objects[key] === undefined)
    throw new Failure(`error: stand-in: will not delete ${objectName(kind, object)}`);
  delete cluster.objects[key];
  return true;
}

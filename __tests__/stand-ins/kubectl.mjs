// @ts-check
import { existsSync } from 'node:fs';
import { parse } from './args.mjs';
import { look, reach, Unreachable } from './cluster.mjs';
import { objectName } from './kinds.mjs';
import { hear, hearRounds } from './data-path.mjs';
import { apply } from './kubectl-apply.mjs';
import { lookups, matches, notFound } from './kubectl-lookup.mjs';
import { checkWait, rolloutStatus, wait } from './kubectl-wait.mjs';
import { objects } from './objects.mjs';
import { Failure } from './program.mjs';
import { change, machine } from './state.mjs';
import { linesOf, remark, remarkKilled } from './weather.mjs';

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
  get: {
    raw: 'string',
    output: 'string',
    'ignore-not-found': 'bool',
    'all-namespaces': 'bool',
    selector: 'string',
    'sort-by': 'string',
  },
  describe: {},
  logs: { container: 'string', 'all-containers': 'bool', prefix: 'bool', previous: 'bool', tail: 'string' },
  apply: { validate: 'string', filename: 'list', 'server-side': 'bool', 'force-conflicts': 'bool' },
  replace: { filename: 'list', 'save-config': 'bool' },
  create: { filename: 'list' },
  wait: { for: 'string', timeout: 'duration', all: 'bool' },
  'rollout status': { timeout: 'duration', watch: 'bool' },
  annotate: { overwrite: 'bool' },
  exec: { container: 'string', stdin: 'bool', tty: 'bool' },
  scale: { replicas: 'string' },
  'rollout restart': {},
  delete: {
    selector: 'string',
    force: 'bool',
    'grace-period': 'string',
    'ignore-not-found': 'bool',
    wait: 'bool',
    timeout: 'duration',
    filename: 'list',
  },
};
const short = { n: 'namespace', o: 'output', f: 'filename', A: 'all-namespaces', l: 'selector', w: 'watch', v: 'v' };
const verbs = [
  'version',
  'get',
  'apply',
  'replace',
  'create',
  'wait',
  'rollout',
  'annotate',
  'scale',
  'exec',
  'delete',
  'describe',
  'logs',
];

/** Of kubectl's version. */
const minor = () => Number(/^v1\.(\d+)/.exec(machine().versions.kubectl)?.[1] ?? 0);

/** What is wrong whatever the cluster is. @param {string} command @param {import('./args.mjs').Parsed} parsed */
function checkWords(command, { words, get, all }) {
  if (command === 'get' && words.length === 0 && get('raw') === undefined) throw new Failure(noType);
  if (command.startsWith('rollout') && words.length === 0) throw new Failure('error: required resource not specified');
  if (command === 'wait') checkWait(words, get('for') ?? '');
  // v1.27 asks the cluster first, v1.31 does not
  const [file] = all('filename').filter((path) => !/^(-|https?:.*)$/.test(path) && !existsSync(path));
  if (command === 'apply' && file !== undefined && minor() >= 31)
    throw new Failure(`error: the path "${file}" does not exist`);
}

const noType =
  'You must specify the type of resource to get. Use "kubectl api-resources" for a complete list of supported resources.\n\nerror: Required resource not specified.\n' +
  'Use "kubectl explain <resource>" for a detailed description of that resource (e.g. kubectl explain pods).\nSee \'kubectl get -h\' for help and examples';

/** kubectl v1.27 and later, as far as the lab needs it. Global flags may stand before the verb. @param {import('./program.mjs').Program} program */
export function kubectl(program) {
  const { verb, args: rest } = splitVerb(program.args);
  if (!verbs.includes(verb)) throw new Failure(`error: unknown command "${verb}" for "kubectl"`);
  const { verb: action, args } = verb === 'rollout' ? splitVerb(rest) : { verb: '', args: rest };
  const command = verb === 'rollout' ? `rollout ${action}` : verb;
  const fail = (/** @type {string} */ message) =>
    new Failure(`error: ${message}\nSee 'kubectl ${command} --help' for usage.`);
  const known = /** @type {import('./args.mjs').Flags} */ ({ ...flags[command], ...globalFlags });
  const parsed = parse(args, { flags: known, short, fail });
  const namespace = parsed.get('namespace') ?? 'default';
  if (verb === 'rollout' && !['status', 'restart'].includes(action))
    throw new Failure(
      `error: unknown command "${[action, ...parsed.words].join(' ')}"\nSee 'kubectl rollout -h' for help and examples`,
    );
  if (command === 'version') return version(program, parsed);
  if ((command === 'apply' || command === 'replace') && parsed.all('filename').length === 0)
    throw new Failure('error: must specify one of -f and -k');
  checkWords(command, parsed);
  const cluster = target(parsed);
  switch (command) {
    case 'get': {
      const raw = parsed.get('raw');
      if (raw === undefined) return get(program, cluster, namespace, parsed);
      if (parsed.words.length > 0) throw new Failure('error: arguments may not be passed when --raw is specified');
      return getRaw(program, cluster, raw);
    }
    case 'apply':
    case 'create':
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
    case 'rollout restart':
      return restart(program, cluster, namespace, parsed);
    case 'scale':
      return scale(program, cluster, namespace, parsed);
    case 'annotate':
      return annotate(program, cluster, namespace, parsed);
    case 'exec':
      return exec(program, cluster, namespace, parsed);
    case 'describe':
      return describe(program, cluster, namespace, parsed.words.slice(1));
    case 'logs':
      return logs(program, cluster, namespace, parsed);
    default:
      return remove(program, cluster, namespace, parsed);
  }
}

/** What a probe answers by way of the API server: no other path is known. @param {import('./program.mjs').Program} program @param {string} cluster @param {string} path */
function getRaw(program, cluster, path) {
  const [, namespace, pod, given] =
    /^\/api\/v1\/namespaces\/([^/]+)\/pods\/([^/:]+):8080\/proxy\/ask\?q=(.*)$/.exec(path) ?? [];
  if (namespace === undefined || pod === undefined || given === undefined)
    throw new Failure(`error: stand-in: will not get ${path}`);
  const now = look();
  if (!isRunning(now, cluster, namespace, pod))
    throw new Failure('Error from server (ServiceUnavailable): the server is currently unable to handle the request');
  for (const answer of hear(now, cluster, pod, JSON.parse(decodeURIComponent(given))))
    program.out(JSON.stringify(answer));
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

/** `kubectl describe pod NAME`, for people: as far as anybody here looks. @param {import('./program.mjs').Program} program @param {string} cluster @param {string} namespace @param {string[]} names */
function describe(program, cluster, namespace, names) {
  for (const name of names) {
    const pod = podOf(cluster, namespace, name);
    program.out(`Name:             ${name}\nNamespace:        ${namespace}\nStatus:           ${pod.status.phase}`);
  }
}

/** @param {import('./program.mjs').Program} program @param {string} cluster @param {string} namespace @param {import('./args.mjs').Parsed} parsed */
function logs(program, cluster, namespace, { words: [name = ''], is }) {
  const gone = `error: error from server (NotFound): pods "${name}" not found in namespace "${namespace}"`;
  const pod = podOf(cluster, namespace, name, minor() >= 31 ? gone : undefined);
  const { containerStatuses: [container = {}] = [] } = pod.status;
  if (is('previous') && !(container.restartCount > 0))
    throw new Failure(
      `Error from server (BadRequest): previous terminated container "${container.name}" in pod "${name}" not found`,
    );
  if (container.state?.waiting !== undefined && !is('previous'))
    throw new Failure(
      `Error from server (BadRequest): container "${container.name}" in pod "${name}" is waiting to start: trying and failing to pull image`,
    );
  program.out(`[pod/${name}/${container.name}] level=info msg="started"`);
}

/** @param {string} cluster @param {string} namespace @param {string} name @param {string} [whyNot] */
function podOf(cluster, namespace, name, whyNot) {
  const pods = objects(look(), cluster).filter(({ kind }) => kind === 'Pod');
  const pod = pods.find(({ metadata }) => metadata.namespace === namespace && metadata.name === name);
  if (pod === undefined) throw new Failure(whyNot ?? `Error from server (NotFound): pods "${name}" not found`);
  return pod;
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
  if (output !== undefined && output !== 'name' && output !== 'wide')
    throw new Failure(`error: stand-in: knows --output json, name and wide, not ${output}`);
  if (output !== 'name') program.out('NAME');
  for (const { kind, metadata } of items)
    program.out(output === 'name' ? `${kind.toLowerCase()}/${metadata.name}` : metadata.name);
}

/** One object, with one annotation. @param {import('./program.mjs').Program} program @param {string} cluster @param {string} namespace @param {import('./args.mjs').Parsed} parsed */
function annotate(program, cluster, namespace, { words: [object = '', given = ''], is }) {
  const [asked] = lookups(look().clusters[cluster], [object]);
  const { kind, name = '' } = asked ?? {};
  const [, key = '', value] = /^([\w./-]+)=(.*)$/.exec(given) ?? [];
  if (kind === undefined || value === undefined) throw new Failure('error: at least one annotation update is required');
  const id = `${kind.kind}/${kind.namespaced ? namespace : ''}/${name}`;
  change((now) => {
    const { objects: applied, unheard = [] } = now.clusters[cluster];
    const found = applied[id];
    if (found === undefined) throw new Failure(notFound(kind, name));
    if (found.metadata.annotations?.[key] !== undefined && !is('overwrite'))
      throw new Failure('error: --overwrite is false but found the following declared annotation(s)');
    found.metadata.annotations = { ...found.metadata.annotations, [key]: value };
    // agents that read a policy look at all Services
    if (kind.kind === 'CiliumL2AnnouncementPolicy') unheard.length = 0;
  });
  program.out(`${objectName(kind, name)} annotated`);
}

/** @param {any} now @param {string} cluster @param {string} namespace @param {string} pod */
function isRunning(now, cluster, namespace, pod) {
  const found = objects(now, cluster).find(
    ({ kind, metadata }) => kind === 'Pod' && metadata.namespace === namespace && metadata.name === pod,
  );
  if (found === undefined) throw new Failure(`Error from server (NotFound): pods "${pod}" not found`);
  return found.status.phase === 'Running';
}

/** @param {import('./program.mjs').Program} program @param {string} cluster @param {string} namespace @param {import('./args.mjs').Parsed} parsed */
function scale(program, cluster, namespace, { words: [workload = ''], get }) {
  const [asked] = lookups(look().clusters[cluster], [workload]);
  const { kind, name = '' } = asked ?? {};
  const replicas = Number(get('replicas') ?? -1);
  if (kind === undefined || replicas < 0) throw new Failure('error: The --replicas=COUNT flag is required');
  change((now) => {
    const found = now.clusters[cluster].objects[`${kind.kind}/${namespace}/${name}`];
    if (found === undefined)
      throw new Failure(minor() >= 31 ? notFound(kind, name) : 'error: no objects passed to scale');
    found.spec.replicas = replicas;
    remark(now);
  });
  program.out(`${objectName(kind, name)} scaled`);
  program.reached();
}

/** Of the agents alone: they are made anew, and what they knew stays in the kernel. @param {import('./program.mjs').Program} program @param {string} cluster @param {string} namespace @param {import('./args.mjs').Parsed} parsed */
function restart(program, cluster, namespace, { words: [workload = ''] }) {
  const [kind = '', name = ''] = workload.split('/');
  const isThere = objects(look(), cluster).some(
    (each) => each.kind.toLowerCase() === kind && each.metadata.name === name && each.metadata.namespace === namespace,
  );
  if (!isThere) throw new Failure(`Error from server (NotFound): ${kind}s.apps "${name}" not found`);
  if (namespace !== 'kube-system' || workload !== 'daemonset/cilium')
    throw new Failure(`error: stand-in: will not restart ${workload}`);
  change((now) => {
    const { looks, connected } = now.clusters[cluster];
    looks.agents = 2;
    Object.assign(now.clusters[cluster], { remembered: connected, connected: [], deaf: undefined });
  });
  program.out('daemonset.apps/cilium restarted');
}

/** The client of the scenario that sends at fixed instants. @param {import('./program.mjs').Program} program @param {string} cluster @param {string} namespace @param {string[]} command */
function load(program, cluster, namespace, [verb = '', file = '', asked = '{}']) {
  if (look().clusters[cluster].objects[`Deployment/${namespace}/client`] === undefined)
    throw new Failure('Error from server (NotFound): deployments.apps "client" not found');
  change((now) => {
    const loads = (now.clusters[cluster].loads ??= {});
    if (verb === 'start') {
      remark(now);
      loads[file] = { begun: Date.now(), asked: JSON.parse(asked) };
      return;
    }
    if (verb === 'stop' && loads[file] === undefined) throw new Failure('command terminated with exit code 1');
    if (verb === 'stop') for (const line of linesOf(now, cluster, loads[file])) program.out(line);
    delete loads[file];
  });
}

/** A probe that asks: no other program of a pod is known. @param {import('./program.mjs').Program} program @param {string} cluster @param {string} namespace @param {import('./args.mjs').Parsed} parsed */
function exec(program, cluster, namespace, { words }) {
  const [pod = '', ...command] = words;
  const [, ran] = /^node (\/probe\/[\w.]+)/.exec(command.slice(0, 2).join(' ')) ?? [];
  if (pod === 'deployment/client' && ran === '/probe/load.mjs')
    return load(program, cluster, namespace, command.slice(2));
  const now = look();
  if (!isRunning(now, cluster, namespace, pod))
    throw new Failure('error: unable to upgrade connection: container not found ("main")');
  const [runtime, file, given = ''] = command;
  if (runtime !== 'node' || file !== '/probe/ask.mjs')
    throw new Failure(`error: stand-in: will not run ${command.join(' ')}`);
  const asked = JSON.parse(given);
  const answers = asked.rounds === undefined ? hear(now, cluster, pod, asked) : hearRounds(look, cluster, pod, asked);
  for (const answer of answers) program.out(JSON.stringify(answer));
}

/** Namespaces, secrets of Helm and applied objects: nothing else is the lab's to delete. @param {import('./program.mjs').Program} program @param {string} cluster @param {string} namespace @param {import('./args.mjs').Parsed} parsed */
function remove(program, cluster, namespace, { words, is, get }) {
  if (get('selector') !== undefined) return removePods(program, cluster, namespace, words, get('selector') ?? '');
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

/** Pods come back at once: those of the ClusterMesh API server need a moment. @param {import('./program.mjs').Program} program @param {string} cluster @param {string} namespace @param {string[]} words @param {string} selector */
function removePods(program, cluster, namespace, words, selector) {
  const [, name = ''] = /^(?:app|k8s-app)=([\w-]+)$/.exec(selector) ?? [];
  if (words.join() === 'pods' && name === '') return program.out('No resources found');
  if (words.join() !== 'pods' || name === '') throw new Failure(`error: stand-in: will not delete ${words.join(' ')}`);
  if (name === 'server') change((now) => remarkKilled(now, cluster));
  if (name === 'clustermesh-apiserver')
    change((now) => Object.assign(now.clusters[cluster].looks, { mesh: 1, unheard: 40 }));
  program.out(`pod "${name}-5d9c" force deleted from ${namespace} namespace`);
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

// @ts-check
import { kubernetes, NoAnswer, isAtLeast } from './cilium-cli.mjs';
import { look } from './cluster.mjs';
import { objects } from './objects.mjs';
import { Failure } from './program.mjs';
import { world } from './state.mjs';

const [red, green, yellow, cyan, blue, magenta, reset] = [
  '\x1b[31m',
  '\x1b[32m',
  '\x1b[33m',
  '\x1b[36m',
  '\x1b[34m',
  '\x1b[35m',
  '\x1b[0m',
];

/** One part of Cilium: what kind of workload, and whether it must be there. */
const parts = /** @type {const} */ ([
  ['DaemonSet', 'cilium', 'required'],
  ['DaemonSet', 'cilium-envoy', 'envoy'],
  ['Deployment', 'cilium-operator', 'required'],
  ['Deployment', 'clustermesh-apiserver', 'optional'],
  ['Deployment', 'hubble-relay', 'optional'],
  ['Deployment', 'hubble-ui', 'optional'],
]);

/** @typedef {{ kind: string, name: string, missing: boolean, required: boolean, desired: number, ready: number }} Part */

/** `cilium status`: colours even into a file; with --wait the picture of a timeout goes to stderr. @param {import('./program.mjs').Program} program @param {import('./args.mjs').Parsed} parsed */
export function status(program, parsed) {
  const client = kubernetes(parsed, parsed.get('context'));
  const timeout = parsed.seconds('wait-duration', 300);
  for (let second = 0; ; second += 1) {
    const { picture, problems } = observe(client);
    if (problems === 0 || !parsed.is('wait')) return process.stdout.write(picture);
    if (second === 0) program.reached();
    if (second >= timeout) {
      process.stderr.write(picture);
      if (isAtLeast('v0.19.0')) process.stdout.write(picture);
      throw new Failure(
        '\nError: Unable to determine status:  timeout while waiting for status to become successful: context deadline exceeded',
      );
    }
    // it draws over its last picture, also where there is no terminal
    process.stdout.write(picture + '\x1b[A\x1b[2K'.repeat(picture.split('\n').length - 1));
    program.tick();
  }
}

/** @param {import('./cilium-cli.mjs').Client} client */
function observe(client) {
  try {
    const name = client.cluster();
    const all = objects(look(), name);
    const found = parts.map(([kind, part, need]) => {
      const object = all.find(
        (each) => each.kind === kind && each.metadata.name === part && each.metadata.namespace === 'kube-system',
      );
      const { desiredNumberScheduled, numberReady, replicas, readyReplicas } = object?.status ?? {};
      return {
        kind,
        name: part,
        missing: object === undefined,
        required: need === 'required',
        desired: desiredNumberScheduled ?? replicas ?? 0,
        ready: numberReady ?? readyReplicas ?? 0,
      };
    });
    const { liveVersion = '' } = world().clusters[name];
    return draw(found, liveVersion, ({ kind, name: part }) => `${kind.toLowerCase()}s.apps "${part}" not found`);
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
    const found = parts.map(([kind, name, need]) => ({
      kind,
      name,
      missing: true,
      required: need === 'required',
      desired: 0,
      ready: 0,
    }));
    return draw(found, '', ({ kind, name }) =>
      error.at(`/apis/apps/v1/namespaces/kube-system/${kind.toLowerCase()}s/${name}`),
    );
  }
}

/** @param {Part[]} found @param {string} chart @param {(part: Part) => string} whyMissing */
function draw(found, chart, whyMissing) {
  const errors = found.flatMap((part) => {
    if (part.missing) return part.required ? [[part.name, whyMissing(part)]] : [];
    return part.ready < part.desired
      ? [[part.name, `${part.desired - part.ready} pods of ${part.kind} ${part.name} are not ready`]]
      : [];
  });
  const summary = (/** @type {string} */ name) => {
    const part = found.find((each) => each.name === name);
    if (name === 'cilium-envoy' && part?.missing === true) return `${cyan}disabled (using embedded mode)${reset}`;
    if (errors.some(([each]) => each === name)) return `${red}1 errors${reset}`;
    return part?.missing === true ? `${cyan}disabled${reset}` : `${green}OK${reset}`;
  };
  const lines = [
    `${yellow}    /¯¯\\`,
    `${cyan} /¯¯${yellow}\\__/${green}¯¯\\${reset}    Cilium:             ${summary('cilium')}`,
    `${cyan} \\__${red}/¯¯\\${green}__/${reset}    Operator:           ${summary('cilium-operator')}`,
    `${green} /¯¯${red}\\__/${magenta}¯¯\\${reset}    Envoy DaemonSet:    ${summary('cilium-envoy')}`,
    `${green} \\__${blue}/¯¯\\${magenta}__/${reset}    Hubble Relay:       ${summary('hubble-relay')}`,
    `${blue}${blue}${blue}    \\__/${reset}       ClusterMesh:        ${summary('clustermesh-apiserver')}`,
    '',
    ...found.filter(({ missing }) => !missing).map(podState),
    `Cluster Pods:          ${errors.length === 0 ? '5/5' : '0/0'} managed by Cilium`,
    `Helm chart version:    ${chart}`,
    ...errors.map(
      ([name = '', text], index) =>
        `${index === 0 ? 'Errors:' : ''}`.padEnd(23) + `${name.padEnd(24)} ${name.padEnd(24)} ${text}`,
    ),
  ];
  return { picture: `${lines.join('\n')}\n`, problems: errors.length };
}

/** @param {Part} part */
function podState({ kind, name, desired, ready }) {
  const state =
    ready === desired
      ? `Ready: ${green}${ready}/${desired}${reset}, Available: ${green}${ready}/${desired}${reset}`
      : `Unavailable: ${red}${desired - ready}/${desired}${reset}`;
  return `${kind.padEnd(22)} ${name.padEnd(24)} Desired: ${desired}, ${state}`;
}

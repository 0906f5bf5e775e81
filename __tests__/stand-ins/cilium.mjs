// @ts-check
import { parse } from './args.mjs';
import { connect } from './cilium-connect.mjs';
import { connectivityTest } from './cilium-connectivity.mjs';
import { cliVersion, isAtLeast, kubernetes } from './cilium-cli.mjs';
import { enable, meshStatus } from './cilium-clustermesh.mjs';
import { status } from './cilium-status.mjs';
import { sysdump } from './cilium-sysdump.mjs';
import { Failure } from './program.mjs';

/** @type {Record<string, import('./args.mjs').Flags>} */
const flags = {
  version: { client: 'bool' },
  status: {
    wait: 'bool',
    'wait-duration': 'duration',
    output: 'string',
    'ignore-warnings': 'bool',
    'worker-count': 'string',
  },
  sysdump: {
    quick: 'bool',
    profiling: 'bool',
    'hubble-flows-count': 'string',
    'output-filename': 'string',
    'worker-count': 'string',
  },
  'clustermesh enable': { 'service-type': 'string', 'enable-kvstoremesh': 'bool', 'enable-external-workloads': 'bool' },
  'clustermesh status': { wait: 'bool', 'wait-duration': 'duration', output: 'string' },
  'clustermesh connect': { 'destination-context': 'list', 'destination-endpoint': 'list', 'source-endpoint': 'list' },
  'connectivity test': {
    help: 'bool',
    'multi-cluster': 'string',
    'junit-file': 'string',
    'junit-property': 'list',
    test: 'list',
    'single-node': 'bool',
    'test-namespace': 'string',
    'flow-validation': 'string',
    hubble: 'bool',
    'request-timeout': 'duration',
    'connect-timeout': 'duration',
    'external-target': 'string',
    'external-ip': 'string',
    'external-cidr': 'string',
    'collect-sysdump-on-failure': 'bool',
    debug: 'bool',
    verbose: 'bool',
    timestamp: 'bool',
  },
};

/** The flags of a command in this version of the CLI. @param {string} command @returns {import('./args.mjs').Flags} */
function flagsOf(command) {
  /** @type {import('./args.mjs').Flags} */
  const known = { ...flags[command], context: 'string', namespace: 'string' };
  if (isAtLeast('v0.16.4')) known['helm-release-name'] = 'string';
  if (isAtLeast('v0.16.20')) known.kubeconfig = 'string';
  if (command === 'clustermesh connect' && isAtLeast('v0.16.19')) known['connection-mode'] = 'string';
  if (command === 'clustermesh connect' && isAtLeast('v0.16.20')) known.parallel = 'string';
  if (command === 'clustermesh connect' && isAtLeast('v0.19.1')) known['allow-mismatching-ca'] = 'bool';
  return known;
}

/** The Cilium CLI in Helm mode, v0.15.8 unless machine.json has a newer one. @param {import('./program.mjs').Program} program */
export function cilium(program) {
  const [first = '', second = ''] = program.args;
  const command = ['clustermesh', 'connectivity'].includes(first) ? `${first} ${second}` : first;
  if (flags[command] === undefined)
    throw new Failure(
      `unknown command "${command.split(' ').at(-1)}" for "cilium${command.includes(' ') ? ` ${first}` : ''}"`,
    );
  const short = { n: 'namespace', o: 'output', d: 'debug', v: 'verbose', t: 'timestamp' };
  const parsed = parse(program.args.slice(command.split(' ').length), { flags: flagsOf(command), short });
  // before anything else the CLI makes a client for its context; `version --client` too
  kubernetes(parsed, parsed.get('context'));
  switch (command) {
    case 'version':
      return version(program, parsed);
    case 'status':
      return status(program, parsed);
    case 'sysdump':
      return sysdump(program, parsed);
    case 'clustermesh enable':
      return enable(program, parsed);
    case 'clustermesh status':
      return meshStatus(program, parsed);
    case 'clustermesh connect':
      return connect(program, parsed);
    default:
      return connectivityTest(program, parsed);
  }
}

/** @param {import('./program.mjs').Program} program @param {import('./args.mjs').Parsed} parsed */
function version(program, { is }) {
  program.out(`cilium-cli: ${cliVersion()} compiled with go1.21.0 on linux/amd64`);
  program.out('cilium image (default): v1.14.1\ncilium image (stable): unknown');
  if (!is('client'))
    program.out(
      'cilium image (running): unknown. Unable to obtain cilium version, no cilium pods found in namespace "kube-system"',
    );
}

// @ts-check
import { writeFileSync } from 'node:fs';
import { isAtLeast, kubernetes, NoAnswer } from './cilium-cli.mjs';
import { agentsReady, look } from './cluster.mjs';
import { Failure } from './program.mjs';
import { change, newUid } from './state.mjs';

/** A part of the suite of v0.15.8: tests with their scenarios, and how many actions each scenario makes. @type {readonly (readonly [string, readonly string[]])[]} */
const suite = [
  [
    'no-policies',
    [
      'pod-to-pod',
      'client-to-client',
      'pod-to-service',
      'pod-to-hostport',
      'pod-to-world',
      'pod-to-host',
      'pod-to-external-workload',
      'pod-to-cidr',
    ],
  ],
  ['no-policies-extra', ['pod-to-remote-nodeport', 'pod-to-local-nodeport']],
  [
    'allow-all-except-world',
    ['pod-to-pod', 'client-to-client', 'pod-to-service', 'pod-to-host', 'pod-to-external-workload'],
  ],
  ['client-ingress', ['client-to-client']],
  ['client-ingress-knp', ['client-to-client']],
  ['all-ingress-deny', ['pod-to-pod', 'pod-to-cidr']],
  ['all-egress-deny', ['pod-to-pod', 'pod-to-pod-with-endpoints']],
  ['cluster-entity', ['pod-to-pod']],
  ['echo-ingress', ['pod-to-pod']],
  ['client-egress', ['pod-to-pod']],
  ['to-entities-world', ['pod-to-world']],
  ['to-cidr-external', ['pod-to-cidr']],
  ['dns-only', ['pod-to-pod', 'pod-to-world']],
  ['to-fqdns', ['pod-to-world', 'pod-to-world-2']],
];
const actionsPerScenario = 2;

/** `cilium connectivity test`. @param {import('./program.mjs').Program} program @param {import('./args.mjs').Parsed} parsed */
export function connectivityTest(program, parsed) {
  if (parsed.is('help'))
    return program.out(
      '      --curl-image string   Image path to use for curl (default "quay.io/cilium/alpine-curl:v1.7.0")',
    );
  const filters = patterns(parsed.all('test'));
  const source = kubernetes(parsed, parsed.get('context'));
  const remoteContext = parsed.get('multi-cluster');
  const failed = isAtLeast('v0.16.0') ? '' : 'connectivity test failed: ';
  if (remoteContext !== undefined && parsed.is('single-node'))
    throw new Failure(`${failed}single-node test can not be enabled with multi-cluster test`);
  const prefix = `${failed}unable to create Kubernetes client for remote cluster "${remoteContext}": `;
  const remote = remoteContext === undefined ? undefined : kubernetes(parsed, remoteContext, prefix);
  try {
    const [here, there] = [source.cluster(), remote?.cluster()];
    const names = [here, ...(there === undefined ? [] : [there])];
    if (names.some((name) => !agentsReady(look().clusters[name])))
      throw new Failure('connectivity test failed: unable to determine cilium version from pods: no cilium pods found');
    deploy(program, names, parsed.get('test-namespace') ?? 'cilium-test');
    program.reached();
    test(program, parsed, here, there, filters);
  } catch (error) {
    if (error instanceof NoAnswer)
      throw new Failure(
        `connectivity test failed: unable to list Cilium pods: ${error.at('/api/v1/namespaces/kube-system/pods?labelSelector=k8s-app%3Dcilium')}`,
      );
    throw error;
  }
}

/** @param {string[]} given */
function patterns(given) {
  const compiled = given
    .flatMap((list) => list.split(','))
    .map((text) => {
      try {
        return { skip: text.startsWith('!'), pattern: new RegExp(text.replace(/^!/, '')) };
      } catch {
        throw new Failure(`test filter: error parsing regexp: missing argument to repetition operator: \`${text}\``);
      }
    });
  return {
    run: compiled.filter(({ skip }) => !skip).map(({ pattern }) => pattern),
    skip: compiled.filter(({ skip }) => skip).map(({ pattern }) => pattern),
  };
}

/** Its namespaces stay: in both clusters, from v0.19 on two more in the source (facts of a real run of v0.19.7). @param {import('./program.mjs').Program} program @param {string[]} names @param {string} given */
function deploy(program, names, given) {
  const namespace = isAtLeast('v0.16.0') ? `${given}-1` : given;
  for (const name of names) {
    program.out(`✨ [kind-${name}] Creating namespace ${namespace} for connectivity check...`);
    change((now) => {
      now.clusters[name].namespaces[namespace] ??= newUid(now);
    });
  }
  if (isAtLeast('v0.19.0')) {
    change((now) => {
      for (const more of ['ccnp1', 'ccnp2'])
        now.clusters[names[0] ?? ''].namespaces[`${given}-${more}`] ??= newUid(now);
    });
  }
  program.out(`✨ [kind-${names[0]}] Deploying client deployment...`);
  program.pass(20);
}

/** @param {import('./program.mjs').Program} program @param {import('./args.mjs').Parsed} parsed @param {string} here @param {string | undefined} there @param {ReturnType<typeof patterns>} filters */
function test(program, parsed, here, there, { run, skip }) {
  const now = look();
  if (there !== undefined && !linked(now, here, there)) {
    throw new Failure(
      `connectivity test failed: timeout reached waiting for lookup for echo-other-node from pod cilium-test/client-6b4b857d98-qx5gr to server on pod cilium-test/echo-other-node to succeed (last error: context deadline exceeded)`,
    );
  }
  const enabled = (/** @type {string} */ name) =>
    !skip.some((each) => each.test(name)) && (run.length === 0 || run.some((each) => each.test(name)));
  const results = suite.map(([name, scenarios]) => ({
    name,
    scenarios: scenarios.filter((scenario) => enabled(`${name}/${scenario}`)),
    all: scenarios.length,
  }));
  const ran = results.filter(({ scenarios }) => scenarios.length > 0);
  program.out('🏃 Running tests...');
  for (const { name, scenarios } of results) {
    program.out(
      scenarios.length === 0
        ? `[=] Skipping Test [${name}] (skipped by user)`
        : `[=] Test [${name}]\n${'.'.repeat(scenarios.length * actionsPerScenario)}`,
    );
  }
  writeJunit(program, parsed, results);
  const actions = ran.reduce((sum, { scenarios }) => sum + scenarios.length * actionsPerScenario, 0);
  const skipped = ran.reduce((sum, { scenarios, all }) => sum + all - scenarios.length, 0);
  program.out(
    `\n✅ All ${ran.length} tests (${actions} actions) successful, ${results.length - ran.length} tests skipped, ${skipped} scenarios skipped.`,
  );
}

/** The data path, not the status: both sides must know each other and both API servers must be there. @param {any} now @param {string} here @param {string} there */
function linked(now, here, there) {
  const knows = (/** @type {string} */ one, /** @type {string} */ other) =>
    now.clusters[one].connected.includes(now.clusters[other].live?.cluster?.name);
  const serves = (/** @type {string} */ name) =>
    now.clusters[name].addresses['kube-system/clustermesh-apiserver'] !== undefined;
  return knows(here, there) && knows(there, here) && serves(here) && serves(there);
}

/** @param {import('./program.mjs').Program} program @param {import('./args.mjs').Parsed} parsed @param {{ name: string, scenarios: string[] }[]} results */
function writeJunit(program, parsed, results) {
  const file = parsed.get('junit-file');
  if (file === undefined) return;
  const property = (/** @type {string} */ name, /** @type {string} */ value) =>
    `          <property name="${escape(name)}" value="${escape(value)}"></property>`;
  // v0.18.4 takes them and writes none (cilium-cli/connectivity/check/junit.go)
  const given = isAtLeast('v0.18.0') && !isAtLeast('v0.19.0') ? [] : parsed.all('junit-property');
  const properties = given.map((pair) => property(pair.split('=')[0] ?? '', pair.split('=').slice(1).join('=')));
  const skipped = results.filter(({ scenarios }) => scenarios.length === 0).length;
  const cases = results.map(({ name, scenarios }) => {
    const begin = `          <testcase name="${name}" classname="connectivity test" status="${scenarios.length === 0 ? 'skipped' : 'passed'}" time="0">`;
    return scenarios.length === 0
      ? `${begin}\n              <skipped message="${name} skipped"></skipped>\n          </testcase>`
      : `${begin}</testcase>`;
  });
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `  <testsuites tests="${results.length}" disabled="${skipped}" errors="0" failures="0" time="0">`,
    `      <testsuite name="connectivity test" id="0" package="cilium" tests="${results.length}" errors="0" failures="0" skipped="${skipped}" time="0" timestamp="2026-11-22T21:02:56">`,
    '        <properties>',
    property('Args', program.args.slice(2).join('|')),
    ...properties,
    '        </properties>',
    ...cases,
    '      </testsuite>',
    '  </testsuites>',
  ];
  try {
    writeFileSync(file, `${lines.join('\n')}\n`);
  } catch {
    program.out(`❌ writing to junit file ${file} failed: open ${file}: no such file or directory`);
  }
}

/** @param {string} text */
const escape = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&#34;');

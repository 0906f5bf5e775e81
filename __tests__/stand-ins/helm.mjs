// @ts-check
import { parse } from './args.mjs';
import { reach, Unreachable } from './cluster.mjs';
import { checkCa, locate, readValues } from './helm-chart.mjs';
import { HelmError, mergeValues, pending, revisions, roll, upgrade } from './helm-release.mjs';
import { manifestOf } from './objects.mjs';
import { Failure } from './program.mjs';
import { change, machine } from './state.mjs';
import { yaml } from './yaml.mjs';

/** @type {Record<string, (program: import('./program.mjs').Program, parsed: import('./args.mjs').Parsed) => void>} */
const commands = {
  version,
  upgrade: upgradeInstall,
  template,
  list,
  ls: list,
  'get values': getValues,
  'get manifest': getManifest,
  history,
  status,
  rollback,
  uninstall,
};

/** @type {Record<string, import('./args.mjs').Flags>} */
const flags = {
  version: { short: 'bool', template: 'string' },
  upgrade: {
    install: 'bool',
    version: 'string',
    values: 'list',
    timeout: 'duration',
    wait: 'bool',
    'reset-values': 'bool',
    'reuse-values': 'bool',
    'reset-then-reuse-values': 'bool',
    'set-string': 'list',
    'history-max': 'string',
    output: 'string',
  },
  template: { version: 'string', values: 'list', set: 'list' },
  list: { all: 'bool', filter: 'string', output: 'string', pending: 'bool', failed: 'bool', deployed: 'bool' },
  'get values': { all: 'bool', output: 'string', revision: 'string' },
  'get manifest': { revision: 'string' },
  history: { output: 'string', max: 'string' },
  status: { output: 'string', revision: 'string' },
  rollback: { wait: 'bool', timeout: 'duration' },
  uninstall: { wait: 'bool', timeout: 'duration', 'ignore-not-found': 'bool', 'keep-history': 'bool' },
};
/** @type {import('./args.mjs').Flags} */
const globalFlags = { namespace: 'string', kubeconfig: 'string', 'kube-context': 'string', debug: 'bool' };
const short = { n: 'namespace', i: 'install', f: 'values', a: 'all', o: 'output' };

/** Helm v3.17.3, as far as the lab needs it. @param {import('./program.mjs').Program} program */
export function helm(program) {
  const [first = '', second = ''] = program.args;
  const name = first === 'get' ? `get ${second}` : first;
  const command = commands[name];
  if (command === undefined)
    throw new Failure(`Error: unknown command "${first}" for "helm"\nRun 'helm --help' for usage.`);
  const fail = (/** @type {string} */ message) => new Failure(`Error: ${message}`);
  const known = /** @type {import('./args.mjs').Flags} */ ({ ...flags[name === 'ls' ? 'list' : name], ...globalFlags });
  const parsed = parse(program.args.slice(name.split(' ').length), { flags: known, short, fail });
  try {
    command(program, parsed);
  } catch (error) {
    if (error instanceof HelmError) throw new Failure(`Error: ${error.message}`);
    throw error;
  }
}

/** @param {import('./program.mjs').Program} program @param {import('./args.mjs').Parsed} parsed */
function version(program, { is, get }) {
  const { helm: released } = machine().versions;
  const template = get('template');
  if (template !== undefined) process.stdout.write(template.replace(/\{\{\s*\.Version\s*\}\}/, released));
  else if (is('short')) program.out(`${released}+ge4da497`);
  else
    program.out(
      `version.BuildInfo{Version:"${released}", GitCommit:"e4da49785aa6e6ee2b86efd5dd9e43400318262b", GitTreeState:"clean", GoVersion:"go1.23.7"}`,
    );
}

/** The lab's release lives in kube-system; elsewhere there is none. @param {import('./args.mjs').Parsed} parsed @returns {string} */
function target({ get }) {
  const kubeconfig = get('kubeconfig') ?? process.env.KUBECONFIG ?? '';
  try {
    return reach([kubeconfig], get('kube-context'));
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    if (error.reason === 'context')
      throw new HelmError(`Kubernetes cluster unreachable: context "${error.server}" does not exist`);
    const host = error.server.replace(/^https?:\/\//, '');
    const reason =
      error.reason === 'refused'
        ? `dial tcp ${host}: connect: connection refused`
        : 'tls: failed to verify certificate: x509: certificate signed by unknown authority';
    throw new HelmError(`Kubernetes cluster unreachable: Get "${error.server}/version": ${reason}`);
  }
}

/** @param {import('./args.mjs').Parsed} parsed @param {string} cluster */
function found({ words, get }, cluster) {
  const all = words[0] === 'cilium' && get('namespace') === 'kube-system' ? revisions(cluster) : [];
  if (all.length === 0) throw new HelmError('release: not found');
  return all;
}

/** @param {import('./program.mjs').Program} program @param {import('./args.mjs').Parsed} parsed */
function upgradeInstall(program, parsed) {
  const { words, is, get, all } = parsed;
  if (words.length !== 2)
    throw new HelmError(`"helm upgrade" requires 2 arguments\n\nUsage:  helm upgrade [RELEASE] [CHART] [flags]`);
  const [name = '', chart = ''] = words;
  if (name === 'cilium-preflight') return checkChart(program, parsed, chart);
  if (name !== 'cilium' || get('namespace') !== 'kube-system')
    throw new HelmError('stand-in: knows only the release cilium in kube-system');
  const cluster = target(parsed);
  const exists = revisions(cluster).length > 0;
  if (!exists && is('install')) program.out('Release "cilium" does not exist. Installing it now.');
  const chartVersion = locate(chart);
  const values = [...all('values').map(readValues), ...all('set-string').map(setString)].reduce(mergeValues, {});
  checkCa(values);
  if (!exists && !is('install')) throw new HelmError('UPGRADE FAILED: "cilium" has no deployed releases');
  const reuse = is('reuse-values') || is('reset-then-reuse-values');
  try {
    const { revision } = upgrade(program, cluster, {
      version: chartVersion,
      values,
      reuse,
      kind: exists ? 'upgrade' : 'install',
    });
    if (is('wait')) waitForServices(cluster);
    if (exists) program.out('Release "cilium" has been upgraded. Happy Helming!');
    program.out(
      `NAME: cilium\nLAST DEPLOYED: ${new Date().toUTCString()}\nNAMESPACE: kube-system\nSTATUS: deployed\nREVISION: ${revision}\nTEST SUITE: None`,
    );
  } catch (error) {
    throw error instanceof HelmError && exists ? new HelmError(`UPGRADE FAILED: ${error.message}`) : error;
  }
}

/** `a.b=text`, as Helm reads it where no dot is escaped. @param {string} text @returns {any} */
function setString(text) {
  const [, path = '', value = ''] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  return path.split('.').reduceRight((/** @type {any} */ inner, key) => ({ [key]: inner }), value);
}

/** Helm waits for LoadBalancer addresses too, and in this lab they come only later. @param {string} cluster */
function waitForServices(cluster) {
  const last = revisions(cluster).at(-1);
  if (last?.config.hubble?.ui?.service?.type !== 'LoadBalancer') return;
  change((now) => {
    const { addresses, releases } = now.clusters[cluster];
    if (addresses['kube-system/hubble-ui'] !== undefined) return;
    Object.assign(releases.at(-1), {
      status: 'failed',
      description: 'Upgrade "cilium" failed: context deadline exceeded',
    });
  });
  if (revisions(cluster).at(-1)?.status === 'failed') throw new HelmError('context deadline exceeded');
}

/** @param {import('./program.mjs').Program} program @param {import('./args.mjs').Parsed} parsed */
function list(program, parsed) {
  const { get, is } = parsed;
  const cluster = target(parsed);
  const last = get('namespace') === 'kube-system' ? revisions(cluster).at(-1) : undefined;
  const shown =
    last !== undefined &&
    new RegExp(get('filter') ?? '').test('cilium') &&
    (is('all') || ['deployed', 'failed'].includes(last.status));
  const rows = shown ? [row(last)] : [];
  if (get('output') === 'json') return process.stdout.write(`${JSON.stringify(rows)}\n`);
  if (get('output') !== undefined && get('output') !== 'table')
    throw new HelmError(`invalid argument "${get('output')}" for "-o, --output" flag: invalid format type`);
  program.out('NAME\tNAMESPACE\tREVISION\tUPDATED\tSTATUS\tCHART\tAPP VERSION');
  for (const each of rows) program.out(Object.values(each).join('\t'));
}

/** @param {import('./helm-release.mjs').Revision} revision */
function row({ revision, updated, status: state, version: chart }) {
  const at = `${updated.replace('T', ' ').replace('Z', '000000')} +0000 UTC`;
  return {
    name: 'cilium',
    namespace: 'kube-system',
    revision: String(revision),
    updated: at,
    status: state,
    chart: `cilium-${chart}`,
    app_version: chart,
  };
}

/** @param {import('./program.mjs').Program} program @param {import('./args.mjs').Parsed} parsed */
function getValues(program, parsed) {
  const { get } = parsed;
  const all = found(parsed, target(parsed));
  const wanted =
    get('revision') === undefined ? all.at(-1) : all.find(({ revision }) => String(revision) === get('revision'));
  if (wanted === undefined) throw new HelmError('release: not found');
  const config = Object.keys(wanted.config).length === 0 ? null : wanted.config;
  if (get('output') === 'json') program.out(JSON.stringify(config));
  else process.stdout.write(`${get('output') === 'yaml' ? '' : 'USER-SUPPLIED VALUES:\n'}${yaml().stringify(config)}`);
}

/** @param {import('./program.mjs').Program} program @param {import('./args.mjs').Parsed} parsed */
function getManifest(program, parsed) {
  const last = found(parsed, target(parsed)).at(-1);
  if (last === undefined) throw new HelmError('release: not found');
  program.out(manifestOf(last.config, last.version));
}

/** @param {import('./program.mjs').Program} program @param {import('./args.mjs').Parsed} parsed */
function history(program, parsed) {
  const rows = found(parsed, target(parsed)).map((each) => ({
    revision: each.revision,
    updated: each.updated,
    status: each.status,
    chart: `cilium-${each.version}`,
    app_version: each.version,
    description: each.description,
  }));
  if (parsed.get('output') === 'json') return program.out(JSON.stringify(rows));
  program.out('REVISION\tUPDATED                 \tSTATUS    \tCHART        \tAPP VERSION\tDESCRIPTION     ');
  for (const each of rows) program.out(Object.values(each).join('\t'));
}

/** @param {import('./program.mjs').Program} program @param {import('./args.mjs').Parsed} parsed */
function status(program, parsed) {
  const last = found(parsed, target(parsed)).at(-1);
  if (last === undefined) throw new HelmError('release: not found');
  const { revision, updated, status: state, description, config } = last;
  if (parsed.get('output') === 'json') {
    return program.out(
      JSON.stringify({
        name: 'cilium',
        info: { last_deployed: updated, description, status: state },
        config,
        version: revision,
        namespace: 'kube-system',
      }),
    );
  }
  program.out(
    `NAME: cilium\nLAST DEPLOYED: ${updated}\nNAMESPACE: kube-system\nSTATUS: ${state}\nREVISION: ${revision}\nTEST SUITE: None`,
  );
}

/** @param {import('./program.mjs').Program} program @param {import('./args.mjs').Parsed} parsed */
function rollback(program, parsed) {
  const cluster = target(parsed);
  const all = found(parsed, cluster);
  const last = all.at(-1)?.revision ?? 0;
  const to = Number(parsed.words[1] ?? 0) || last - 1;
  const wanted = all.find(({ revision }) => revision === to);
  if (wanted === undefined) throw new HelmError(`release has no ${to} version`);
  if (all.at(-1)?.status.startsWith('pending-rollback')) throw new HelmError(pending);
  change((now) => {
    const here = now.clusters[cluster];
    for (const each of here.releases)
      if (each.status === 'deployed' || each.status.startsWith('pending-')) each.status = 'superseded';
    here.releases.push({
      ...wanted,
      revision: last + 1,
      status: 'deployed',
      description: `Rollback to ${to}`,
      updated: new Date().toISOString(),
    });
    roll(here, here.releases.at(-1));
  });
  program.out('Rollback was a success! Happy Helming!');
}

/** The pre-flight check: its pods are up at once. @param {import('./program.mjs').Program} program @param {import('./args.mjs').Parsed} parsed @param {string} chart */
function checkChart(program, parsed, chart) {
  const cluster = target(parsed);
  const { preflight, agent, operator } = parsed.all('values').map(readValues).reduce(mergeValues, {});
  if (preflight?.enabled !== true || agent !== false || operator?.enabled !== false)
    throw new HelmError('stand-in: would install a second Cilium');
  locate(chart);
  change((now) => (now.clusters[cluster].preflight = true));
  program.reached();
  program.out('Release "cilium-preflight" does not exist. Installing it now.');
}

/** @param {import('./program.mjs').Program} program @param {import('./args.mjs').Parsed} parsed */
function uninstall(program, parsed) {
  const cluster = target(parsed);
  if (parsed.words[0] === 'cilium-preflight') {
    change((now) => delete now.clusters[cluster].preflight);
    program.out('release "cilium-preflight" uninstalled');
    return;
  }
  if (revisions(cluster).length === 0) {
    if (parsed.is('ignore-not-found')) return;
    throw new HelmError('uninstall: Release not loaded: cilium: release: not found');
  }
  change((now) => {
    now.clusters[cluster].releases = [];
    delete now.clusters[cluster].live;
  });
  program.out('release "cilium" uninstalled');
}

/** Of all that a chart is rendered to, its images. @param {import('./program.mjs').Program} program @param {import('./args.mjs').Parsed} parsed */
function template(program, { words, all }) {
  const [name = '', chart = ''] = words;
  if (name !== 'cilium') throw new HelmError(`the stand-in renders no ${name}`);
  locate(chart);
  for (const file of all('values')) readValues(file);
  for (const image of ['cilium', 'operator-generic', 'clustermesh-apiserver'])
    program.out(`        image: "quay.io/cilium/${image}:v1"`);
}

// @ts-check
import { closeSync, existsSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { HelmError } from './helm-release.mjs';
import { yaml } from './yaml.mjs';

/** The chart's version: from the file's name, or from a folder's Chart.yaml. @param {string} chart path or URL */
export function locate(chart) {
  const named = /cilium-(\d+\.\d+\.\d+[^/]*)\.tgz$/.exec(chart)?.[1];
  if (/^https?:\/\//.test(chart)) {
    const { host } = new URL(chart);
    if (host !== 'helm.cilium.io') throw new HelmError(`Get "${chart}": dial tcp: lookup ${host}: no such host`);
    if (named === undefined) throw new HelmError(`failed to fetch ${chart} : 404 Not Found`);
    return named;
  }
  if (!existsSync(chart)) {
    if (chart.startsWith('/') || chart.startsWith('.')) throw new HelmError(`path "${chart}" not found`);
    const [repo] = chart.split('/');
    throw new HelmError(
      chart.split('/').length === 2
        ? `repo ${repo} not found`
        : `non-absolute URLs should be in form of repo_name/path_to_chart, got: ${chart}`,
    );
  }
  if (statSync(chart).isDirectory()) {
    const file = join(chart, 'Chart.yaml');
    if (!existsSync(file)) throw new HelmError('Chart.yaml file is missing');
    return String(yaml().parse(readFileSync(file, 'utf8')).version);
  }
  const magic = Buffer.alloc(2);
  const descriptor = openSync(chart, 'r');
  readSync(descriptor, magic, 0, 2, 0);
  closeSync(descriptor);
  if (magic.toString('hex') !== '1f8b')
    throw new HelmError(`file '${chart}' does not appear to be a gzipped archive; got 'application/octet-stream'`);
  if (named === undefined) throw new HelmError('stand-in: reads the version from the name cilium-X.Y.Z.tgz');
  return named;
}

/** @param {string} file */
export function readValues(file) {
  if (!existsSync(file)) throw new HelmError(`open ${file}: no such file or directory`);
  const text = readFileSync(file, 'utf8');
  try {
    return yaml().parse(text) ?? {};
  } catch (error) {
    throw new HelmError(
      `failed to parse ${file}: error converting YAML to JSON: yaml: ${/** @type {Error} */ (error).message.split('\n')[0]}`,
    );
  }
}

/** The chart decodes the given CA; what is no PEM in base64 fails. @param {any} values */
export function checkCa({ tls }) {
  const { cert, key } = tls?.ca ?? {};
  if (cert === undefined && key === undefined) return;
  for (const [what, text] of /** @type {const} */ ([
    ['certificate', cert],
    ['key', key],
  ])) {
    const pem = Buffer.from(String(text ?? ''), 'base64').toString();
    if (pem.startsWith('-----BEGIN ')) continue;
    throw new HelmError(
      `template: cilium/templates/cilium-ca-secret.yaml:14:14: executing "cilium/templates/cilium-ca-secret.yaml" at <buildCustomCert>: error calling buildCustomCert: unable to decode ${what}`,
    );
  }
}

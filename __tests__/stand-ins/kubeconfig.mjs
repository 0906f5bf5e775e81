// @ts-check
import { chmodSync, existsSync, mkdirSync, openSync, closeSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { sleep } from './state.mjs';
import { yaml } from './yaml.mjs';

const empty = () => ({
  apiVersion: 'v1',
  kind: 'Config',
  clusters: [],
  contexts: [],
  'current-context': '',
  preferences: {},
  users: [],
});

/** @param {string} file @returns {any} */
export function readKubeconfig(file) {
  if (!existsSync(file)) return empty();
  const text = readFileSync(file, 'utf8');
  return { ...empty(), ...(text.startsWith('{') ? JSON.parse(text) : yaml().parse(text)) };
}

/** What `kind get kubeconfig` prints for a cluster. @param {string} name @param {{ apiPort: number, ca: string }} cluster @param {boolean} [internal] */
export function kubeconfigOf(name, { apiPort, ca }, internal = false) {
  const context = `kind-${name}`;
  const server = internal ? `https://${name}-control-plane:6443` : `https://127.0.0.1:${apiPort}`;
  return {
    apiVersion: 'v1',
    clusters: [{ cluster: { 'certificate-authority-data': ca, server }, name: context }],
    contexts: [{ context: { cluster: context, user: context }, name: context }],
    'current-context': context,
    kind: 'Config',
    preferences: {},
    users: [{ name: context, user: { 'client-certificate-data': ca, 'client-key-data': ca } }],
  };
}

/**
 * Changes a kubeconfig under its lock, as kind and client-go do; `work` runs while it is held.
 * Throws an Error with kind's text when another holds the lock.
 * @param {string} file @param {() => void} work
 */
export function underLock(file, work) {
  const lock = `${file}.lock`;
  mkdirSync(dirname(file), { recursive: true });
  if (![0, 1, 50, 100].some((wait) => taken(lock, wait)))
    throw new Error(`failed to lock config file: open ${lock}: file exists`);
  try {
    work();
  } finally {
    rmSync(lock, { force: true });
  }
}

/** @param {string} lock @param {number} wait milliseconds before the attempt */
function taken(lock, wait) {
  sleep(wait);
  try {
    closeSync(openSync(lock, 'wx'));
    return true;
  } catch {
    return false;
  }
}

/** Puts the entries of `added` into the file and makes its context the current one. @param {string} file @param {any} added */
export function merge(file, added) {
  const merged = without(readKubeconfig(file), added['current-context']);
  for (const list of /** @type {const} */ (['clusters', 'contexts', 'users'])) merged[list].push(...added[list]);
  merged['current-context'] = added['current-context'];
  write(file, merged);
  chmodSync(file, 0o600);
}

/** Takes a context out of the file; a file without it is left alone. @param {string} file @param {string} context */
export function remove(file, context) {
  const before = readKubeconfig(file);
  if (!existsSync(file) || !before.contexts.some((/** @type {{ name: string }} */ { name }) => name === context))
    return;
  write(file, without(before, context));
}

/** As JSON, which is YAML too and faster to read. @param {string} file @param {any} config */
function write(file, config) {
  writeFileSync(file, JSON.stringify(config, undefined, 2));
}

/** @param {any} config @param {string} context */
function without(config, context) {
  const keep = (/** @type {{ name: string }[]} */ list) => (list ?? []).filter(({ name }) => name !== context);
  return {
    ...config,
    clusters: keep(config.clusters),
    contexts: keep(config.contexts),
    users: keep(config.users),
    'current-context': config['current-context'] === context ? '' : config['current-context'],
  };
}

// @ts-check
import { parse } from './args.mjs';
import { Failure } from './program.mjs';
import { machine } from './state.mjs';

/** Reads flags and refuses others in Docker's words. @param {string[]} args @param {string} usage such as `docker ps [OPTIONS]` @param {import('./args.mjs').Spec} spec */
export function dockerArgs(args, usage, spec) {
  const command = usage.replace(/ [[A-Z].*$/, '');
  const fail = (/** @type {string} */ message) =>
    new Failure(`${message}\n\nUsage:  ${usage}\n\nRun '${command} --help' for more information`, 125);
  return parse(args, { ...spec, fail });
}

/** @param {string[]} words @param {number} count @param {string} usage @param {boolean} [more] that many or more */
export function dockerWords(words, count, usage, more = false) {
  if (words.length === count || (more && words.length > count)) return;
  const command = usage.replace(/ [[A-Z].*$/, '');
  const wants =
    count === 0
      ? 'accepts no arguments'
      : `requires ${more ? 'at least ' : ''}${count} argument${count === 1 ? '' : 's'}`;
  throw new Failure(
    `docker: '${command}' ${wants}\n\nUsage:  ${usage}\n\nRun '${command} --help' for more information`,
  );
}

export const daemonDown =
  'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?';

/** Every command but `docker info` ends here when the daemon is down. */
export function needDaemon() {
  if (!machine().docker.running) throw new Failure(daemonDown);
}

/** `{{json .}}`, `{{json .A.B}}` or `{{.A}}`; other templates are not known here. @param {string | undefined} template @param {any} value @returns {string} */
export function format(template, value) {
  if (template === undefined) return JSON.stringify(value, undefined, 4);
  const [, json, path] = /^\{\{\s*(json\s+)?\.([\w.]*)\s*\}\}$/.exec(template) ?? [];
  if (path === undefined) throw new Failure(`template parsing error: the stand-in does not know ${template}`);
  const found = path === '' ? value : path.split('.').reduce((at, key) => at?.[key], value);
  return json === undefined ? String(found) : JSON.stringify(found);
}

/** The same name gives the same id. @param {string} name */
export function imageId(name) {
  const sum = [...name].reduce((hash, letter) => (hash * 31 + letter.charCodeAt(0)) % 4294967296, 7);
  return `sha256:${sum.toString(16).padStart(8, '0').repeat(8)}`;
}

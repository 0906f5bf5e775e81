// @ts-check
import { reach, Unreachable } from './cluster.mjs';
import { Failure } from './program.mjs';
import { machine } from './state.mjs';

/** Such as `v0.15.8`. */
export const cliVersion = () => machine().versions.cilium;

/** Is this CLI of that version or newer? @param {string} version */
export function isAtLeast(version) {
  const parts = (/** @type {string} */ text) => text.slice(1).split('.').map(Number);
  const [mine, other] = [parts(cliVersion()), parts(version)];
  const index = mine.findIndex((part, at) => part !== other[at]);
  return index < 0 || (mine[index] ?? 0) > (other[index] ?? 0);
}

/** A cluster that may be there or not: asked only when the CLI sends its first request. @typedef {{ context: string, cluster: () => string }} Client */

/** The API server does not answer: `reason` is Go's text after the URL. */
export class NoAnswer extends Error {
  /** @param {string} server @param {string} reason */
  constructor(server, reason) {
    super(reason);
    this.server = server;
  }

  /** @param {string} path @returns {string} */
  at(path) {
    return `Get "${this.server}${path}": ${this.message}`;
  }
}

/** Makes a client: a context that does not exist is told at once, a server that is down later. @param {import('./args.mjs').Parsed} parsed @param {string | undefined} context @param {string} [prefix] @returns {Client} */
export function kubernetes({ get }, context, prefix = 'unable to create Kubernetes client: ') {
  const files = [get('kubeconfig') ?? process.env.KUBECONFIG ?? ''];
  try {
    const cluster = reach(files, context);
    return { context: context ?? `kind-${cluster}`, cluster: () => cluster };
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    if (error.reason === 'context') throw new Failure(`${prefix}context "${error.server}" does not exist`);
    const host = error.server.replace(/^https?:\/\//, '');
    const reason =
      error.reason === 'refused'
        ? `dial tcp ${host}: connect: connection refused`
        : 'tls: failed to verify certificate: x509: certificate signed by unknown authority';
    const { server } = error;
    return {
      context: context ?? '',
      cluster: () => {
        throw new NoAnswer(server, reason);
      },
    };
  }
}

/** The CLI's way to end most commands. @param {string} message */
export const fatal = (message) => new Failure(`\nError: ${message}`);

/** Path of the request with which Helm looks for a release. */
export const helmQuery = '/api/v1/namespaces/kube-system/secrets?labelSelector=name%3Dcilium%2Cowner%3Dhelm';

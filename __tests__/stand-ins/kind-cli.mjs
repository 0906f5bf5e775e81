// @ts-check
import { parse } from './args.mjs';
import { daemonDown } from './docker-cli.mjs';
import { merge, underLock } from './kubeconfig.mjs';
import { Failure } from './program.mjs';
import { change, machine } from './state.mjs';

/** @param {string[]} args @param {import('./args.mjs').Flags} flags @param {Record<string, string>} [short] */
export function kindArgs(args, flags, short = {}) {
  return parse(args, { flags, short: { n: 'name', ...short }, fail: (message) => new Failure(`ERROR: ${message}`) });
}

/** Containers of one cluster, in the order in which `docker ps` lists them: the newest first. @param {any} now @param {string} cluster @returns {string[]} */
export function containersOf(now, cluster) {
  return Object.keys(now.containers)
    .filter((name) => now.containers[name].labels['io.x-k8s.kind.cluster'] === cluster)
    .reverse();
}

/** @param {any} now @param {string} cluster */
export function nodesOf(now, cluster) {
  return containersOf(now, cluster).filter(
    (name) => now.containers[name].labels['io.x-k8s.kind.role'] !== 'external-load-balancer',
  );
}

/** @param {string} what as kind begins the line */
export function needDocker(what) {
  if (machine().docker.running) return;
  const command = `docker ps -a --filter label=io.x-k8s.kind.cluster --format '{{.Label "io.x-k8s.kind.cluster"}}'`;
  throw new Failure(
    `ERROR: ${what}: command "${command}" failed with error: exit status 1\n\nCommand Output: ${daemonDown}`,
  );
}

/** The user's own kubeconfig is never to be written by the lab, so the stand-in has none. @param {string | undefined} kubeconfig */
export function required(kubeconfig) {
  if (kubeconfig === undefined)
    throw new Failure("ERROR: stand-in: without --kubeconfig kind would write into the user's own kubeconfig");
  return kubeconfig;
}

/** @param {import('./program.mjs').Program} program @param {string} file @param {any} kubeconfig @param {string} prefix of the message */
export function writeKubeconfig(program, file, kubeconfig, prefix) {
  try {
    underLock(file, () => {
      program.reached('kubeconfig');
      merge(file, kubeconfig);
    });
  } catch (error) {
    throw error instanceof Error && error.message.startsWith('failed to lock')
      ? new Failure(`ERROR: ${prefix}${error.message}`)
      : error;
  }
}

/**
 * `docker rm --force`. A container that the engine is still making is on no network yet: the engine answers that it is gone,
 * and lists it again until it is made (seen with 20.10 and the real kind: `Deleted nodes`, then `node(s) already exist`).
 * @param {string[]} names
 */
export function deleteContainers(names) {
  change((now) => {
    for (const name of names) {
      const container = now.containers[name];
      if (container?.network === '' && !container.madeMeanwhile) container.madeMeanwhile = true;
      else delete now.containers[name];
    }
  });
}

// @ts-check
import { dockerArgs, dockerWords, needDaemon } from './docker-cli.mjs';
import { freeAddress } from './docker-engine.mjs';
import { Failure } from './program.mjs';
import { change, world } from './state.mjs';
import { remark } from './weather.mjs';

/** `docker container inspect`, or `logs`. @param {import('./program.mjs').Program} program @param {string[]} args */
export function container(program, [command = '', ...args]) {
  if (command === 'logs') return logs(program, args);
  if (command !== 'inspect') throw new Failure(`docker: unknown command: docker container ${command}`);
  const usage = 'docker container inspect [OPTIONS] CONTAINER [CONTAINER...]';
  const { words } = dockerArgs(args, usage, { flags: {} });
  dockerWords(words, 1, usage, true);
  needDaemon();
  const { containers } = world();
  program.out(
    JSON.stringify(
      words.flatMap((name) => (containers[name] === undefined ? [] : [described(name, containers[name])])),
      undefined,
      4,
    ),
  );
  const missing = words.filter((name) => containers[name] === undefined);
  if (missing.length > 0)
    throw new Failure(missing.map((name) => `Error response from daemon: No such container: ${name}`).join('\n'));
}

/** @param {import('./program.mjs').Program} program @param {string[]} args */
function logs(program, args) {
  const usage = 'docker container logs [OPTIONS] CONTAINER';
  const { words } = dockerArgs(args, usage, { flags: { timestamps: 'bool', tail: 'string' } });
  dockerWords(words, 1, usage);
  needDaemon();
  const [name = ''] = words;
  if (world().containers[name] === undefined)
    throw new Failure(`Error response from daemon: No such container: ${name}`);
  program.out('2026-11-30T12:00:00.000000000Z Reached target multi-user.target - Multi-User System.');
}

/** A container that does not run has no address, unless it was made with one. @param {string} name @param {any} container */
function described(name, { id, running, paused, network, ip, own, startedAt = 0 }) {
  return {
    Id: id,
    Name: `/${name}`,
    State: { Running: running, Paused: paused === true, StartedAt: new Date(startedAt).toISOString() },
    NetworkSettings: {
      Networks:
        network === ''
          ? {}
          : { [network]: { IPAMConfig: own ? { IPv4Address: ip } : null, IPAddress: running ? ip : '' } },
    },
  };
}

/** A paused one is let go on, and ended. @param {import('./program.mjs').Program} program @param {string[]} args */
export function stop(program, args) {
  const usage = 'docker stop [OPTIONS] CONTAINER [CONTAINER...]';
  const { words } = dockerArgs(args, usage, { flags: { time: 'string' }, short: { t: 'time' } });
  each(program, words, usage, (now, name) => {
    const node = now.containers[name];
    // its network goes with what shapes it
    Object.assign(node, { running: false, paused: false, ip: node.own ? node.ip : '', root: undefined });
  });
}

/** Docker deals addresses to those that have none of their own. @param {import('./program.mjs').Program} program @param {string[]} args */
export function start(program, args) {
  const usage = 'docker start [OPTIONS] CONTAINER [CONTAINER...]';
  const { words } = dockerArgs(args, usage, { flags: {} });
  each(program, words, usage, (now, name) => {
    const node = now.containers[name];
    if (node.running) return;
    Object.assign(node, { ip: node.own ? node.ip : freeAddress(now, node.network), running: true });
    node.startedAt = Date.now();
    // its agent starts anew, and has to connect again
    const cluster = Object.values(now.clusters).find(({ nodes }) =>
      nodes.some((/** @type {any} */ each) => each.name === name),
    );
    if (cluster !== undefined) cluster.connected = [];
  });
}

/** @param {import('./program.mjs').Program} program @param {string[]} args */
export function pause(program, args) {
  const usage = 'docker pause CONTAINER [CONTAINER...]';
  const { words } = dockerArgs(args, usage, { flags: {} });
  each(program, words, usage, (now, name) => {
    const node = now.containers[name];
    if (node.paused) throw new Failure(`Error response from daemon: Container ${node.id} is already paused`);
    if (!node.running) throw new Failure(`Error response from daemon: Container ${node.id} is not running`);
    node.paused = true;
    remark(now);
  });
}

/** @param {import('./program.mjs').Program} program @param {string[]} args */
export function unpause(program, args) {
  const usage = 'docker unpause CONTAINER [CONTAINER...]';
  const { words } = dockerArgs(args, usage, { flags: {} });
  each(program, words, usage, (now, name) => {
    if (!now.containers[name].paused)
      throw new Failure(`Error response from daemon: Container ${now.containers[name].id} is not paused`);
    now.containers[name].paused = false;
    remark(now);
  });
}

/** One after the other, its name when it is done. @param {import('./program.mjs').Program} program @param {string[]} words @param {string} usage @param {(now: any, name: string) => void} act */
function each(program, words, usage, act) {
  dockerWords(words, 1, usage, true);
  needDaemon();
  /** @type {string[]} */
  const errors = [];
  const failed = words.filter((name, index) => {
    try {
      change((now) => {
        if (now.containers[name] === undefined)
          throw new Failure(`Error response from daemon: No such container: ${name}`);
        act(now, name);
      });
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      errors.push(error.message);
      return true;
    }
    program.out(name);
    program.pass(1);
    if (index === 0) program.reached();
    return false;
  });
  if (failed.length > 0 && usage.startsWith('docker start'))
    errors.push(`Error: failed to start containers: ${failed.join(', ')}`);
  if (errors.length > 0) throw new Failure(errors.join('\n'));
}

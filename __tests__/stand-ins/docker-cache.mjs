// @ts-check
import { readFileSync } from 'node:fs';
import { dockerArgs, dockerWords, needDaemon } from './docker-cli.mjs';
import { freeAddress, runContainer } from './docker-engine.mjs';
import { Failure } from './program.mjs';
import { change, changeVolumes, machine, world } from './state.mjs';

/** What the driver does with caches of registries: containers that stay, on several networks, with a port of this machine. */

/** `docker run --detach --name …`. @param {import('./program.mjs').Program} program @param {string[]} args */
export function runDetached(program, args) {
  const usage = 'docker run [OPTIONS] IMAGE [COMMAND] [ARG...]';
  const flags = /** @type {const} */ ({
    ...{ detach: 'bool', name: 'string', restart: 'string', label: 'list', network: 'string', ip: 'string' },
    ...{ publish: 'list', volume: 'list', env: 'list' },
  });
  const { words, get, all } = dockerArgs(args, usage, { flags });
  dockerWords(words, 1, usage);
  needDaemon();
  const [image = ''] = words;
  const name = get('name') ?? '';
  if (world().images[image] === undefined)
    throw new Failure(`docker: Error response from daemon: No such image: ${image}`, 125);
  const network = get('network') ?? 'bridge';
  const labels = Object.fromEntries(all('label').map((label) => label.split(/=(.*)/s, 2)));
  change((now) => {
    if (now.networks[network] === undefined)
      throw new Failure(`docker: Error response from daemon: network ${network} not found`, 125);
    const ip = get('ip') ?? freeAddress(now, network);
    runContainer(now, { name, image, labels, network, ip });
    // without a value: docker's own
    const own = all('env').filter((each) => !each.includes('=') && process.env[each] !== undefined);
    if (own.length > 0) now.containers[name].env = Object.fromEntries(own.map((each) => [each, process.env[each]]));
    // one that is to ask a registry that does not answer ends at once, again and again
    const asks = all('env').some((each) => each.startsWith('REGISTRY_PROXY_REMOTEURL='));
    if (asks && machine().docker.registryDown) now.containers[name].restarting = true;
  });
  changeVolumes((now) => {
    for (const volume of all('volume')) now[volume.split(':')[0] ?? ''] ??= { labels: {} };
  });
  program.out('c'.repeat(64));
}

/** @param {import('./program.mjs').Program} program @param {string[]} args */
export function remove(program, args) {
  const usage = 'docker rm [OPTIONS] CONTAINER [CONTAINER...]';
  const { words, is } = dockerArgs(args, usage, { flags: { force: 'bool', volumes: 'bool' }, short: { f: 'force' } });
  dockerWords(words, 1, usage, true);
  needDaemon();
  for (const name of words) {
    const missing = `Error response from daemon: No such container: ${name}`;
    const isThere = world().containers[name] !== undefined;
    if (!isThere && !is('force')) throw new Failure(missing);
    if (isThere) {
      change((now) => {
        delete now.containers[name];
      });
      program.out(name);
    } else program.err(missing);
  }
}

/** `docker network connect`. @param {import('./program.mjs').Program} program @param {string[]} args */
export function connect(program, args) {
  const [network, name] = networkAndContainer('connect', args, { ip: 'string' });
  change((now) => {
    const container = containerOf(now, name);
    if (now.networks[network] === undefined)
      throw new Failure(`Error response from daemon: network ${network} not found`);
    if (networksOf(container).includes(network))
      throw new Failure(`Error response from daemon: endpoint with name ${name} already exists in network ${network}`);
    if (container.network === '') container.network = network;
    else (container.also ??= []).push(network);
  });
}

/** `docker network disconnect`. @param {import('./program.mjs').Program} program @param {string[]} args */
export function disconnect(program, args) {
  const [network, name] = networkAndContainer('disconnect', args, { force: 'bool' });
  change((now) => {
    const container = containerOf(now, name);
    const left = networksOf(container).filter((each) => each !== network);
    if (left.length === networksOf(container).length)
      throw new Failure(`Error response from daemon: container ${container.id} is not connected to network ${network}`);
    [container.network = '', ...container.also] = left;
  });
}

/** @param {string} command @param {string[]} args @param {Record<string, 'string' | 'bool'>} flags */
function networkAndContainer(command, args, flags) {
  const usage = `docker network ${command} [OPTIONS] NETWORK CONTAINER`;
  const { words } = dockerArgs(args, usage, { flags });
  dockerWords(words, 2, usage);
  needDaemon();
  const [network = '', name = ''] = words;
  return [network, name];
}

/** @param {any} now @param {string} name */
function containerOf(now, name) {
  const container = now.containers[name];
  if (container === undefined) throw new Failure(`Error response from daemon: No such container: ${name}`);
  return container;
}

/** The first, and those that it was connected to since. @param {{ network: string, also?: string[] }} container @returns {string[]} */
export const networksOf = ({ network, also = [] }) => [network, ...also].filter((name) => name !== '');

/** Ports as `docker ps` shows them. @param {{ labels: Record<string, string>, running: boolean, network: string }} container */
export function portsOf({ labels, running, network }) {
  const { cachePort } = machine().docker;
  if (labels['clustermesh-lab.cache'] === undefined || !running || network === '') return '';
  return cachePort === undefined ? '5000/tcp' : `127.0.0.1:${cachePort}->5000/tcp`;
}

/** `install -D /dev/stdin FILE` in a node. @param {string} node @param {string} file */
export function install(node, file) {
  const text = readFileSync(0, 'utf8');
  change((now) => {
    (now.containers[node].files ??= {})[file] = text;
  });
}

/** `cat FILE…` in a node. @param {import('./program.mjs').Program} program @param {string} node @param {string[]} files */
export function cat(program, node, files) {
  const held = world().containers[node].files ?? {};
  const missing = files.filter((file) => held[file] === undefined);
  process.stdout.write(files.map((file) => held[file] ?? '').join(''));
  for (const file of missing) program.err(`cat: ${file}: No such file or directory`);
  if (missing.length > 0) throw new Failure('', 1);
}

// @ts-check
import { dockerArgs, dockerWords, format, needDaemon } from './docker-cli.mjs';
import { createNetwork } from './docker-engine.mjs';
import { cidrRange, contains, toNumber } from './ipv4.mjs';
import { connect, disconnect, networksOf } from './docker-cache.mjs';
import { Failure } from './program.mjs';
import { change, world } from './state.mjs';

/** `docker network ls|inspect|create|rm`. @param {import('./program.mjs').Program} program @param {string[]} args */
export function network(program, [command = '', ...args]) {
  switch (command) {
    case 'ls':
    case 'list':
      return list(program, args);
    case 'inspect':
      return inspect(program, args);
    case 'create':
      return create(program, args);
    case 'rm':
    case 'remove':
      return remove(program, args);
    case 'connect':
      return connect(program, args);
    case 'disconnect':
      return disconnect(program, args);
    default:
      throw new Failure(
        `docker: unknown command: docker network ${command}\n\nUsage:  docker network\n\nRun 'docker network --help' for more information`,
      );
  }
}

/** @param {import('./program.mjs').Program} program @param {string[]} args */
function list(program, args) {
  const usage = 'docker network ls [OPTIONS]';
  const { words, is } = dockerArgs(args, usage, {
    flags: { quiet: 'bool', 'no-trunc': 'bool' },
    short: { q: 'quiet' },
  });
  dockerWords(words, 0, usage);
  needDaemon();
  if (!is('quiet')) program.out('NETWORK ID     NAME      DRIVER    SCOPE');
  for (const [name, { id, driver }] of Object.entries(world().networks)) {
    const shown = is('no-trunc') ? id : id.slice(0, 12);
    program.out(is('quiet') ? shown : `${shown}   ${name}   ${driver}   local`);
  }
}

/** @param {import('./program.mjs').Program} program @param {string[]} args */
function inspect(program, args) {
  const usage = 'docker network inspect [OPTIONS] NETWORK [NETWORK...]';
  const { words, get } = dockerArgs(args, usage, { flags: { format: 'string' }, short: { f: 'format' } });
  dockerWords(words, 1, usage, true);
  needDaemon();
  const now = world();
  const found = words.flatMap((word) => {
    const name = find(now, word);
    return name === undefined ? [] : [described(now, name)];
  });
  const template = get('format');
  if (template === undefined) program.out(JSON.stringify(found, undefined, 4));
  else for (const each of found) program.out(format(template, each));
  const missing = words.filter((word) => find(now, word) === undefined);
  if (missing.length > 0)
    throw new Failure(missing.map((word) => `Error response from daemon: network ${word} not found`).join('\n'));
}

/** By name, by id or by the start of an id. @param {any} now @param {string} word @returns {string | undefined} */
function find(now, word) {
  if (now.networks[word] !== undefined) return word;
  return Object.keys(now.networks).find((name) => now.networks[name].id.startsWith(word));
}

/** @param {any} now @param {string} name */
function described(now, name) {
  const { id, driver, labels, config, options = {} } = now.networks[name];
  return {
    Name: name,
    Id: id,
    Created: '2026-11-22T21:02:56.000000000Z',
    Scope: 'local',
    Driver: driver,
    EnableIPv6: config.some((/** @type {{ Subnet: string }} */ { Subnet }) => Subnet.includes(':')),
    IPAM: {
      Driver: 'default',
      Options: driver === 'bridge' ? {} : null,
      Config: config.length === 0 && driver !== 'bridge' ? null : config,
    },
    Internal: false,
    Attachable: false,
    Ingress: false,
    ConfigFrom: { Network: '' },
    ConfigOnly: false,
    Containers: Object.fromEntries(
      attached(now, name).map((container) => {
        const { id: containerId, ip } = now.containers[container];
        return [
          containerId,
          {
            Name: container,
            EndpointID: id,
            MacAddress: '02:42:ac:12:00:02',
            IPv4Address: `${ip}/16`,
            IPv6Address: '',
          },
        ];
      }),
    ),
    Options: options,
    Labels: labels,
  };
}

/** Names of the running containers in a network: the others have no endpoint. @param {any} now @param {string} name */
function attached(now, name) {
  return Object.keys(now.containers).filter(
    (container) => networksOf(now.containers[container]).includes(name) && now.containers[container].running,
  );
}

/** @param {import('./program.mjs').Program} program @param {string[]} args */
function create(program, args) {
  const usage = 'docker network create [OPTIONS] NETWORK';
  const { words, get, all } = dockerArgs(args, usage, {
    flags: {
      driver: 'string',
      label: 'list',
      subnet: 'list',
      'ip-range': 'list',
      gateway: 'list',
      opt: 'list',
      ipv6: 'bool',
    },
    short: { d: 'driver', o: 'opt' },
  });
  dockerWords(words, 1, usage);
  const [name = ''] = words;
  const config = ipam(all('subnet'), all('ip-range')[0], all('gateway')[0]);
  needDaemon();
  if (get('driver') !== undefined && get('driver') !== 'bridge')
    throw new Failure(`Error response from daemon: plugin "${get('driver')}" not found`);
  const id = change((now) => createNetwork(now, name, config, pairs(all('label')), pairs(all('opt'))));
  program.out(id);
}

/** @param {string[]} list `a=b` @returns {Record<string, string>} */
function pairs(list) {
  return Object.fromEntries(list.map((each) => [each.split('=')[0], each.split('=').slice(1).join('=')]));
}

/** The CLI checks range and gateway itself, before the daemon sees them. @param {string[]} subnets @param {string | undefined} range @param {string | undefined} gateway */
function ipam(subnets, range, gateway) {
  const [subnet] = subnets.filter((each) => each.includes('.'));
  const outer = subnet === undefined ? undefined : cidrRange(subnet);
  if (subnet !== undefined && outer === undefined) throw new Failure(`invalid CIDR address: ${subnet}`);
  if (range !== undefined) {
    const inner = cidrRange(range);
    if (outer === undefined || inner === undefined || !contains(outer, inner))
      throw new Failure(`no matching subnet for range ${range}`);
  }
  if (gateway !== undefined) {
    const address = toNumber(gateway);
    if (outer === undefined || address === undefined || !contains(outer, [address, address]))
      throw new Failure(`no matching subnet for gateway ${gateway}`);
  }
  if (subnet === undefined) return undefined;
  return {
    Subnet: subnet,
    ...(range === undefined ? {} : { IPRange: range }),
    ...(gateway === undefined ? {} : { Gateway: gateway }),
  };
}

/** @param {import('./program.mjs').Program} program @param {string[]} args */
function remove(program, args) {
  const usage = 'docker network rm NETWORK [NETWORK...]';
  const { words, is } = dockerArgs(args, usage, { flags: { force: 'bool' }, short: { f: 'force' } });
  dockerWords(words, 1, usage, true);
  needDaemon();
  let failed = false;
  for (const word of words) {
    const problem = change((now) => {
      const name = find(now, word);
      if (name === undefined) return is('force') ? undefined : `network ${word} not found`;
      if (['bridge', 'host', 'none'].includes(name)) return `${name} is a pre-defined network and cannot be removed`;
      const { id } = now.networks[name];
      if (attached(now, name).length > 0)
        return `error while removing network: network ${name} id ${id} has active endpoints`;
      delete now.networks[name];
      return undefined;
    });
    if (problem === undefined) program.out(word);
    else program.err(`Error response from daemon: ${problem}`);
    failed ||= problem !== undefined;
  }
  // so does version 28: the last line of its error stream
  if (failed) throw new Failure('exit status 1');
}

// @ts-check
import { randomBytes } from 'node:crypto';
import { dockerArgs, dockerWords, format, needDaemon } from './docker-cli.mjs';
import { Failure } from './program.mjs';
import { changeVolumes, volumes } from './state.mjs';

/** `docker volume create|inspect|ls|rm` (texts of client 28.2.2). @param {import('./program.mjs').Program} program @param {string[]} args */
export function volume(program, [command = '', ...args]) {
  switch (command) {
    case 'create':
      return create(program, args);
    case 'inspect':
      return inspect(program, args);
    case 'ls':
    case 'list':
      return list(program, args);
    case 'rm':
    case 'remove':
      return remove(program, args);
    default:
      throw new Failure(
        `docker: unknown command: docker volume ${command}\n\nUsage:  docker volume COMMAND\n\nRun 'docker volume --help' for more information`,
      );
  }
}

/** A volume of that name that is there already is the answer too, and keeps its first labels. @param {import('./program.mjs').Program} program @param {string[]} args */
function create(program, args) {
  const usage = 'docker volume create [OPTIONS] [VOLUME]';
  const { words, all } = dockerArgs(args, usage, {
    flags: { label: 'list', driver: 'string' },
    short: { d: 'driver' },
  });
  if (words.length > 1)
    throw new Failure(
      `docker: 'docker volume create' requires at most 1 argument\n\nUsage:  ${usage}\n\nRun 'docker volume create --help' for more information`,
    );
  needDaemon();
  const labels = Object.fromEntries(
    all('label').map((each) => [each.split('=')[0], each.split('=').slice(1).join('=')]),
  );
  const name = changeVolumes((now) => {
    const asked = words[0] ?? randomBytes(32).toString('hex');
    if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(asked)) {
      throw new Failure(
        `Error response from daemon: create ${asked}: "${asked}" includes invalid characters for a local volume name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host directory, use absolute path`,
      );
    }
    now[asked] ??= { labels };
    return asked;
  });
  program.reached();
  program.out(name);
}

/** @param {string} name */
const missing = (name) => `Error response from daemon: get ${name}: no such volume`;

/** @param {string} name @param {{ labels: Record<string, string> }} volume */
const described = (name, { labels }) => ({
  CreatedAt: '2026-11-22T21:02:56Z',
  Driver: 'local',
  Labels: Object.keys(labels).length === 0 ? null : labels,
  Mountpoint: `/var/lib/docker/volumes/${name}/_data`,
  Name: name,
  Options: null,
  Scope: 'local',
});

/** Shows those that are there, and fails where one is not. @param {import('./program.mjs').Program} program @param {string[]} args */
function inspect(program, args) {
  const usage = 'docker volume inspect [OPTIONS] VOLUME [VOLUME...]';
  const { words, get } = dockerArgs(args, usage, { flags: { format: 'string' }, short: { f: 'format' } });
  dockerWords(words, 1, usage, true);
  needDaemon();
  const now = volumes();
  const found = words.filter((name) => now[name] !== undefined).map((name) => described(name, now[name]));
  const template = get('format');
  if (template === undefined) program.out(JSON.stringify(found, undefined, 4));
  else for (const each of found) program.out(format(template, each));
  const gone = words.filter((name) => now[name] === undefined);
  if (gone.length > 0) throw new Failure(gone.map(missing).join('\n'));
}

/** @param {import('./program.mjs').Program} program @param {string[]} args */
function list(program, args) {
  const usage = 'docker volume ls [OPTIONS]';
  const { words, is, all } = dockerArgs(args, usage, {
    flags: { quiet: 'bool', filter: 'list' },
    short: { q: 'quiet', f: 'filter' },
  });
  dockerWords(words, 0, usage);
  needDaemon();
  const filters = all('filter').map((filter) => {
    const [name = '', label = '', ...value] = filter.split('=');
    if (name !== 'label') throw new Failure(`Error response from daemon: Invalid filter '${name}'`);
    return { label, value: value.length === 0 ? undefined : value.join('=') };
  });
  if (!is('quiet')) program.out('DRIVER    VOLUME NAME');
  for (const [name, { labels }] of Object.entries(volumes()).toSorted(([one], [other]) => (one < other ? -1 : 1)))
    if (filters.every(({ label, value }) => label in labels && (value === undefined || labels[label] === value)))
      program.out(is('quiet') ? name : `local     ${name}`);
}

/** One after the other, in the order given; a missing one does not keep it from the next. @param {import('./program.mjs').Program} program @param {string[]} args */
function remove(program, args) {
  const usage = 'docker volume rm [OPTIONS] VOLUME [VOLUME...]';
  const { words, is } = dockerArgs(args, usage, { flags: { force: 'bool' }, short: { f: 'force' } });
  dockerWords(words, 1, usage, true);
  needDaemon();
  const errors = words.flatMap((name) => {
    const wasThere = changeVolumes((now) => {
      if (now[name] === undefined) return is('force');
      delete now[name];
      return true;
    });
    if (wasThere) program.out(name);
    return wasThere ? [] : [missing(name)];
  });
  if (errors.length > 0) throw new Failure(errors.join('\n'));
}

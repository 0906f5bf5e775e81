// @ts-check
import { mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { dockerArgs, dockerWords, format, imageId, needDaemon } from './docker-cli.mjs';
import { container, pause, start, stop, unpause } from './docker-container.mjs';
import { pullImage } from './docker-engine.mjs';
import { network } from './docker-network.mjs';
import { volume } from './docker-volume.mjs';
import { Failure } from './program.mjs';
import { change, machine, world } from './state.mjs';
import { cat, install, networksOf, portsOf, remove, runDetached } from './docker-cache.mjs';
import { curl, tc } from './tc.mjs';
import { remark } from './weather.mjs';

/** The Docker CLI, version 28 (texts of 28.2.2, run against a daemon without images). @param {import('./program.mjs').Program} program */
export function docker(program) {
  const [command = '', ...args] = program.args;
  switch (command) {
    case 'info':
      return info(program, args);
    case '--version':
      return program.out('Docker version 28.2.2, build e6534b4');
    case 'version':
      return version(program, args);
    case 'network':
      return network(program, args);
    case 'volume':
      return volume(program, args);
    case 'ps':
      return ps(program, args);
    case 'container':
      return container(program, args);
    case 'stop':
      return stop(program, args);
    case 'start':
      return start(program, args);
    case 'pause':
      return pause(program, args);
    case 'unpause':
      return unpause(program, args);
    case 'image':
      return image(program, args);
    case 'pull':
      return pull(program, args);
    case 'tag':
      return tag(program, args);
    case 'save':
      return save(program, args);
    case 'load':
      return load(program, args);
    case 'cp':
      return copy(program, args);
    case 'port':
      return port(program, args);
    case 'exec':
      return exec(program, args);
    case 'run':
      return args[0] === '--detach' ? runDetached(program, args) : run(program, args);
    case 'rm':
      return remove(program, args);
    default:
      throw new Failure(`docker: unknown command: docker ${command}\n\nRun 'docker --help' for more information`);
  }
}

/** @param {import('./program.mjs').Program} program @param {string[]} args */
function info(program, args) {
  const usage = 'docker info [OPTIONS]';
  const { words, get } = dockerArgs(args, usage, { flags: { format: 'string' }, short: { f: 'format' } });
  dockerWords(words, 0, usage);
  const { running, serverVersion, containerdImageStore, cgroupVersion, securityOptions, memory } = machine().docker;
  const { engine, containers, images } = world();
  const driver = containerdImageStore
    ? [['driver-type', 'io.containerd.snapshotter.v1']]
    : [['Backing Filesystem', 'extfs']];
  program.out(
    format(get('format'), {
      ID: running ? engine : '',
      Containers: Object.keys(containers).length,
      Images: Object.keys(images).length,
      Driver: running ? (containerdImageStore ? 'overlayfs' : 'overlay2') : '',
      DriverStatus: running ? driver : null,
      OperatingSystem: running ? 'Debian GNU/Linux 12 (bookworm)' : '',
      OSType: running ? 'linux' : '',
      Architecture: running ? 'x86_64' : '',
      NCPU: running ? 2 : 0,
      MemTotal: running ? memory : 0,
      KernelVersion: running ? '6.1.0-stand-in' : '',
      CgroupDriver: running ? 'systemd' : '',
      DockerRootDir: running ? '/var/lib/docker' : '',
      SystemTime: running ? new Date().toISOString() : '',
      ServerVersion: running ? serverVersion : '',
      CgroupVersion: cgroupVersion,
      SecurityOptions: securityOptions,
      Name: 'stand-in',
    }),
  );
  needDaemon();
}

/** The client tells its own version without a daemon too, and still fails. @param {import('./program.mjs').Program} program @param {string[]} args */
function version(program, args) {
  const usage = 'docker version [OPTIONS]';
  const { words, get } = dockerArgs(args, usage, { flags: { format: 'string' }, short: { f: 'format' } });
  dockerWords(words, 0, usage);
  const { running, serverVersion } = machine().docker;
  const client = { Version: '28.2.2', Os: 'linux', Arch: 'amd64', Context: 'default' };
  const template = get('format');
  if (template === undefined) program.out(`Client:\n Version:           ${client.Version}`);
  else program.out(format(template, { Client: client, Server: running ? { Version: serverVersion } : null }));
  needDaemon();
}

/** @param {import('./program.mjs').Program} program @param {string[]} args */
function ps(program, args) {
  const usage = 'docker ps [OPTIONS]';
  const spec = {
    flags: /** @type {const} */ ({ all: 'bool', 'no-trunc': 'bool', filter: 'list', format: 'string', quiet: 'bool' }),
    short: { a: 'all', f: 'filter', q: 'quiet' },
  };
  const { words, is, all, get } = dockerArgs(args, usage, spec);
  dockerWords(words, 0, usage);
  needDaemon();
  const filters = all('filter').map((filter) => {
    const [name = '', label = '', value] = filter.split('=');
    if (name === 'network') return (/** @type {any} */ each) => networksOf(each).includes(label);
    if (name !== 'label') throw new Failure(`Error response from daemon: Invalid filter '${name}'`);
    return (/** @type {any} */ { labels }) => label in labels && (value === undefined || labels[label] === value);
  });
  const found = Object.entries(world().containers).filter(
    ([, container]) => (is('all') || container.running) && filters.every((fits) => fits(container)),
  );
  for (const [name, container] of found.reverse()) {
    const id = is('no-trunc') ? container.id : container.id.slice(0, 12);
    const row = {
      Command: '"/usr/local/bin/entrypoint /sbin/init"',
      CreatedAt: createdAt(container),
      ID: id,
      Image: container.image,
      Labels: Object.entries(container.labels)
        .map((pair) => pair.join('='))
        .join(','),
      LocalVolumes: '1',
      Mounts: '/lib/modules',
      Names: name,
      Networks: networksOf(container).join(','),
      Ports: portsOf(container),
      RunningFor: '2 minutes ago',
      Size: '0B',
      ...stateAndStatus(container),
    };
    program.out(is('quiet') ? id : format(get('format') ?? '{{json .}}', row));
  }
}

/** @param {import('./program.mjs').Program} program @param {string[]} args */
function image(program, [command = '', ...args]) {
  if (command === 'rm') return removeImages(program, args);
  if (command !== 'inspect') {
    throw new Failure(
      `docker: unknown command: docker image ${command}\n\nUsage:  docker image\n\nRun 'docker image --help' for more information`,
    );
  }
  const usage = 'docker image inspect [OPTIONS] IMAGE [IMAGE...]';
  const { words, get } = dockerArgs(args, usage, { flags: { format: 'string' }, short: { f: 'format' } });
  dockerWords(words, 1, usage, true);
  needDaemon();
  const { images } = world();
  const missing = words.filter((name) => images[name] === undefined);
  const found = words
    .filter((name) => images[name] !== undefined)
    .map((name) => ({ Id: imageId(name), RepoTags: [name], RepoDigests: [], Architecture: 'amd64', Os: 'linux' }));
  if (get('format') === undefined) program.out(JSON.stringify(found, undefined, 4));
  else for (const each of found) program.out(format(get('format'), each));
  if (get('format') !== undefined && found.length === 0) program.out('');
  if (missing.length > 0)
    throw new Failure(
      missing.map((name) => `Error response from daemon: no such image: ${name}: No such image: ${name}`).join('\n'),
    );
}

/** @param {import('./program.mjs').Program} program @param {string[]} args */
function pull(program, args) {
  const usage = 'docker pull [OPTIONS] NAME[:TAG|@DIGEST]';
  const { words, is } = dockerArgs(args, usage, {
    flags: { quiet: 'bool', platform: 'string' },
    short: { q: 'quiet' },
  });
  dockerWords(words, 1, usage);
  needDaemon();
  const [name = ''] = words;
  program.pass(20);
  program.reached();
  pullImage(name);
  if (!is('quiet')) program.out(`Status: Downloaded newer image for ${name}`);
  program.out(name);
}

/** @param {import('./program.mjs').Program} program @param {string[]} args */
function tag(program, args) {
  const usage = 'docker tag SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]';
  const { words } = dockerArgs(args, usage, { flags: {} });
  dockerWords(words, 2, usage);
  const [source = '', target = ''] = words;
  if (target.includes('@')) throw new Failure('refusing to create a tag with a digest reference');
  needDaemon();
  change((now) => {
    if (now.images[source] === undefined) throw new Failure(`Error response from daemon: No such image: ${source}`);
    now.images[target] = {};
  });
}

/** @param {import('./program.mjs').Program} program @param {string[]} args */
function save(program, args) {
  const usage = 'docker save [OPTIONS] IMAGE [IMAGE...]';
  const { words, get } = dockerArgs(args, usage, {
    flags: { output: 'string', platform: 'string' },
    short: { o: 'output' },
  });
  dockerWords(words, 1, usage, true);
  const file = get('output');
  if (file === undefined) throw new Failure('cowardly refusing to save to a terminal. Use the -o flag or redirect');
  if (statSync(dirname(file), { throwIfNoEntry: false }) === undefined) {
    throw new Failure(`failed to save image: invalid output path: stat ${dirname(file)}: no such file or directory`);
  }
  needDaemon();
  const { serverVersion, containerdImageStore } = machine().docker;
  const platform = get('platform');
  if (platform !== undefined && Number(serverVersion.split('.')[0]) < 28) {
    throw new Failure('"--platform" requires API version 1.48, but the Docker daemon API version is 1.41');
  }
  if (words.some((name) => world().images[name] === undefined))
    throw new Failure('Error response from daemon: reference does not exist');
  // what kind's `ctr images import --all-platforms` would make of it: see kind-load.mjs
  const archive = { images: words, whole: !containerdImageStore || platform !== undefined };
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify({ ...archive, whole: false }));
  program.reached();
  writeFileSync(file, JSON.stringify(archive));
}

/** @param {import('./program.mjs').Program} program @param {string[]} args */
function load(program, args) {
  const usage = 'docker load [OPTIONS]';
  const { words, get } = dockerArgs(args, usage, { flags: { input: 'string', quiet: 'bool' }, short: { i: 'input' } });
  dockerWords(words, 0, usage);
  const file = get('input') ?? '';
  if (statSync(file, { throwIfNoEntry: false }) === undefined)
    throw new Failure(`open ${file}: no such file or directory`);
  needDaemon();
  const bytes = readFileSync(file);
  // as Docker does it, whatever its name
  const text = String(bytes[0] === 0x1f ? gunzipSync(bytes) : bytes);
  program.reached();
  for (const name of imagesIn(text)) {
    change((now) => {
      now.images[name] = {};
    });
    program.out(`Loaded image: ${name}`);
  }
}

/** @param {string} archive @returns {string[]} */
function imagesIn(archive) {
  try {
    return JSON.parse(archive).images;
  } catch {
    throw new Failure('Error processing tar file(exit status 1): unexpected EOF');
  }
}

/** @param {import('./program.mjs').Program} program @param {string[]} args */
function removeImages(program, args) {
  const usage = 'docker image rm [OPTIONS] IMAGE [IMAGE...]';
  const { words } = dockerArgs(args, usage, { flags: { force: 'bool' }, short: { f: 'force' } });
  dockerWords(words, 1, usage, true);
  needDaemon();
  for (const name of words) {
    if (world().images[name] === undefined) throw new Failure(`Error response from daemon: No such image: ${name}`);
    change((now) => {
      delete now.images[name];
    });
    program.out(`Untagged: ${name}`);
  }
}

/** `docker cp FOLDER/. CONTAINER:PLACE`: what is in the folder, as far as its names go. @param {import('./program.mjs').Program} program @param {string[]} args */
function copy(program, args) {
  const usage = 'docker cp [OPTIONS] CONTAINER:SRC_PATH DEST_PATH|-';
  const { words } = dockerArgs(args, usage, { flags: { archive: 'bool', quiet: 'bool' } });
  dockerWords(words, 2, usage);
  const [from = '', to = ''] = words;
  if (from.includes(':')) return copyOut(program, from, to);
  const [name = '', place = ''] = to.split(':');
  const folder = from.replace(/\/\.$/, '');
  if (statSync(folder, { throwIfNoEntry: false }) === undefined)
    throw new Failure(`lstat ${resolve(folder)}: no such file or directory`);
  needDaemon();
  if (world().containers[name] === undefined)
    throw new Failure(`Error response from daemon: No such container: ${name}`);
  program.reached();
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((each) => each.isFile());
  change((now) => {
    const held = (now.containers[name].files ??= {});
    for (const each of files) held[`${place}/${relative(folder, join(each.parentPath, each.name))}`] = '';
  });
  program.out(`Successfully copied 1kB to ${to}`);
}

/** `docker cp CONTAINER:PLACE FOLDER`, with the times that files have. @param {import('./program.mjs').Program} program @param {string} from @param {string} folder */
function copyOut(program, from, folder) {
  const [name = '', place = ''] = from.split(':');
  needDaemon();
  const container = world().containers[name];
  if (container === undefined) throw new Failure(`Error response from daemon: No such container: ${name}`);
  const files = Object.entries(container.files ?? {}).filter(([file]) => file.startsWith(`${place}/`));
  if (files.length === 0)
    throw new Failure(`Error response from daemon: Could not find the file ${place} in container ${name}`);
  for (const [file, text] of files) {
    const to = join(folder, relative(dirname(place), file));
    mkdirSync(dirname(to), { recursive: true });
    writeFileSync(to, text);
    const seconds = container.times?.[file];
    if (seconds !== undefined) utimesSync(to, seconds, seconds);
  }
  program.out(`Successfully copied 1kB to ${folder}`);
}

/** `docker port NAME 5000/tcp`. @param {import('./program.mjs').Program} program @param {string[]} args */
function port(program, args) {
  const usage = 'docker port CONTAINER [PRIVATE_PORT[/PROTO]]';
  const { words } = dockerArgs(args, usage, { flags: {} });
  dockerWords(words, 1, usage, true);
  needDaemon();
  const [name = ''] = words;
  if (world().containers[name] === undefined)
    throw new Failure(`Error response from daemon: No such container: ${name}`);
  program.reached();
  const { cachePort } = machine().docker;
  if (cachePort === undefined) throw new Failure(`Error: No public port '5000/tcp' published for ${name}`);
  program.out(`127.0.0.1:${cachePort}`);
}

/** `docker run --rm … IMAGE garbage-collect [--dry-run] FILE`, by an image of a registry, each of which has its file elsewhere. @param {import('./program.mjs').Program} program @param {string[]} args */
function collectGarbage(program, args) {
  const [, image = '', file = ''] =
    /^--rm --network none --volume \S+:\/var\/lib\/registry --env \S+ (\S+) garbage-collect (?:--dry-run )?(\S+)$/.exec(
      args.join(' '),
    ) ?? [];
  needDaemon();
  if (world().images[image] === undefined)
    throw new Failure(`docker: Error response from daemon: No such image: ${image}`, 125);
  const own = /^registry:3/.test(image)
    ? '/etc/distribution/config.yml'
    : /^registry:2/.test(image)
      ? '/etc/docker/registry/config.yml'
      : '';
  if (file !== own) throw new Failure(`configuration error: open ${file}: no such file or directory`);
  program.reached();
}

/** Only what the driver asks of a node. @param {import('./program.mjs').Program} program @param {string[]} args */
function exec(program, args) {
  const usage = 'docker exec [OPTIONS] CONTAINER COMMAND [ARG...]';
  dockerWords(args, 2, usage, true);
  needDaemon();
  const [node = '', ...command] = args.filter((arg, at) => at > 0 || arg !== '--interactive');
  if (node.startsWith('-')) dockerArgs([node], usage, { flags: {} });
  const { containers } = world();
  const container = containers[node];
  if (container === undefined) throw new Failure(`Error response from daemon: No such container: ${node}`);
  if (!container.running) throw new Failure(`Error response from daemon: container ${container.id} is not running`);
  if (container.paused)
    throw new Failure(`Error response from daemon: container ${node} is paused, unpause the container before exec`);
  const line = command.join(' ');
  const [, listed] =
    /^ctr (?:--namespace=|--namespace |-n |-n=)k8s\.io images (?:list|ls) (?:--quiet|-q)((?: name==\S+)+)$/.exec(
      line,
    ) ?? [];
  if (listed !== undefined) {
    // an image that any of the filters finds, in the order of their names (seen on a real node)
    const names = listed.trim().replaceAll('name==', '').split(' ');
    const held = names.filter((name) => container.images.includes(name)).sort();
    if (held.length > 0) program.out(held.join('\n'));
    return;
  }
  if (line === 'cat /sys/class/net/eth0/mtu') return program.out(String(machine().docker.mtu));
  if (line.startsWith('install -D /dev/stdin ')) return install(node, command[3] ?? '');
  if (line.startsWith('cat /etc/containerd/')) return cat(program, node, command.slice(1));
  if (command[0] === 'iptables') return iptables(node, command.slice(1));
  if (command[0] === 'journalctl') return program.out('-- No entries --');
  if (command[0] === 'tc') return tc(program, node, command.slice(1));
  if (command[0] === 'curl') return curl(program, node, command.slice(1));
  const [, inspected] = /^crictl inspecti (\S+)$/.exec(line) ?? [];
  if (inspected === undefined) {
    const text = `OCI runtime exec failed: exec failed: unable to start container process: exec: "${command[0]}": executable file not found in $PATH: unknown`;
    // on its stdout, and no 127 (28.2.2)
    process.stdout.write(`${text}\r\n`);
    throw new Failure('', 126);
  }
  if (!container.images.includes(inspected))
    throw new Failure(`time="2026-11-22T21:02:56Z" level=fatal msg="no such image \\"${inspected}\\" present"`);
  program.out(JSON.stringify({ status: { id: imageId(inspected), repoTags: [inspected] } }, undefined, 2));
}

/** What is dropped on its way out, by address: one rule more, or one less. @param {string} node @param {string[]} args */
function iptables(node, args) {
  const [, act, addresses = ''] =
    /^--wait -t mangle (-I|-D) POSTROUTING -d (\S+) -m comment --comment \S+ -j DROP$/.exec(args.join(' ')) ?? [];
  if (act === undefined) throw new Failure(`iptables: stand-in: does not know ${args.join(' ')}`, 2);
  change((now) => {
    const rules = (now.containers[node].rules ??= []);
    const at = rules.indexOf(addresses);
    if (act === '-I') rules.unshift(addresses);
    else if (at < 0) throw new Failure('iptables: Bad rule (does a matching rule exist in that chain?).');
    else rules.splice(at, 1);
    remark(now);
  });
}

/** Only what the driver asks the engine's kernel; flags end at the image. @param {import('./program.mjs').Program} program @param {string[]} args */
function run(program, args) {
  const usage = 'docker run [OPTIONS] IMAGE [COMMAND] [ARG...]';
  const flags = /** @type {const} */ ({
    rm: 'bool',
    pull: 'string',
    network: 'string',
    entrypoint: 'string',
    'cap-add': 'list',
  });
  if (args.includes('garbage-collect')) return collectGarbage(program, args);
  const values = args.findIndex((arg, at) => !arg.startsWith('-') && !/^--(?!rm$)[\w-]+$/.test(args[at - 1] ?? ''));
  const { words, get } = dockerArgs(args.slice(0, values < 0 ? args.length : values + 1), usage, { flags });
  dockerWords(words, 1, usage);
  needDaemon();
  const [image = ''] = words;
  if (world().images[image] === undefined) {
    if (get('pull') !== 'never') throw new Failure('docker: the stand-in pulls nothing for a run', 125);
    throw new Failure(`docker: Error response from daemon: No such image: ${image}`, 125);
  }
  const { kernelConfig, kernelLacks } = machine().docker;
  const line = [get('entrypoint'), ...args.slice(values + 1)].join(' ');
  if (line === 'ip link add lab-wireguard type wireguard') {
    if (kernelLacks.includes('wireguard')) throw new Failure('Error: Unknown device type.', 2);
    return;
  }
  if (/^ip xfrm state add .* proto esp .* aead rfc4106\(gcm\(aes\)\) 0x0{40} 128$/.test(line)) {
    if (kernelLacks.includes('esp')) throw new Failure('Error: Requested AEAD algorithm not found.', 2);
    return;
  }
  if (line !== 'gzip --decompress --stdout /proc/config.gz')
    throw new Failure(`docker: no ${line} in the stand-in`, 127);
  if (kernelConfig === undefined) throw new Failure('gzip: /proc/config.gz: No such file or directory');
  program.out(kernelConfig);
}

/** As Docker writes it: `2026-11-22 21:02:56 +0000 UTC`. @param {any} container */
function createdAt({ createdAt: at = Date.parse('2026-11-22T21:02:56Z') }) {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} +0000 UTC`;
}

/** @param {any} container */
function upFor({ startedAt = 0 }) {
  const seconds = Math.floor((Date.now() - startedAt) / 1000);
  if (seconds < 60) return seconds < 1 ? 'Less than a second' : `${seconds} seconds`;
  return seconds < 3600 ? `${Math.floor(seconds / 60)} minutes` : '2 days';
}

/** @param {any} container */
function stateAndStatus(container) {
  const { running, paused, network, labels } = container;
  // a cache may be taken off the last of its networks
  if (network === '' && labels['clustermesh-lab.cache'] === undefined) return { State: 'created', Status: 'Created' };
  if (!running) return { State: 'exited', Status: 'Exited (137) 2 minutes ago' };
  if (container.restarting) return { State: 'restarting', Status: 'Restarting (1) 1 second ago' };
  const status = container.status ?? `Up ${upFor(container)}`;
  return paused ? { State: 'paused', Status: `${status} (Paused)` } : { State: 'running', Status: status };
}

// @ts-check
import { createHash } from 'node:crypto';
import {
  mkdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

/** Folder of the simulated machine; every stand-in reads and writes there alone. */
export function stateFolder() {
  const folder = process.env.STAND_IN_STATE;
  if (folder === undefined || folder === '')
    throw new Error('stand-in: set STAND_IN_STATE to the folder of the simulated machine');
  return folder;
}

/** Blocks for so many milliseconds; signals still end the process, as they end the real program. @param {number} ms */
export function sleep(ms) {
  if (ms > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

/**
 * Runs `work` while no other stand-in does the same. The lock is a symbolic link that says its owner's pid, because the owner
 * may be killed at any moment: a lock whose owner is dead is taken away.
 * @template T @param {string} name @param {() => T} work @returns {T}
 */
export function locked(name, work) {
  const lock = join(stateFolder(), `${name}.lock`);
  const giveUp = Date.now() + 120_000;
  while (!done(() => symlinkSync(String(process.pid), lock))) {
    if (Date.now() > giveUp) throw new Error(`stand-in: cannot lock ${lock}`);
    if (isDead(lock)) bury(lock);
    sleep(2);
  }
  try {
    return work();
  } finally {
    unlinkSync(lock);
  }
}

/** False where the file system refuses. @param {() => void} act */
function done(act) {
  try {
    act();
    return true;
  } catch {
    return false;
  }
}

/** @param {string} lock */
function isDead(lock) {
  try {
    process.kill(Number(readlinkSync(lock)), 0);
    return false;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'ESRCH';
  }
}

/** One at a time may bury a dead lock, and looks again first: another may have done so and hold the lock by now. @param {string} lock */
function bury(lock) {
  const spade = `${lock}.spade`;
  if (!done(() => mkdirSync(spade))) return;
  if (isDead(lock)) unlinkSync(lock);
  rmdirSync(spade);
}

/** @param {string} file @param {unknown} otherwise */
export function readJson(file, otherwise) {
  try {
    return JSON.parse(readFileSync(join(stateFolder(), file), 'utf8'));
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT') return otherwise;
    throw error;
  }
}

/** Written aside and renamed: a reader sees the old file or the new one, never half of it. @param {string} file @param {unknown} value */
export function writeJson(file, value) {
  const path = join(stateFolder(), file);
  writeFileSync(`${path}.${process.pid}`, JSON.stringify(value, undefined, 1));
  renameSync(`${path}.${process.pid}`, path);
}

/** What the test says of the machine (see lab-bench.ts), with the defaults filled in. */
export function machine() {
  const { docker = {}, registry = [], versions = {} } = readJson('machine.json', {});
  return {
    docker: {
      networks: [],
      images: [],
      containerdImageStore: false,
      serverVersion: '28.2.2',
      cgroupVersion: '2',
      securityOptions: ['name=seccomp,profile=builtin', 'name=cgroupns'],
      mtu: 1500,
      memory: 16e9,
      kernelConfig: /** @type {string | undefined} */ (undefined),
      kernelLacks: /** @type {readonly string[]} */ ([]),
      running: true,
      cachePort: /** @type {number | undefined} */ (undefined),
      registryDown: false,
      ...docker,
    },
    registry: /** @type {string[]} */ (registry),
    versions: { kind: 'v0.20.0', helm: 'v3.17.3', kubectl: 'v1.27.3', cilium: 'v0.15.8', ...versions },
  };
}

/** The whole simulated world as it is now. Do not change the copy: see `change`. */
export function world() {
  return readJson('world.json', undefined) ?? newWorld();
}

/** Reads the world, lets `work` change it, writes it back; alone. @template T @param {(world: any) => T} work @returns {T} */
export function change(work) {
  return locked('world', () => {
    const now = world();
    const result = work(now);
    writeJson('world.json', now);
    return result;
  });
}

/** Docker's volumes, by name: apart from the world, since every run of the driver makes some and removes them. @returns {Record<string, { labels: Record<string, string> }>} */
export const volumes = () => readJson('volumes.json', {});

/** As `change`. @template T @param {(volumes: Record<string, { labels: Record<string, string> }>) => T} work @returns {T} */
export function changeVolumes(work) {
  return locked('volumes', () => {
    const now = volumes();
    const result = work(now);
    writeJson('volumes.json', now);
    return result;
  });
}

function newWorld() {
  const { docker } = machine();
  /** @type {Record<string, any>} */
  const networks = {
    bridge: {
      driver: 'bridge',
      labels: {},
      options: {
        'com.docker.network.bridge.default_bridge': 'true',
        'com.docker.network.driver.mtu': String(docker.mtu),
      },
      config: [{ Subnet: '172.17.0.0/16', Gateway: '172.17.0.1' }],
    },
    host: { driver: 'host', labels: {}, config: [] },
    none: { driver: 'null', labels: {}, config: [] },
  };
  for (const { name, subnet, gateway, labels = {} } of docker.networks) {
    networks[name] = {
      driver: 'bridge',
      labels,
      config: [{ Subnet: subnet, ...(gateway === undefined ? {} : { Gateway: gateway }) }],
    };
  }
  for (const [index, network] of Object.values(networks).entries())
    network.id = (index + 1).toString(16).padStart(64, 'a');
  /** @type {Record<string, any>} */
  const images = Object.fromEntries(docker.images.map((/** @type {string} */ image) => [image, {}]));
  // of one machine alone, and the same while nothing has happened there yet
  const engine = createHash('sha256').update(stateFolder()).digest('hex').slice(0, 12);
  return { engine, serial: 100, networks, images, containers: {}, clusters: {} };
}

/** A new identifier, of so many hexadecimal digits, never given twice. @param {any} world @param {number} digits */
export function newId(world, digits) {
  world.serial += 1;
  return (world.serial * 2654435761).toString(16).padStart(digits, '5').slice(-digits);
}

/** `xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx` @param {any} world */
export function newUid(world) {
  const digits = newId(world, 12);
  return `c0ffee00-0000-4000-8000-${digits}`;
}

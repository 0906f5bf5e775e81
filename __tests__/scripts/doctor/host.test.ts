import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { release, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hasModule, lookAtHost, readKernelConfig } from '../../../scripts/doctor/host.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'host-'));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

function put(file: string, content: string | Buffer): string {
  const path = join(root, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

const look = (env: Record<string, string | undefined> = {}, programEnv: Record<string, string> = {}) =>
  lookAtHost({ env, programEnv, home: join(root, 'home') }, root);

describe('a look at this machine', () => {
  it('GIVEN what Linux keeps in /proc WHEN looked at THEN memory in bytes, and the limits', () => {
    put('proc/meminfo', 'MemTotal:       24683656 kB\nMemAvailable:   20752696 kB\nSwapTotal:          4 kB\n');
    put('proc/sys/fs/inotify/max_user_watches', '524288\n');
    put('proc/sys/fs/inotify/max_user_instances', '128\n');
    expect(look()).toEqual({
      platform: process.platform,
      kernel: release(),
      memory: { available: 20752696 * 1024, swap: 4096 },
      inotify: { max_user_watches: 524288, max_user_instances: 128 },
      env: {},
      steering: [],
      kuberc: undefined,
      docker: { file: join(root, 'home/.docker/config.json'), proxies: undefined, endpoint: undefined },
    });
  });

  it('GIVEN a system without /proc WHEN looked at THEN these are not known', () => {
    expect(look()).toMatchObject({ memory: undefined, inotify: {} });
    put('proc/meminfo', 'MemAvailable:   1 kB\n');
    expect(look().memory).toEqual({ available: 1024, swap: 0 });
  });

  it('GIVEN variables that programs do not get WHEN looked at THEN they are named; and a kuberc', () => {
    const kuberc = put('home/.kube/kuberc', '');
    const env = { PATH: '/bin', HELM_NAMESPACE: 'x', KUBECONFIG: undefined };
    expect(look(env, { PATH: '/bin' })).toMatchObject({ env, steering: ['HELM_NAMESPACE'], kuberc });
  });
});

describe("the Docker command's configuration", () => {
  const context = (name: string, Host: string): void => {
    const digest = createHash('sha256').update(name).digest('hex');
    put(`conf/contexts/meta/${digest}/meta.json`, JSON.stringify({ Name: name, Endpoints: { docker: { Host } } }));
  };

  it('GIVEN proxies for containers and a context WHEN looked at THEN both; DOCKER_CONTEXT stands above the file', () => {
    const proxies = { httpProxy: 'http://proxy:3128', noProxy: 'localhost' };
    const file = put(
      'conf/config.json',
      JSON.stringify({ currentContext: 'far', proxies: { default: proxies }, auths: {} }),
    );
    context('far', 'ssh://build.example');
    context('near', 'unix:///run/docker.sock');
    const env = { DOCKER_CONFIG: join(root, 'conf') };
    expect(look(env).docker).toEqual({ file, proxies, endpoint: 'ssh://build.example' });
    expect(look({ ...env, DOCKER_CONTEXT: 'near' }).docker.endpoint).toBe('unix:///run/docker.sock');
    expect(look({ ...env, DOCKER_CONTEXT: 'default' }).docker.endpoint).toBeUndefined();
  });

  it('GIVEN variables that are empty WHEN looked at THEN they count as none, as with Docker', () => {
    put('home/.docker/config.json', JSON.stringify({ currentContext: 'far' }));
    const digest = createHash('sha256').update('far').digest('hex');
    const meta = JSON.stringify({ Endpoints: { docker: { Host: 'ssh://build.example' } } });
    put(`home/.docker/contexts/meta/${digest}/meta.json`, meta);
    const file = join(root, 'home/.docker/config.json');
    const docker = { file, proxies: undefined, endpoint: 'ssh://build.example' };
    expect(look({ DOCKER_CONFIG: '', DOCKER_CONTEXT: '' }).docker).toEqual(docker);
  });

  it.each(['not JSON', '{"proxies":{"default":7}}', '[]'])('GIVEN %s WHEN looked at THEN nothing is known', (text) => {
    put('home/.docker/config.json', text);
    expect(look().docker).toMatchObject({ proxies: undefined, endpoint: undefined });
  });
});

describe("the kernel's configuration", () => {
  it('GIVEN it packed in /proc, or where distributions put it WHEN read THEN its text', () => {
    expect(readKernelConfig('6.1', root)).toBeUndefined();
    put('lib/modules/6.1/config', 'modules');
    expect(readKernelConfig('6.1', root)).toBe('modules');
    put('boot/config-6.1', 'boot');
    expect(readKernelConfig('6.1', root)).toBe('boot');
    put('proc/config.gz', 'not packed');
    expect(readKernelConfig('6.1', root)).toBe('boot');
    put('proc/config.gz', gzipSync('CONFIG_BPF=y\n'));
    expect(readKernelConfig('6.1', root)).toBe('CONFIG_BPF=y\n');
  });

  it('GIVEN a module that is installed or loaded WHEN looked for THEN it is there', () => {
    expect(hasModule('6.1', 'vxlan', root)).toBe(false);
    put('lib/modules/6.1/modules.dep', 'kernel/drivers/net/vxlan_like.ko:\n');
    expect(hasModule('6.1', 'vxlan', root)).toBe(false);
    put('lib/modules/6.1/modules.dep', 'kernel/drivers/net/vxlan/vxlan.ko.zst: kernel/net/ipv4/udp_tunnel.ko.zst\n');
    expect(hasModule('6.1', 'vxlan', root)).toBe(true);
    put('sys/module/loaded/refcnt', '0');
    expect(hasModule('6.2', 'loaded', root)).toBe(true);
  });
});

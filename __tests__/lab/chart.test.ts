import { mkdirSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { create } from 'tar';
import { describe, expect, it } from 'vitest';
import { chartKeys, chartVersion } from '../../lab/chart.ts';
import type { Values } from '../../lab/lab.ts';
import { unknownValues } from '../../lab/chart-keys.ts';
import { stacks } from '../../lab/stacks.ts';
import { inFolder } from './lab-file.ts';

const folder = fileURLToPath(new URL('chart', import.meta.url));

describe('the version of a chart', () => {
  it('is that of its Chart.yaml, in a folder and in a .tgz', () => {
    inFolder((temporary) => {
      const file = join(temporary, 'cilium.tgz');
      create({ file, gzip: true, sync: true, cwd: join(folder, '..') }, ['chart']);
      expect([chartVersion(folder), chartVersion(file)]).toEqual(['1.14.2', '1.14.2']);
    });
  });

  it.each([undefined, 'https://charts.example/cilium-1.14.2.tgz', '/nowhere/cilium-1.14.2.tgz'])(
    'is unknown for %s',
    (source) => {
      expect(chartVersion(source)).toBeUndefined();
    },
  );
});

describe('the keys of a chart', () => {
  it('are read from a folder', () => {
    expect(Object.keys(chartKeys(folder, '1.14.2') ?? {})).toContain('clusterHealthPort');
  });

  it('are the same in a .tgz as in its folder', () => {
    inFolder((temporary) => {
      const file = join(temporary, 'cilium.tgz');
      create({ file, gzip: true, sync: true, cwd: join(folder, '..') }, ['chart']);
      expect(chartKeys(file, '1.14.2')).toEqual(chartKeys(folder, '1.14.2'));
    });
  });

  it.each([
    ['a URL', 'https://charts.example/cilium-1.14.2.tgz'],
    ['a path where nothing is yet', '/nowhere/cilium-1.14.2.tgz'],
    ['the published chart of a version that no stack uses', undefined],
  ])('are unknown for %s', (_, source) => {
    expect(chartKeys(source, '1.13.0')).toBeUndefined();
  });

  it('are unknown for an archive that is cut short', () => {
    inFolder((temporary) => {
      const file = join(temporary, 'cilium.tgz');
      create({ file, gzip: true, sync: true, cwd: join(folder, '..') }, ['chart']);
      truncateSync(file, 200);
      expect(chartKeys(file, '1.14.2')).toBeUndefined();
    });
  });

  it('are unknown for a folder without values.yaml', () => {
    inFolder((temporary) => {
      mkdirSync(join(temporary, 'chart'));
      expect(chartKeys(join(temporary, 'chart'), '1.14.2')).toBeUndefined();
    });
  });
});

describe('the published charts of the stacks', () => {
  const refused = (version: string, values: Values) => {
    const keys = chartKeys(undefined, version);
    return keys === undefined ? ['no keys'] : unknownValues(values, keys, [], 'it').map(({ path }) => path.join('.'));
  };

  it.each(Object.values(stacks).map(({ versions }) => versions.cilium))('%s knows what the article sets', (version) => {
    const values = {
      cluster: { name: 'region-athens', id: 1 },
      kubeProxyReplacement: 'strict',
      ipam: { mode: 'kubernetes' },
      ipv4NativeRoutingCIDR: '10.0.0.0/8',
      image: { pullPolicy: 'IfNotPresent' },
      hubble: { enabled: true, relay: { enabled: true }, ui: { enabled: true, service: { type: 'LoadBalancer' } } },
      k8sServiceHost: 'region-athens-control-plane',
      k8sServicePort: 6443,
      nodeinit: { enabled: true },
    };
    expect(refused(version, values)).toEqual([]);
  });

  it('differ where the chart changed', () => {
    const values = { externalIPs: { enabled: true }, hostPort: { enabled: true }, hostServices: { enabled: false } };
    expect(refused('1.14.2', values)).toEqual(['hostServices']);
    expect(refused('1.20.0', values)).toEqual(['externalIPs', 'hostPort', 'hostServices']);
  });
});

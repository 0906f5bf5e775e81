import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { knownKeys, readKeys, unknownValues, writeKeys } from '../../lab/chart-keys.ts';

const read = (path: string) => readFileSync(new URL(`chart/${path}`, import.meta.url), 'utf8');
const keys = knownKeys(read('values.yaml'), [read('templates/configmap.tpl')]);

describe('the keys that a chart knows', () => {
  it('are those of values.yaml, those in its comments, and those that only a template prints', () => {
    expect(keys).toEqual({
      upgradeCompatibility: null,
      imagePullSecrets: null,
      commonLabels: null,
      hubble: {
        enabled: null,
        eventQueueSize: null,
        redact: null,
        relay: { enabled: null, service: { type: null } },
        tls: null,
        eventTypes: null,
      },
      kubeProxyReplacement: null,
      logOptions: null,
      clusterHealthPort: null,
    });
  });

  it('are the same after writing and reading', () => {
    expect(readKeys(writeKeys(keys))).toEqual(keys);
  });
});

describe('a value that the chart does not know', () => {
  const refused = (values: unknown) => unknownValues(values, keys, ['cilium', 'values'], 'the Cilium 1.14.2 chart');

  it('is named with the nearest known key', () => {
    expect(refused({ hubble: { rely: { enabled: true } } })).toEqual([
      {
        path: ['cilium', 'values', 'hubble', 'rely'],
        message: 'cilium.values.hubble.rely is not a value of the Cilium 1.14.2 chart. Did you mean hubble.relay?',
      },
    ]);
  });

  it('is named alone where no known key is near', () => {
    expect(refused({ hostServices: { enabled: false } })).toEqual([
      {
        path: ['cilium', 'values', 'hostServices'],
        message:
          "cilium.values.hostServices is not a value of the Cilium 1.14.2 chart. Remove it, or see the chart's values.yaml.",
      },
    ]);
  });

  it('is found everywhere, all at once', () => {
    const found = refused({ hubbl: 1, hubble: { relay: { servce: {} } }, removedLongAgo: 1 });
    expect(found.map(({ path }) => path.join('.'))).toEqual([
      'cilium.values.hubbl',
      'cilium.values.hubble.relay.servce',
      'cilium.values.removedLongAgo',
    ]);
  });

  it.each([
    ['below an empty map', { commonLabels: { team: 'net' } }],
    ['below null', { hubble: { tls: { auto: { method: 'helm' } } } }],
    ['below a list', { imagePullSecrets: [{ name: 'x' }] }],
    ['below a commented key', { hubble: { redact: { enabled: true } } }],
    ['with null for a map, which removes the default', { hubble: null }],
  ])('is not looked for %s', (_, values) => {
    expect(refused(values)).toEqual([]);
  });
});

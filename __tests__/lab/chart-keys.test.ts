import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { Values } from '../../lab/lab.ts';
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
        relay: { enabled: null, service: { type: null }, affinity: { podAffinity: { mode: null } } },
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
  const refused = (values: Values) => unknownValues(values, keys, ['cilium', 'values'], 'the Cilium 1.14.2 chart');

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

  it('GIVEN null for a map that templates pass on whole THEN fine; for the update strategy, which they look into, refused', () => {
    const nodeSelector = { operator: { nodeSelector: { os: 'linux' }, updateStrategy: { type: 'RollingUpdate' } } };
    const known = knownKeys(stringify(nodeSelector), []);
    const of = (values: Values) => unknownValues({ operator: values }, known, ['cilium', 'values'], 'the chart');

    expect(of({ nodeSelector: null })).toEqual([]);
    expect(of({ updateStrategy: null })).toMatchObject([
      {
        path: ['cilium', 'values', 'operator', 'updateStrategy'],
        message: expect.stringContaining('is empty') as string,
      },
    ]);
  });

  it.each([
    [
      { hubble: [1] },
      'hubble is a list, and the Cilium 1.14.2 chart has a map there. Write a map, such as { enabled: false }.',
    ],
    [
      { hubble: 'on' },
      'hubble is "on", and the Cilium 1.14.2 chart has a map there. Write a map, such as { enabled: false }.',
    ],
    [
      { hubble: null },
      'hubble is empty, and the Cilium 1.14.2 chart has a map there. Write a map, such as { enabled: false }.',
    ],
    [
      { hubble: { relay: { service: null } } },
      'hubble.relay.service is empty, and the Cilium 1.14.2 chart has a map there. Write a map, or remove it.',
    ],
    [
      { hubble: { relay: { affinity: 1 } } },
      'hubble.relay.affinity is 1, and the Cilium 1.14.2 chart has a map there. Write a map, or remove it.',
    ],
    [
      { hubble: { relay: { service: 1 } } },
      'hubble.relay.service is 1, and the Cilium 1.14.2 chart has a map there. Write a map, or remove it.',
    ],
  ])('may be what stands for a map: %j', (values, message) => {
    expect(refused(values).map(({ message: told }) => told)).toEqual([`cilium.values.${message}`]);
  });

  it.each(['constructor', 'toString', 'valueOf', 'hasOwnProperty', 'isPrototypeOf'])(
    'is told too where every object has a property of that name: %s',
    (name) => {
      expect(refused({ [name]: 1, hubble: { [name]: 1 } }).map(({ path }) => path.join('.'))).toEqual([
        `cilium.values.${name}`,
        `cilium.values.hubble.${name}`,
      ]);
    },
  );

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
    ['with null for a map that is passed on whole', { hubble: { relay: { affinity: null } } }],
    ['with null for a part of such a map', { hubble: { relay: { affinity: { podAffinity: null } } } }],
    ['with null for a single value', { hubble: { relay: { service: { type: null } } } }],
  ])('is not looked for %s', (_, values) => {
    expect(refused(values)).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import { differences, meshPart, withKvstoremesh, withoutCa } from '../../../scripts/steps/values.ts';
import { mergeValues } from '../../../lab/values.ts';
import { meshValues } from '../fixtures.ts';

const regions = new Set(['region-athens', 'region-hurup']);

describe('the part of a release that the CLI wrote', () => {
  it('GIVEN the values of a real release WHEN asked THEN exactly what enable and connect wrote', () => {
    const own = {
      cluster: { id: 1 },
      hubble: { ui: { service: { type: 'LoadBalancer' } } },
      tls: { ca: { key: 'K' } },
    };

    expect(meshPart(mergeValues(own, meshValues), regions)).toEqual(meshValues);
  });

  it('GIVEN a release without mesh WHEN asked THEN nothing', () => {
    expect(meshPart({ cluster: { id: 1 }, clustermesh: { maxConnectedClusters: 511 } }, regions)).toEqual({});
  });

  it("GIVEN values of the user's own beside the mesh WHEN asked THEN they are not the CLI's", () => {
    const service = { type: 'LoadBalancer', annotations: { 'metallb.universe.tf/loadBalancerIPs': '172.19.255.2' } };
    const release = { clustermesh: { useAPIServer: true, apiserver: { service, replicas: 2 } } };

    expect(meshPart(release, regions)).toEqual({
      clustermesh: { useAPIServer: true, apiserver: { service: { type: 'LoadBalancer' } } },
    });
  });

  it('GIVEN false and empty values WHEN asked THEN they are values too', () => {
    const release = { clustermesh: { useAPIServer: false, config: { enabled: false, clusters: [] } } };

    expect(meshPart(release, regions)).toEqual(release);
  });

  it.each([
    {
      form: 'a list',
      clusters: [{ name: 'region-athens' }, { name: 'region-gone' }, { name: 'region-hurup' }],
      kept: [{ name: 'region-athens' }, { name: 'region-hurup' }],
    },
    {
      form: 'a map by name, of newer CLIs',
      clusters: { 'region-athens': { port: 2379 }, 'region-gone': { port: 2379 } },
      kept: { 'region-athens': { port: 2379 } },
    },
    { form: 'a list of a mesh that is gone', clusters: [{ name: 'region-gone' }], kept: [] },
    { form: 'nothing that is known', clusters: null, kept: null },
  ])('GIVEN $form WHEN a region has left the lab THEN it is not kept', ({ clusters, kept }) => {
    const release = { clustermesh: { config: { enabled: true, clusters } } };

    expect(meshPart(release, regions)).toEqual({ clustermesh: { config: { enabled: true, clusters: kept } } });
  });

  it("GIVEN the user's own settings within the CLI's maps WHEN asked THEN they are the user's", () => {
    const own = {
      clustermesh: { config: { domain: 'mesh.example' }, apiserver: { tls: { auto: { certValidityDuration: 30 } } } },
      externalWorkloads: { other: 1 },
    };

    expect(meshPart(mergeValues(own, meshValues), regions)).toEqual(meshValues);
  });
});

describe('KVStoreMesh in the kept part', () => {
  const kept = (enabled: boolean) => ({ clustermesh: { useAPIServer: true, apiserver: { kvstoremesh: { enabled } } } });

  it('GIVEN what an earlier `clustermesh enable` wrote THEN it is as the lab has it now', () => {
    expect(withKvstoremesh(kept(true), false)).toEqual(kept(false));
    expect(withKvstoremesh(kept(false), true)).toEqual(kept(true));
  });

  it('GIVEN nothing written THEN nothing is added', () => {
    expect(withKvstoremesh(meshValues, true)).toEqual(meshValues);
  });
});

describe('values without the shared CA', () => {
  it.each([
    { values: { cluster: { id: 1 }, tls: { ca: { cert: 'C', key: 'K' } } }, rest: { cluster: { id: 1 } } },
    { values: { tls: { ca: { cert: 'C' }, secretsBackend: 'k8s' } }, rest: { tls: { secretsBackend: 'k8s' } } },
    { values: { cluster: { id: 1 } }, rest: { cluster: { id: 1 } } },
    { values: { tls: null }, rest: { tls: null } },
    {
      values: { tls: { ca: { cert: 'C', key: 'K', certValidityDuration: 3650 } } },
      rest: { tls: { ca: { certValidityDuration: 3650 } } },
    },
  ])('GIVEN $values WHEN taken out THEN $rest', ({ values, rest }) => {
    expect(withoutCa(values)).toEqual(rest);
  });
});

describe('where two trees differ', () => {
  it.each([
    { actual: { a: { b: 1 } }, wanted: { a: { b: 1 } }, paths: [] },
    { actual: { a: { b: 1 } }, wanted: { a: { b: 2 } }, paths: ['a.b'] },
    { actual: { a: { b: 1, gone: 1 } }, wanted: { a: { b: 1, added: 1 } }, paths: ['a.added', 'a.gone'] },
    { actual: { a: [1, 2] }, wanted: { a: [2, 1] }, paths: ['a'] },
    { actual: { a: '1' }, wanted: { a: 1 }, paths: ['a'] },
    { actual: { a: { b: 1 } }, wanted: { a: 1 }, paths: ['a'] },
    { actual: {}, wanted: { a: { b: 1 } }, paths: ['a'] },
    { actual: { one: 1, two: 1 }, wanted: { one: 2, two: 2 }, paths: ['one', 'two'] },
  ])('GIVEN $actual and $wanted WHEN compared THEN $paths', ({ actual, wanted, paths }) => {
    expect(differences(actual, wanted)).toEqual(paths);
  });
});

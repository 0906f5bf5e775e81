import { describe, expect, it } from 'vitest';
import { hostsToml, mirroredName, registriesOf, registryMirrorsOf } from '../../lab/registries.ts';

describe('the registries of a lab', () => {
  it('GIVEN no mirror THEN the three of which its images are, each asked by itself', () => {
    expect(registriesOf({})).toEqual([
      {
        ...{ host: 'docker.io', url: 'https://registry-1.docker.io', upstream: 'https://registry-1.docker.io' },
        cache: 'clustermesh-lab-cache-docker-io',
      },
      {
        ...{ host: 'quay.io', url: 'https://quay.io', upstream: 'https://quay.io' },
        cache: 'clustermesh-lab-cache-quay-io',
      },
      {
        ...{ host: 'registry.k8s.io', url: 'https://registry.k8s.io', upstream: 'https://registry.k8s.io' },
        cache: 'clustermesh-lab-cache-registry-k8s-io',
      },
    ]);
  });

  it('GIVEN mirrors THEN they are asked instead, AND each has a cache of its own', () => {
    const of = (url: string) => registriesOf({ 'quay.io': url }).find(({ host }) => host === 'quay.io');

    expect(of('https://quay.example/')).toMatchObject({ url: 'https://quay.io', upstream: 'https://quay.example' });
    const caches = ['https://quay.io', 'https://quay.example', 'https://other.example'].map((url) => of(url)?.cache);
    expect(new Set(caches).size).toBe(3);
    expect(caches[0]).toBe('clustermesh-lab-cache-quay-io');
    expect(caches[1]).toMatch(/^clustermesh-lab-cache-quay-io-[0-9a-f]{8}$/);
  });

  it('GIVEN a mirror of another registry THEN that is one of them too', () => {
    expect(registriesOf({ 'ghcr.io': 'https://ghcr.io' }).map(({ host }) => host)).toEqual([
      ...['docker.io', 'ghcr.io', 'quay.io', 'registry.k8s.io'],
    ]);
  });

  it('GIVEN the preset for China THEN registries that answer there, AND what lab.yaml gives goes before', () => {
    expect(registryMirrorsOf('china', { 'quay.io': 'https://quay.example' })).toEqual({
      'docker.io': 'https://docker.m.daocloud.io',
      'quay.io': 'https://quay.example',
      'registry.k8s.io': 'https://k8s.m.daocloud.io',
    });
    expect(registryMirrorsOf({ 'get.helm.sh': 'https://a/b' }, {})).toEqual({});
  });
});

describe('whom containerd asks', () => {
  const [docker] = registriesOf({});
  const quay = registriesOf({ 'quay.io': 'http://mirror:5001' }).find(({ host }) => host === 'quay.io');

  it('GIVEN a cache THEN it first, then the mirror, and at last the registry itself', () => {
    expect(docker && hostsToml(docker, true)).toBe(`server = "https://registry-1.docker.io"

[host."http://clustermesh-lab-cache-docker-io:5000"]
  capabilities = ["pull", "resolve"]
`);
    const text = quay === undefined ? '' : hostsToml(quay, true);
    expect([...text.matchAll(/host\."([^"]+)"/g)].map(([, host]) => host)).toEqual([
      `http://${quay?.cache ?? ''}:5000`,
      'http://mirror:5001',
    ]);
  });

  it('GIVEN none THEN the mirror, and the registry itself', () => {
    expect(quay && hostsToml(quay, false)).toBe(`server = "https://quay.io"

[host."http://mirror:5001"]
  capabilities = ["pull", "resolve"]
`);
  });
});

describe('an image that a mirror is asked for', () => {
  const mirrors = { 'docker.io': 'https://hub.example', 'quay.io': 'https://quay.example:8443/' };

  it.each([
    ['kindest/node:v1.27.3@sha256:aa', 'hub.example/kindest/node:v1.27.3@sha256:aa'],
    ['registry:2', 'hub.example/library/registry:2'],
    ['docker.io/library/registry:2', 'hub.example/library/registry:2'],
    ['quay.io/cilium/cilium:v1', 'quay.example:8443/cilium/cilium:v1'],
    ['ghcr.io/a/b:1', 'ghcr.io/a/b:1'],
    ['localhost/a:1', 'localhost/a:1'],
  ])('GIVEN %s THEN %s', (image, name) => {
    expect(mirroredName(image, mirrors)).toBe(name);
  });
});

import { describe, expect, it } from 'vitest';
import { imageName } from '../../lab/image-name.ts';

const digest = `sha256:${'a'.repeat(64)}`;

describe('the name of an image', () => {
  it.each([
    ['quay.io/cilium/cilium:v1.14.2', 'quay.io', 'cilium/cilium', 'v1.14.2', undefined],
    [`quay.io/cilium/cilium:v1.14.2@${digest}`, 'quay.io', 'cilium/cilium', 'v1.14.2', digest],
    [`quay.io/cilium/cilium@${digest}`, 'quay.io', 'cilium/cilium', undefined, digest],
    ['postgres:17', 'docker.io', 'library/postgres', '17', undefined],
    ['docker.io/postgres:17', 'docker.io', 'library/postgres', '17', undefined],
    ['coredns/coredns:1.11.1', 'docker.io', 'coredns/coredns', '1.11.1', undefined],
    ['docker.io/library/postgres', 'docker.io', 'library/postgres', undefined, undefined],
    ['registry.example:5000/a/b/c:1', 'registry.example:5000', 'a/b/c', '1', undefined],
    ['localhost/a', 'localhost', 'a', undefined, undefined],
  ])('GIVEN %s THEN it is read as containerd does', (text, host, repository, tag, sum) => {
    expect(imageName(text)).toEqual({ host, repository, tag, digest: sum });
  });
});

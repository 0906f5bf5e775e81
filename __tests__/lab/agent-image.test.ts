import { describe, expect, it } from 'vitest';
import { agentImage } from '../../lab/agent-image.ts';

const digest = 'sha256:6263f3a3d5d63b267b538298dbeb5ae87da3efacf09a2c620446c873ba807d35';
const published = 'quay.io/cilium/cilium:v1.14.2';
const byDigest = { reason: 'cilium.values ask for the image by its digest, which kind cannot load' };

describe("the agent's image", () => {
  it.each([
    ['nothing', {}, { name: published, reference: `${published}@${digest}` }],
    ['odd values', { image: { tag: 7, repository: null } }, { name: published, reference: `${published}@${digest}` }],
    [
      'a mirror, which has the digest of what it mirrors',
      { image: { repository: 'mirror.example/cilium' } },
      { name: 'mirror.example/cilium:v1.14.2', reference: `mirror.example/cilium:v1.14.2@${digest}` },
    ],
    [
      'another tag',
      { image: { tag: 'v1.14.3' } },
      { name: 'quay.io/cilium/cilium:v1.14.3', reference: 'quay.io/cilium/cilium:v1.14.3' },
    ],
    [
      'another tag with its digest',
      { image: { tag: 'v1.14.3', digest: 'sha256:abc' } },
      { name: 'quay.io/cilium/cilium:v1.14.3', reference: 'quay.io/cilium/cilium:v1.14.3@sha256:abc' },
    ],
    [
      'an image of their own',
      { image: { override: 'cilium-dev:local', useDigest: true } },
      { name: 'cilium-dev:local', reference: 'cilium-dev:local' },
    ],
    ['an override by digest', { image: { override: 'cilium-dev@sha256:abc' } }, byDigest],
    ['a tag with a digest in it', { image: { tag: 'v1.14.2@sha256:abc' } }, byDigest],
    ['useDigest', { image: { useDigest: true } }, byDigest],
  ])('GIVEN %s in cilium.values THEN it is what the chart asks for', (_, values, image) => {
    expect(agentImage(values, '1.14.2')).toEqual(image);
  });

  it('GIVEN a version that no stack has THEN by tag', () => {
    const name = 'quay.io/cilium/cilium:v1.15.1';
    expect(agentImage({}, '1.15.1')).toEqual({ name, reference: name });
  });
});

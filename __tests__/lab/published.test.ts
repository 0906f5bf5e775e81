import { describe, expect, it } from 'vitest';
import { agentDigest, publishedChart, publishedManifest } from '../../lab/published.ts';
import { stacks } from '../../lab/stacks.ts';

describe('what the stacks are made of', () => {
  it.each(Object.values(stacks))('$name: all of it is pinned by digest', ({ versions, nodeImage }) => {
    const hex = expect.stringMatching(/^[0-9a-f]{64}$/) as unknown;
    expect(publishedChart(versions.cilium)).toEqual({
      url: `https://helm.cilium.io/cilium-${versions.cilium}.tgz`,
      sha256: hex,
    });
    expect(publishedManifest(versions.metallb)).toEqual({
      url: `https://raw.githubusercontent.com/metallb/metallb/${versions.metallb}/config/manifests/metallb-native.yaml`,
      sha256: hex,
    });
    expect(agentDigest(versions.cilium)).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(nodeImage).toMatch(/@sha256:[0-9a-f]{64}$/);
  });

  it('GIVEN a version that no stack has THEN none is invented', () => {
    expect([publishedChart('1.15.1').sha256, publishedManifest('v0.14.5').sha256, agentDigest('1.15.1')]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});

import { describe, expect, it } from 'vitest';
import { imagesIn, testImagesIn } from '../../../scripts/supply/image-names.ts';

const digest = `sha256:${'a'.repeat(64)}`;

describe('images in what programs say', () => {
  it('GIVEN manifests THEN those of all containers, each once', () => {
    const manifest = `
      containers:
      - name: a
        image: "quay.io/cilium/cilium:v1@${digest}"
      - image: quay.io/metallb/speaker:v0.13.7
        name: b
      initContainers:
      - { name: c }
        image: quay.io/metallb/speaker:v0.13.7 # again
      imagePullPolicy: Always
`;

    expect(imagesIn(manifest)).toEqual([`quay.io/cilium/cilium:v1@${digest}`, 'quay.io/metallb/speaker:v0.13.7']);
  });

  it('GIVEN the help of the Cilium CLI THEN the images of its tests, without those of performance and of BGP', () => {
    const help = `
      --curl-image string                    Image path to use for curl (default "quay.io/cilium/alpine-curl:v1.7.0")
      --dns-test-server-image string         Image path to use for CoreDNS (default "docker.io/coredns/coredns:1.11.1")
      --flow-validation string               Enable Hubble flow validation { disabled | warning | strict } (default "warning")
      --frr-image string                     Image path to use for FRR (default "quay.io/frrouting/frr:10.1.1")
      --json-mock-image string               Image path to use for json mock (default "quay.io/cilium/json-mock:v1.3.5")
      --performance-image string             Image path to use for performance (default "quay.io/cilium/network-perf:3.17")
`;

    expect(testImagesIn(help)).toEqual([
      ...['quay.io/cilium/alpine-curl:v1.7.0', 'docker.io/coredns/coredns:1.11.1', 'quay.io/cilium/json-mock:v1.3.5'],
    ]);
  });
});

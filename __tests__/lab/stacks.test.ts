import { describe, expect, it } from 'vitest';
import { resolveStack, stacks } from '../../lab/stacks.ts';

describe('the stacks', () => {
  it('article is what the article used', () => {
    expect(stacks.article).toEqual({
      name: 'article',
      versions: {
        kind: 'v0.20.0',
        kubernetes: 'v1.27.3',
        cilium: '1.14.2',
        ciliumCli: 'v0.15.8',
        metallb: 'v0.13.7',
        helm: 'v3.17.3',
        kubectl: 'v1.27.3',
      },
      nodeImage: 'kindest/node:v1.27.3@sha256:3966ac761ae0136263ffdb6cfd4db23ef8a83cba8a463690e98317add2c9ba72',
      kubeProxyReplacement: 'strict',
      legacyServiceKeys: true,
      maxClusters: 255,
      connect: 'pairs',
      configBeforeEnable: false,
      kvstoremesh: false,
      enableEndsKvstoremesh: true,
      addressAnnotation: 'metallb.universe.tf/loadBalancerIPs',
      lbIpam: { apiVersion: 'cilium.io/v2alpha1', ranges: false, addressAnnotation: 'io.cilium/lb-ipam-ips' },
    });
  });

  it('current is what was released in July 2026', () => {
    expect(stacks.current).toEqual({
      name: 'current',
      versions: {
        kind: 'v0.32.0',
        kubernetes: 'v1.36.1',
        cilium: '1.20.0',
        ciliumCli: 'v0.19.7',
        metallb: 'v0.16.1',
        helm: 'v3.17.3',
        kubectl: 'v1.36.1',
      },
      nodeImage: 'kindest/node:v1.36.1@sha256:3489c7674813ba5d8b1a9977baea8a6e553784dab7b84759d1014dbd78f7ebd5',
      kubeProxyReplacement: true,
      legacyServiceKeys: false,
      maxClusters: 511,
      connect: 'mesh',
      configBeforeEnable: false,
      kvstoremesh: true,
      enableEndsKvstoremesh: false,
      addressAnnotation: 'metallb.io/loadBalancerIPs',
      lbIpam: { apiVersion: 'cilium.io/v2', ranges: true, addressAnnotation: 'lbipam.cilium.io/ips' },
    });
  });

  it('GIVEN no pins THEN a stack resolves to itself', () => {
    expect(resolveStack('article')).toEqual(stacks.article);
    expect(resolveStack('current')).toEqual(stacks.current);
  });
});

describe('what depends on a version follows a pin', () => {
  it.each([
    ['1.14.9', 'strict', true, 255],
    ['1.15.0', 'strict', true, 511],
    ['1.16.0', true, false, 511],
    ['1.16.0-rc.1', true, false, 511],
    ['2.0.0', true, false, 511],
  ] as const)('cilium %s: kubeProxyReplacement %s, legacy keys %s, %i clusters', (cilium, kpr, legacy, most) => {
    const stack = resolveStack('article', { cilium });
    expect([stack.kubeProxyReplacement, stack.legacyServiceKeys, stack.maxClusters]).toEqual([kpr, legacy, most]);
  });

  it.each([
    ['v0.16.18', 'pairs'],
    ['v0.16.19', 'pairs'],
    ['v0.16.20', 'mesh'],
    ['v0.17.0', 'mesh'],
  ])('ciliumCli %s connects by %s', (ciliumCli, connect) => {
    expect(resolveStack('article', { ciliumCli }).connect).toBe(connect);
  });

  it.each([
    ['1.20.0', 'v0.18.4', true],
    ['1.20.0', 'v0.19.7', false],
    ['1.19.9', 'v0.18.4', false],
  ])('cilium %s with ciliumCli %s: clustermesh.config on before enable: %s', (cilium, ciliumCli, isNeeded) => {
    expect(resolveStack('current', { cilium, ciliumCli }).configBeforeEnable).toBe(isNeeded);
  });

  it.each([
    ['v0.14.9', 'metallb.universe.tf/loadBalancerIPs'],
    ['v0.15.0', 'metallb.io/loadBalancerIPs'],
  ])('metallb %s reads %s', (metallb, annotation) => {
    expect(resolveStack('article', { metallb }).addressAnnotation).toBe(annotation);
  });

  it.each([
    [
      { kubernetes: 'v1.26.6' },
      'kindest/node:v1.26.6@sha256:6e2d8b28a5b601defe327b98bd1c2d1930b49e5d8c512e1895099e4504007adb',
    ],
    [{ kubernetes: 'v1.26.7' }, 'kindest/node:v1.26.7'],
    [{ kind: 'v0.21.0' }, 'kindest/node:v1.27.3'],
  ])('%o runs on the node image %s', (pins, image) => {
    expect(resolveStack('article', pins).nodeImage).toBe(image);
  });

  it('kubectl is that of Kubernetes unless pinned', () => {
    expect(resolveStack('article', { kubernetes: 'v1.26.6' }).versions.kubectl).toBe('v1.26.6');
    expect(resolveStack('article', { kubectl: 'v1.28.0' }).versions.kubectl).toBe('v1.28.0');
  });
});

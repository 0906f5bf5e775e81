import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ciliumValues } from '../../constructs/cilium-values.ts';
import { inFolder, labOf, refusalOf } from './lab-file.ts';

const lab = (stack: string, versions: string, more = '', region = '{ name: a }') =>
  `name: lab\nstack: ${stack}\nversions: { ${versions} }\nregions: [${region}]\n${more}`;

describe('versions that do not work together are refused at the pin', () => {
  it.each([
    ['article', 'cilium: 1.13.9', "Cilium 1.13.9 is older than the Cilium CLI's mesh by Helm. Use 1.14.0 or later."],
    [
      'article',
      'ciliumCli: v0.14.8',
      'Cilium CLI v0.14.8 does not use Helm releases by itself. Use v0.15.0 or later, such as v0.19.7.',
    ],
    [
      'current',
      'ciliumCli: v0.15.8',
      'Cilium CLI v0.15.8 is made for Cilium 1.14, and the lab has 1.20.0. Set versions.ciliumCli to v0.16.0 or later, such as v0.19.7.',
    ],
    [
      'article',
      'cilium: 1.20.0',
      'Cilium CLI v0.15.8 is made for Cilium 1.14, and the lab has 1.20.0. Set versions.ciliumCli to v0.16.0 or later, such as v0.19.7.',
    ],
    [
      'current',
      'kubernetes: v1.20.15',
      'Cilium 1.20.0 asks for Kubernetes v1.21.0, and the lab has v1.20.15. Set versions.kubernetes to v1.21.0 or later.',
    ],
    ['article', 'metallb: v0.12.1', 'MetalLB v0.12.1 has no IPAddressPool yet. Use v0.13.7 or later, such as v0.16.1.'],
  ])('stack %s with %s', (stack, versions, message) => {
    expect(refusalOf(lab(stack, versions))).toEqual([`lab.yaml:3:13  ${message}`]);
  });

  it.each([
    ['article', 'ciliumCli: v0.16.20'],
    ['current', 'ciliumCli: v0.16.0'],
    ['article', 'metallb: v0.13.0'],
    ['article', 'kubernetes: v1.20.0'],
  ])('stack %s with %s is accepted', (stack, versions) => {
    expect(labOf(lab(stack, versions)).stack.name).toBe(stack);
  });
});

describe('one node with a kind that leaves exclude-from-external-load-balancers on', () => {
  const single = '{ name: a, workers: 0 }';

  it('is refused where MetalLB heeds the label', () => {
    expect(refusalOf(lab('article', 'metallb: v0.14.2', '', single))).toEqual([
      'lab.yaml:4:22  a has one node, which kind v0.20.0 labels exclude-from-external-load-balancers, and MetalLB v0.14.2 announces no address from such a node. Use `workers: 1`, kind v0.22.0 or later, or MetalLB v0.14.1 or earlier.',
    ]);
  });

  it.each([
    ['metallb: v0.14.1', single],
    ['metallb: v0.14.2, kind: v0.22.0', single],
    ['metallb: v0.14.2', '{ name: a, workers: 1 }'],
  ])('%s with the region %s is accepted', (versions, region) => {
    expect(labOf(lab('article', versions, '', region)).regions).toHaveLength(1);
  });
});

describe('a CLI whose `clustermesh enable` leaves clustermesh.config off', () => {
  const configOf = (versions: string, more: string) => {
    const made = labOf(lab('current', versions, more));
    return made.regions.map((region) => ciliumValues(made, region).clustermesh);
  };

  it('GIVEN chart 1.20 and the mesh by CLI THEN the values turn it on, and nothing else of the mesh', () => {
    expect(configOf('ciliumCli: v0.18.4', '')).toEqual([{ config: { enabled: true } }]);
  });

  it('GIVEN a CLI that turns it on itself THEN the values do not', () => {
    expect(configOf('ciliumCli: v0.19.7', '')).toEqual([undefined]);
  });

  it('GIVEN the mesh by the install THEN it is part of that', () => {
    const [mesh] = configOf('ciliumCli: v0.18.4', 'mesh: { method: install }\n');
    expect(mesh).toMatchObject({ useAPIServer: true, config: { enabled: true, clusters: [] } });
  });
});

describe('a manifest of MetalLB on this machine', () => {
  const manifest = (version: string) => `spec:\n  containers:\n    - image: quay.io/metallb/controller:${version}\n`;
  const withManifest = (text: string | undefined, versions = '') =>
    inFolder((folder) => {
      const file = join(folder, 'metallb.yaml');
      if (text === undefined) mkdirSync(file);
      else writeFileSync(file, text);
      const source = `name: lab\nregions: [{ name: a }]\nversions: { ${versions} }\nsources: { metallbManifest: ${file} }\n`;
      try {
        return refusalOf(source).map((line) => line.replace(file, 'FILE'));
      } catch {
        return labOf(source).stack.versions.metallb;
      }
    });

  it('of another version than the lab has is refused with the pin to set', () => {
    expect(withManifest(manifest('v0.14.5'))).toEqual([
      'lab.yaml:4:12  sources.metallbManifest FILE is of MetalLB v0.14.5, and the lab has v0.13.7. Set versions.metallb to v0.14.5, or name another manifest.',
    ]);
    expect(withManifest(manifest('v0.14.5'), 'metallb: v0.14.5')).toBe('v0.14.5');
  });

  it('that does not say its version is taken as it is', () => {
    expect(withManifest('kind: List\n')).toBe('v0.13.7');
  });

  it('that is none is refused', () => {
    expect(withManifest(undefined)).toEqual([
      "lab.yaml:4:12  sources.metallbManifest FILE is a folder, not a file. Name the file of MetalLB's native manifest.",
    ]);
  });
});

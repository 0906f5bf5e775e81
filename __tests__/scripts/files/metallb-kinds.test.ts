import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { kindsIn, writeKinds } from '../../../scripts/files/metallb-kinds.ts';
import { Paths } from '../../../scripts/files/paths.ts';

const namespace = `apiVersion: v1
kind: Namespace
metadata:
  name: metallb-system
`;
const pools = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: ipaddresspools.metallb.io
spec:
  description: |-
    a pool

    of addresses
`;
const others = `apiVersion: v1
kind: Secret
metadata:
  name: webhook-server-cert
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: controller
`;

describe("MetalLB's kinds", () => {
  it.each([
    { given: 'a manifest', manifest: `${namespace}---\n${pools}---\n${others}` },
    {
      given: 'one that begins with a marker, and has comments',
      manifest: `---\n${namespace}---\n# pools\n${pools}---\n${others}`,
    },
    { given: 'one in another order', manifest: `${namespace}---\n${others}---\n${pools}` },
  ])('GIVEN $given THEN the namespace and the kinds, and nothing else', ({ manifest }) => {
    expect(kindsIn(manifest).replace('# pools\n', '')).toBe(`---\n${namespace}---\n${pools}`);
  });

  it('GIVEN a manifest without kinds THEN nothing', () => {
    expect(kindsIn(others)).toBe('');
  });

  describe('in a file', () => {
    const folder = mkdtempSync(join(tmpdir(), 'metallb-kinds-'));
    const paths = new Paths({ labFile: join(folder, 'lab.yaml'), dist: undefined, lab: 'lab', cwd: folder });
    afterAll(() => {
      rmSync(folder, { recursive: true });
    });

    it('GIVEN a manifest that is not there, or a folder, THEN none is written', () => {
      expect(writeKinds(paths, join(folder, 'none.yaml'))).toBe(undefined);
      expect(writeKinds(paths, folder)).toBe(undefined);
      expect(existsSync(paths.metallbKinds)).toBe(false);
    });

    it('GIVEN a manifest THEN its kinds lie with the lab', () => {
      const manifest = join(folder, 'metallb.yaml');
      writeFileSync(manifest, `${namespace}---\n${others}`);

      expect(writeKinds(paths, manifest)).toBe(join(folder, '.lab', 'lab', 'metallb-kinds.yaml'));
      expect(readFileSync(paths.metallbKinds, 'utf8')).toBe(`---\n${namespace}`);
    });
  });
});

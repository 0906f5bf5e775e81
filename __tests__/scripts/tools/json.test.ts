import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parseMeshStatus } from '../../../scripts/tools/cilium.ts';
import { parseInfo } from '../../../scripts/tools/docker-info.ts';
import { parseKindContainers } from '../../../scripts/tools/docker-container.ts';
import { parseNetworks, parseVolumes } from '../../../scripts/tools/docker.ts';
import { parseReleases } from '../../../scripts/tools/helm.ts';
import { readJson } from '../../../scripts/tools/json.ts';
import { parseObjects } from '../../../scripts/tools/kubectl.ts';
import { list, storedRelease } from '../stored-release.ts';

const readers = {
  parseInfo,
  parseNetworks,
  parseKindContainers,
  parseVolumes,
  parseReleases,
  parseObjects,
  parseMeshStatus,
};

/** What each program really answers, in small. */
const answers: Readonly<Record<keyof typeof readers, string>> = {
  parseInfo: '{"ServerVersion":"28.2.2","DriverStatus":null,"Architecture":"x86_64","OSType":"linux"}',
  parseNetworks: '[{"Name":"kind","Labels":{},"IPAM":{"Config":[{"Subnet":"172.18.0.0/16"}]},"Containers":{}}]',
  parseKindContainers: '{"Names":"a","Labels":"io.x-k8s.kind.cluster=a","State":"running","Networks":"kind"}',
  parseVolumes: '[{"Name":"v","Labels":{"a":"1"}}]',
  parseReleases: list(storedRelease(3)),
  parseObjects: '{"kind":"Namespace","metadata":{"name":"kube-system","uid":"u"}}',
  parseMeshStatus: '{"connectivity":{"total":2}}',
};

describe('JSON that a program printed', () => {
  it('GIVEN what the schema asks for WHEN read THEN that, and nothing else of it', () => {
    expect(readJson(z.object({ a: z.number() }), '{"a":1,"b":2}')).toEqual({ a: 1 });
  });

  describe.each(Object.entries(readers))('%s', (name, read: (text: string) => unknown) => {
    const answer = answers[name as keyof typeof readers];

    it('GIVEN the real answer THEN it is read', () => {
      expect(read(answer)).toBeDefined();
    });

    it('GIVEN an answer that was cut off anywhere THEN undefined', () => {
      fc.assert(
        fc.property(fc.integer({ min: 1, max: answer.length - 1 }), (length) => {
          expect(read(answer.slice(0, length))).toBeUndefined();
        }),
      );
    });

    it('GIVEN any text, or any JSON THEN it never throws', () => {
      fc.assert(
        fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
          expect(() => read(text)).not.toThrow();
        }),
      );
    });
  });
});

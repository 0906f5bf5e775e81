import { describe, expect, it } from 'vitest';
import type { Region } from '../../../lab/lab.ts';
import { findRefusals } from '../../../scripts/plan/refusals.ts';
import type { Observed } from '../../../scripts/observe/observed.ts';
import { allThere, articleLab, imagesOf, livingCluster, livingRegion, nothingThere } from '../fixtures.ts';
import { athens, athensWith, lab, plan, running, told } from './planning.ts';

const chart = 'https://charts.example/cilium-1.14.2.tgz';
const manifest = 'https://metallb.example/metallb-native.yaml';
const digests = { [chart]: 'c'.repeat(64), [manifest]: 'd'.repeat(64) };
const sources = (changes: Readonly<Record<string, string>> = {}): ReadonlyMap<string, string> =>
  new Map(Object.entries({ ...digests, ...changes }));
const line = (id: string, observed: Observed, of = lab): string | undefined =>
  told(plan(observed, { lab: of, regions: of.regions })).find((text) => text.startsWith(`${id} `));

describe('the download of chart and manifest', () => {
  it.each([
    ['nothing there', new Map<string, string>(), 'fetch run: cilium-1.14.2.tgz and metallb-native.yaml not there'],
    ['both there', sources(), 'fetch skip: they are there'],
    ['the chart alone', new Map([[chart, digests[chart]]]), 'fetch run: metallb-native.yaml not there'],
  ])('GIVEN %s WHEN nothing else exists THEN %s', (_, there, expected) => {
    expect(line('fetch', nothingThere(lab, { sources: there }))).toBe(expected);
  });

  it('GIVEN a living lab whose files are gone WHEN planned THEN they are brought only where a region needs them', () => {
    expect(line('fetch', { ...allThere(lab), sources: new Map() })).toBe('fetch skip: no region needs them');
    const broken = { ...athensWith({ release: undefined }), sources: new Map<string, string>() };
    expect(line('fetch', broken)).toBe('fetch run: cilium-1.14.2.tgz and metallb-native.yaml not there');
  });

  it('GIVEN no digest WHEN the file is there THEN it is taken as it is', () => {
    const loose = articleLab({ sources: { ...lab.sources, ciliumChart: { url: chart, sha256: undefined } } });
    expect(line('fetch', nothingThere(loose, { sources: sources({ [chart]: 'any' }) }), loose)).toBe(
      'fetch skip: they are there',
    );
  });

  it('GIVEN files of this machine WHEN planned THEN there is nothing to download', () => {
    const local = articleLab({ sources: { ciliumChart: { place: '/c' }, metallbManifest: { place: '/m.yaml' } } });
    expect(line('fetch', nothingThere(local), local)).toBe('fetch skip: they lie on this machine');
  });
});

describe('the images', () => {
  it('GIVEN images that the engine holds WHEN the lab is made THEN no node image is pulled', () => {
    expect(line('pull', nothingThere(lab, { images: imagesOf(lab) }))).toBe('pull skip: this machine has them');
  });

  it('GIVEN three control planes WHEN the lab is made THEN what kind puts before them is pulled too', () => {
    const of = articleLab({ regions: [{ ...athens, controlPlanes: 3 }] });
    const { nodeImage } = athens;
    expect(line('pull', nothingThere(of), of)).toBe(
      `pull run: ${nodeImage}, kindest/haproxy:v20230606-42a2262b not here`,
    );
    expect(line('pull', nothingThere(of, { images: new Map([[nodeImage, 'bundled']]) }), of)).toBe(
      'pull run: kindest/haproxy:v20230606-42a2262b not here',
    );
  });

  it('GIVEN a region of another node image WHEN both are made THEN each is pulled once', () => {
    const regions = lab.regions.map((region, index) => ({ ...region, nodeImage: `node:${index % 2}` }));
    const of = articleLab({ regions });
    expect(line('pull', nothingThere(of), of)).toBe('pull run: node:0, node:1 not here');
  });

  it('GIVEN regions that ask for the image by digest WHEN planned THEN the reason is told', () => {
    const reason = 'cilium.values ask for the image by its digest, which kind cannot load';
    const of = articleLab({
      regions: lab.regions.map((region) => ({ ...region, preload: { images: [], withoutAgent: reason } })),
    });
    expect([line('image', nothingThere(of), of), line('region-athens/load', nothingThere(of), of)]).toEqual([
      `image skip: ${reason}`,
      `region-athens/load skip: ${reason}`,
    ]);
  });

  it('GIVEN one region of two without preload WHEN planned THEN the image is for the other', () => {
    const regions = lab.regions.map((region, index): Region =>
      index === 0 ? { ...region, preload: { images: [], withoutAgent: 'no' } } : region,
    );
    const of = articleLab({ regions });
    expect(line('image', nothingThere(of), of)).toBe('image run: 1 of 2 regions lack some');
    expect(line('image', allThere(of), of)).toBe('image skip: every node has them');
  });

  it('GIVEN the containerd store of a Docker before 28 WHEN an image is to be packed THEN it is refused before anything starts', () => {
    const engine = { ...nothingThere(lab).engine, containerdImageStore: true };
    const refused = (serverVersion: string, observed: Observed): string[] =>
      findRefusals(lab, lab.regions, { ...observed, engine: { ...engine, serverVersion } }).map(({ cause }) => cause);

    expect(refused('27.5.1', nothingThere(lab))).toEqual([
      'Docker 27.5.1 with the containerd image store cannot pack an image so that kind can load it (kind#3795)',
    ]);
    expect(refused('28.0.0', nothingThere(lab))).toEqual([]);
    expect(refused('27.5.1', allThere(lab))).toEqual([]);
    const lacking = livingCluster(lab, athens, { missingImages: new Map() });
    expect(
      refused('27.5.1', allThere(lab, { 'region-athens': livingRegion(lab, athens, { cluster: lacking }) })),
    ).toHaveLength(1);
  });

  it('GIVEN a living lab of another node image WHEN planned THEN nothing is pulled: no cluster is made', () => {
    expect(running(plan({ ...allThere(lab), images: new Map() }))).toEqual([]);
  });
});

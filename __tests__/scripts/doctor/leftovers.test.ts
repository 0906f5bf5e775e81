import { describe, expect, it } from 'vitest';
import { containerNames, digests, kubernetes, leftovers, tuning } from '../../../scripts/doctor/leftovers.ts';
import {
  allThere,
  articleLab,
  athens,
  containersOf,
  labNetwork,
  livingCluster,
  livingRegion,
  nothingThere,
} from '../fixtures.ts';
import { found, lab, well } from './facts.ts';

describe('leftovers', () => {
  const nothing = well('nothing of an earlier lab');

  it('GIVEN nothing, or the whole lab THEN ok; where nothing was asked nothing is known', () => {
    expect(found(leftovers)).toEqual(nothing);
    expect(found(leftovers, { observed: allThere(lab) })).toEqual(nothing);
    expect(found(leftovers, { observed: undefined })).toEqual([]);
  });

  it("GIVEN a region that lab.yaml has lost THEN it is named once; clusters on other networks are not the lab's", () => {
    const gone = containersOf(athens({ name: 'region-gone' }));
    const foreign = containersOf(athens({ name: 'kind' }), { networks: ['kind'] });
    const observed = { ...allThere(lab), containers: [...gone, ...foreign] };
    const seen = "the kind cluster region-gone is on the lab's network but not in lab.yaml";

    expect(found(leftovers, { observed: { ...observed, made: ['region-gone'] } })).toEqual([
      { level: 'warning', seen, remedy: 'npm run destroy -- --region region-gone' },
    ]);
    // one that no deploy of this lab made is somebody else's
    expect(found(leftovers, { observed })).toEqual([
      { level: 'warning', seen, remedy: 'kind delete cluster --name region-gone' },
    ]);
  });

  it('GIVEN a network of that name which is not of this lab THEN what is on it is none of its business', () => {
    const containers = containersOf(athens({ name: 'region-gone' }));
    const networks = [labNetwork(lab, { lab: 'other' })];
    expect(found(leftovers, { observed: nothingThere(lab, { networks, containers }) })).toEqual(nothing);
  });
});

describe('tuning', () => {
  const untuned = { ...lab, switches: { ...lab.switches, tuned: false } };
  const tuned = (name: string) =>
    livingRegion(lab, athens({ name }), { cluster: livingCluster(lab, athens({ name }), { tuned: true }) });

  it('GIVEN a region whose etcd does not wait for the disk, and lab.yaml that wants none of it THEN it is told, with the way out', () => {
    const observed = allThere(untuned, { 'region-hurup': tuned('region-hurup') });
    expect(found(tuning, { observed }, untuned)).toEqual([
      {
        level: 'warning',
        seen: 'region-hurup was made with tuning: lab, lab.yaml says none',
        needed: 'a living region keeps its etcd, which does not wait for the disk',
        remedy: 'npm run destroy -- --region region-hurup, then deploy again',
      },
    ]);
  });

  it('GIVEN one whose etcd waits, and lab.yaml that wants it not to THEN that is told too', () => {
    const wanting = { ...lab, switches: { ...lab.switches, tuned: true } };
    const slow = livingRegion(lab, athens({ name: 'region-hurup' }), {
      cluster: livingCluster(lab, athens({ name: 'region-hurup' }), { tuned: false }),
    });
    expect(
      found(tuning, { observed: { ...allThere(wanting), regions: new Map([['region-hurup', slow]]) } }, wanting),
    ).toMatchObject([
      {
        seen: 'region-hurup was made with tuning: none, lab.yaml says lab',
        needed: 'a living region keeps its etcd, which waits for the disk',
      },
    ]);
  });

  it('GIVEN that lab.yaml wants it, or no region has it THEN nothing is said', () => {
    const observed = allThere(lab, { 'region-hurup': tuned('region-hurup') });
    expect(found(tuning, { observed }, { ...lab, switches: { ...lab.switches, tuned: true } })).toEqual([]);
    expect(found(tuning, { observed: allThere(untuned) }, untuned)).toEqual([]);
  });
});

describe('container-names', () => {
  it("GIVEN a container of a node's name that is none of kind's THEN fatal", () => {
    expect(found(containerNames, { containers: ['web', 'region-hurup-worker2'] })).toEqual([
      {
        level: 'fatal',
        seen: 'a container region-hurup-worker2 is there',
        needed: 'a node of the lab needs its name',
        remedy: 'docker rename region-hurup-worker2 region-hurup-worker2-other',
      },
    ]);
  });

  it("GIVEN kind's own, or a region that is there THEN ok; GIVEN nothing known THEN nothing", () => {
    const free = well("the nodes' names are free");
    const half = nothingThere(lab, { containers: containersOf(athens()) });
    expect(found(containerNames, { containers: athens().nodes, observed: half })).toEqual(free);
    const there = { ...allThere(lab), containers: [] };
    expect(found(containerNames, { containers: athens().nodes, observed: there })).toEqual(free);
    expect(found(containerNames, { containers: undefined })).toEqual([]);
    expect(found(containerNames, { observed: undefined })).toEqual([]);
  });

  it('GIVEN several control planes THEN the name of their load balancer counts too', () => {
    const host = 'region-athens-external-load-balancer';
    const many = articleLab({ regions: [athens({ controlPlanes: 3, apiServerHost: host })] });
    expect(found(containerNames, { containers: [host] }, many)).toMatchObject([
      { seen: `a container ${host} is there` },
    ]);
  });
});

describe('kubernetes', () => {
  it('GIVEN a region of an older Kubernetes THEN it keeps its node image', () => {
    const cluster = livingCluster(lab, athens(), { kubernetes: 'v1.26.6' });
    const observed = allThere(lab, { 'region-athens': livingRegion(lab, athens(), { cluster }) });
    expect(found(kubernetes, { observed })).toEqual([
      {
        level: 'warning',
        seen: 'region-athens runs Kubernetes v1.26.6, the stack has v1.27.3',
        needed: 'a living region keeps its node image',
        remedy: 'npm run destroy -- --region region-athens, then deploy again',
      },
    ]);
  });

  it('GIVEN none THEN nothing', () => {
    expect(found(kubernetes, { observed: allThere(lab) })).toEqual([]);
    expect(found(kubernetes, { observed: undefined })).toEqual([]);
  });
});

describe('digests', () => {
  it('GIVEN things without a digest THEN all are named at once, before they are brought here and no more after', () => {
    const url = 'https://charts.example/cilium-1.15.1.tgz?token=5ec2e7';
    const name = 'quay.io/cilium/cilium:v1.15.1';
    const loose = articleLab({
      sources: { ...lab.sources, ciliumChart: { url, sha256: undefined } },
      regions: lab.regions.map((region) => ({
        ...region,
        nodeImage: 'kindest/node:v1.27.99',
        preload: { images: [{ name, reference: name }] },
      })),
    });
    expect(found(digests, {}, loose)).toEqual([
      {
        level: 'warning',
        seen: `not pinned by a digest, so taken as it comes: https://charts.example/cilium-1.15.1.tgz?…, kindest/node:v1.27.99, ${name}`,
        remedy: 'pin it under sources: in lab.yaml (URL#sha256=HEX, IMAGE@sha256:HEX)',
      },
    ]);
    expect(found(digests, { observed: allThere(loose) }, loose)).toEqual(well('all that is fetched is pinned'));
    expect(found(digests, { observed: undefined }, loose)).toEqual([]);
  });
});

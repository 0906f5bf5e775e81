import { describe, expect, it } from 'vitest';
import { articleLab, labOf, refusalOf } from './lab-file.ts';

const threeRegions = `${articleLab}  - name: region-chania\n`;

describe('the scenarios of lab.yaml', () => {
  it('GIVEN none THEN none', () => {
    expect(labOf(articleLab).scenarios).toEqual({});
  });

  it.each(['high-availability:', 'high-availability: {}', 'high-availability: null'])(
    'GIVEN %j THEN its defaults',
    (text) => {
      expect(labOf(`${articleLab}scenarios:\n  ${text}\n`).scenarios).toEqual({
        'high-availability': { affinity: 'none', unshared: [], replicas: 2 },
      });
    },
  );

  it('GIVEN a policy THEN it allows the first region, or those of its option', () => {
    expect(labOf(`${articleLab}scenarios: { policy: }\n`).scenarios).toEqual({ policy: { allow: ['region-athens'] } });
    expect(labOf(`${articleLab}scenarios: { policy: { allow: [] } }\n`).scenarios).toEqual({ policy: { allow: [] } });
  });

  it('GIVEN a database THEN it is in the first region, or in that of its option, and its image on the nodes there', () => {
    const image = 'docker.io/library/postgres:17.6-alpine';
    const names = (text: string) =>
      labOf(`${articleLab}${text}`).regions.map(({ preload }) =>
        preload.images.map(({ name }) => name).includes(image),
      );
    expect(labOf(`${articleLab}scenarios: { stateful-split: }\n`).scenarios).toEqual({
      'stateful-split': { region: 'region-athens', image },
    });
    expect(names('')).toEqual([false, false]);
    expect(names('scenarios: { stateful-split: { region: region-hurup } }\n')).toEqual([false, true]);
  });

  it.each([
    ['mesh: { topology: hub }', '', 'region-athens'],
    ['mesh: { topology: hub, hub: region-hurup }', '', 'region-hurup'],
    [
      'mesh: { pairs: [[region-athens, region-hurup], [region-hurup, region-chania]] }',
      'hub: region-hurup',
      'region-hurup',
    ],
  ])('GIVEN %s THEN shared services are of the hub', (mesh, options, hub) => {
    expect(labOf(`${threeRegions}${mesh}\nscenarios: { shared-services: { ${options} } }\n`).scenarios).toEqual({
      'shared-services': { hub },
    });
  });

  it.each([
    [
      'scenarios: { shared-services: }',
      'lab.yaml:6:14  shared-services keeps tenants apart, and region-hurup and region-chania are connected to each other. Write `mesh: { topology: hub, hub: region-athens }`.',
    ],
    [
      'scenarios: { shared-services: { hub: region-hurup } }\nmesh: { topology: hub }',
      'lab.yaml:6:14  shared-services is offered by region-hurup, which is not connected to region-chania. Write `mesh: { topology: hub, hub: region-hurup }`.',
    ],
    [
      'scenarios: { shared-services: { hub: region-huru } }',
      'lab.yaml:6:33  region-huru is not a region of the lab. Did you mean region-hurup?',
    ],
    [
      'scenarios: { stateful-split: { region: region-chania } }\nmesh: { topology: hub }',
      'lab.yaml:6:14  stateful-split has its database in region-chania, which is not connected to region-hurup: no front end there could reach it. Choose a region that is connected to all others, or connect them under `mesh:`.',
    ],
  ])('GIVEN regions that %s does not fit THEN it is refused, and nothing else is said', (text, message) => {
    expect(refusalOf(`${threeRegions}${text}\n`)).toEqual([message]);
  });

  it('GIVEN options THEN these', () => {
    const options = 'affinity: local, unshared: [region-hurup], replicas: 3';
    expect(labOf(`${articleLab}scenarios: { high-availability: { ${options} } }\n`).scenarios).toEqual({
      'high-availability': { affinity: 'local', unshared: ['region-hurup'], replicas: 3 },
    });
  });

  it.each([
    [
      'high-availabilty: {}',
      'lab.yaml:5:14  high-availabilty is not a key of scenarios. Did you mean high-availability?',
    ],
    [
      'high-availability: { afinity: local }',
      'lab.yaml:5:35  afinity is not a key of scenarios.high-availability. Did you mean affinity?',
    ],
    [
      'high-availability: { colour: red }',
      'lab.yaml:5:35  colour is not a key of scenarios.high-availability. Known keys: affinity, unshared, replicas.',
    ],
    [
      'high-availability: { affinity: nowhere }',
      'lab.yaml:5:35  scenarios.high-availability.affinity is "nowhere", which is none of none, local, remote. Choose one of them.',
    ],
    [
      'high-availability: { unshared: [region-huru] }',
      'lab.yaml:5:46  region-huru is not a region of the lab. Did you mean region-hurup?',
    ],
    [
      'high-availability: { unshared: [elsewhere] }',
      'lab.yaml:5:46  elsewhere is not a region of the lab. It has region-athens, region-hurup.',
    ],
    [
      'high-availability: 3',
      'lab.yaml:5:14  scenarios.high-availability is 3, not a map of keys. Write a map of keys here.',
    ],
  ])('GIVEN %s THEN it is refused', (text, message) => {
    expect(refusalOf(`${articleLab}scenarios: { ${text} }\n`)).toContain(message);
  });
});

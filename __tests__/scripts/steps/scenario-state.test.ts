import { describe, expect, it } from 'vitest';
import type { Manifest } from '../../../scripts/files/desired.ts';
import type { ObservedScenario } from '../../../scripts/observe/scenarios.ts';
import { scenarioState } from '../../../scripts/steps/scenario-state.ts';
import type { KubeObject } from '../../../scripts/tools/kubectl.ts';

const server = {
  kind: 'Deployment',
  metadata: { name: 'server', labels: { app: 'server' } },
  spec: { replicas: 2, minReadySeconds: 0, template: { containers: [{ image: 'a', hostNetwork: false, args: [] }] } },
};
const wanted: ReadonlyMap<string, Manifest> = new Map([['Deployment/server', server]]);

/** As the API server gives it back: with what it adds, and without what is empty. */
const living = {
  ...server,
  metadata: { ...server.metadata, uid: 'U', generation: 1 },
  spec: { replicas: 2, template: { containers: [{ image: 'a', terminationMessagePath: '/dev/log' }] } },
} as KubeObject;

const seen = (changes: Partial<ObservedScenario> = {}): ObservedScenario => ({
  isOurs: true,
  isGoing: false,
  objects: new Map([['Deployment/server', living]]),
  notReady: [],
  ...changes,
});
const withSpec = (spec: Readonly<Record<string, unknown>>): ObservedScenario =>
  seen({ objects: new Map([['Deployment/server', { ...living, spec: { ...living.spec, ...spec } }]]) });

describe('how a scenario stands', () => {
  it.each([
    ['all as dist/ has it', seen(), { state: 'up' }],
    ['nothing', undefined, { state: 'not there' }],
    ["somebody else's namespace", seen({ isOurs: false }), { state: 'not ours' }],
    ['a namespace that is being removed', seen({ isGoing: true }), { state: 'going' }],
    [
      'pods that are not ready',
      seen({ notReady: ['deployment/server 1/2'] }),
      { state: 'coming', detail: 'deployment/server 1/2' },
    ],
    ['an object that is missing', seen({ objects: new Map() }), { state: 'differs', detail: 'no Deployment/server' }],
    ['another number', withSpec({ replicas: 0 }), { state: 'differs', detail: 'Deployment/server at spec.replicas' }],
    [
      'another value in a list',
      withSpec({ template: { containers: [{ image: 'b' }] } }),
      { state: 'differs', detail: 'Deployment/server at spec.template.containers.0.image' },
    ],
    [
      'a longer list',
      withSpec({ template: { containers: [{ image: 'a' }, { image: 'b' }] } }),
      { state: 'differs', detail: 'Deployment/server at spec.template.containers' },
    ],
    [
      'something that is not empty where dist/ has nothing',
      withSpec({ minReadySeconds: 5 }),
      { state: 'differs', detail: 'Deployment/server at spec.minReadySeconds' },
    ],
    [
      'an object more',
      seen({ objects: new Map([...seen().objects, ['Service/old', living]]) }),
      { state: 'differs', detail: 'Service/old is not in dist/' },
    ],
  ])('GIVEN %s THEN %#', (_, there, state) => {
    expect(scenarioState(wanted, there)).toEqual(state);
  });

  it('GIVEN a scenario that lab.yaml does not choose THEN it is left', () => {
    expect(scenarioState(undefined, seen())).toEqual({ state: 'left' });
  });
});

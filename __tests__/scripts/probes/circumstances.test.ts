import { describe, expect, it } from 'vitest';
import { ageOf, minorOf } from '../../../scripts/probes/circumstances.ts';

const object = (kind: string, rest: object) => ({ kind, metadata: { name: 'a', uid: '1' }, ...rest });
const pod = (...states: object[]) =>
  object('Pod', { status: { containerStatuses: states.map((state) => ({ state })) } });
const at = (startedAt: string) => ({ running: { startedAt } });

describe('what is known of a region whose paths fail', () => {
  it('GIVEN pods of several containers THEN the age is that of the youngest which runs', () => {
    const now = Date.parse('2026-11-30T07:08:00Z');
    const old = pod(at('2026-11-30T06:00:00Z'), at('2026-11-30T07:07:20Z'), { waiting: { reason: 'Error' } });

    expect(ageOf([old, pod(at('2026-11-30T07:00:00Z'))], now)).toBe(40);
    expect(ageOf([pod({ waiting: { reason: 'ContainerCreating' } })], now)).toBe(undefined);
    expect(ageOf([], now)).toBe(undefined);
  });

  it.each([
    ['quay.io/cilium/cilium:v1.14.2', 14],
    ['localhost:5000/cilium/cilium:v1.20.0@sha256:ab', 20],
    ['quay.io/cilium/cilium-ci:latest', undefined],
  ])('GIVEN agents of the image %s THEN the minor version is %s', (image, minor) => {
    expect(minorOf(object('DaemonSet', { spec: { template: { spec: { containers: [{ image }] } } } }))).toBe(minor);
  });

  it('GIVEN no agents THEN none', () => {
    expect(minorOf(undefined)).toBe(undefined);
  });
});

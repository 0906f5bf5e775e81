import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { DriverEvent } from '../../scripts/events/events.ts';
import type { Failure } from '../../scripts/events/failures.ts';
import type { Answer, RealLab } from './real-lab.ts';

const [athens, hurup] = ['e2e-athens', 'e2e-hurup'] as const;

/** Something that goes wrong in a deploy, as the user brings it about in lab.yaml, and what the driver is to say of it. */
interface Told {
  readonly given: string;
  /** Lines of lab.yaml. */
  readonly more: (lab: RealLab) => string;
  /** Of the catalogue of failures. */
  readonly code: string;
  /** Among the last lines that are shown. */
  readonly says: RegExp;
  /** Seconds from the begin of the step until it is told. */
  readonly within: number;
}

/** A manifest of MetalLB whose controller has a flag that it does not know. */
function brokenMetalLb(lab: RealLab): string {
  const file = join(lab.folder, 'metallb.yaml');
  const text = readFileSync(lab.manifest, 'utf8');
  const broken = text.replace(
    /(- --log-level=info\n)(\s+env:\s+- name: METALLB_ML_SECRET_NAME)/,
    '$1        - --no-such-flag\n$2',
  );
  if (broken === text) throw new Error('the manifest is another one');
  writeFileSync(file, broken);
  return file;
}

const told: readonly Told[] = [
  {
    given: 'an image that no node can pull',
    more: () =>
      `cilium: { values: { hubble: { relay: { image: { override: "quay.io/cilium/no-such-relay:v1" } } } } }\n`,
    code: 'image-pull',
    says: /kube-system\/hubble-relay-\S+: (ImagePullBackOff|ErrImagePull): .*no-such-relay/,
    within: 90,
  },
  {
    given: 'an argument that the agent does not take',
    more: () => `cilium: { values: { extraArgs: [--no-such-flag] } }\n`,
    code: 'pod-crash',
    says: /kube-system\/cilium-\S+: CrashLoopBackOff: /,
    within: 120,
  },
  {
    given: 'a volume that nobody makes',
    more: () =>
      'cilium: { values: { extraVolumes: [{ name: extra, configMap: { name: no-such-map } }], extraVolumeMounts: [{ name: extra, mountPath: /extra }] } }\n',
    code: 'pod-mount',
    says: /FailedMount: .*configmap "no-such-map" not found/,
    within: 90,
  },
];

/** The failure that a deploy ended with, and the seconds from the begin of its step until it was told. */
function failureOf({ events }: Answer): { failure: Failure; seconds: number; step: string } {
  const failed = events.find((event) => event.event === 'step-failed');
  if (failed === undefined) throw new Error(`nothing failed: ${JSON.stringify(events.at(-1))}`);
  return { failure: failed.failure, seconds: failed.seconds, step: failed.step };
}

const ranCluster = (events: readonly DriverEvent[]): string[] =>
  events.flatMap((event) => (event.event === 'step-done' && event.step === 'cluster' ? [event.region ?? ''] : []));

/**
 * What goes wrong on a living lab, for real: it is told by name within its time, and what the remedy says mends it.
 * @param write writes lab.yaml with these lines, and synthesizes
 */
export function toldFailures(lab: RealLab, write: (more: string) => Promise<void>): void {
  describe('that fails to deploy', () => {
    beforeAll(async () => {
      await write('');
      await lab.deploy('--yes', '--skip-test');
    });

    it.each(told)(
      'GIVEN $given THEN the deploy says so in time, AND its remedy mends it',
      async ({ given, more, code, says, within }) => {
        await write(more(lab));

        const answer = await lab.run('deploy', '--skip-test');

        const { failure, seconds, step } = failureOf(answer);
        console.log(
          `${given}: ${step} told ${failure.code ?? 'nothing'} after ${Math.round(seconds)} s\n${failure.lastLines.join('\n')}`,
        );
        expect(answer.exit).toBe(1);
        expect(failure.code).toBe(code);
        expect(seconds).toBeLessThan(within);
        expect(failure.lastLines.join('\n')).toMatch(says);
        expect(answer.events.at(-1)).toMatchObject({ event: 'evidence' });

        await write('');
        await lab.deploy('--skip-test');
        await lab.expectWholeMesh();
      },
    );

    it('GIVEN a MetalLB whose controller crashes THEN the deploy says so in time, AND its remedy mends it', async () => {
      lab.useManifest(brokenMetalLb(lab));
      await write('');

      const answer = await lab.run('deploy', '--skip-test');

      const { failure, seconds } = failureOf(answer);
      expect({ exit: answer.exit, code: failure.code }).toEqual({ exit: 1, code: 'pod-crash' });
      expect(seconds).toBeLessThan(150);
      lab.useManifest(undefined);
      await write('');
      await lab.deploy('--skip-test');
      await lab.expectWholeMesh();
    });

    it('GIVEN a cluster that was deleted behind its back THEN a deploy makes it anew, and that one alone', async () => {
      await lab.kind('delete', 'cluster', '--name', hurup, '--kubeconfig', join(lab.folder, 'nobody'));

      const { exit, events } = await lab.run('deploy', '--skip-test');

      expect({ exit, made: ranCluster(events) }).toEqual({ exit: 0, made: [hurup] });
      await lab.expectWholeMesh();
    });

    it('GIVEN a node that is killed in the middle THEN the deploy says so, AND the next one starts it again', async () => {
      await write('cilium: { values: { podLabels: { changed: "yes" } } }\n');
      const answer = await lab.deployMeanwhile(
        (event) => event.event === 'step-started' && event.step === 'upgrade',
        async () => {
          await lab.docker('kill', `${athens}-worker`);
        },
      );

      expect(answer.exit).toBe(1);
      expect(failureOf(answer).failure.remedy).not.toBe('');
      const { exit, events } = await lab.run('deploy', '--skip-test');
      expect({ exit, made: ranCluster(events) }).toEqual({ exit: 0, made: [] });
      await lab.expectWholeMesh();
    });
  });
}

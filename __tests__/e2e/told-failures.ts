import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa, execaSync } from 'execa';
import { afterAll, describe, expect, it } from 'vitest';
import type { DriverEvent } from '../../scripts/events/events.ts';
import type { Failure } from '../../scripts/events/failures.ts';
import { createCa } from '../../scripts/files/create-ca.ts';
import { noEngine, restartEngine } from './engine.ts';
import type { Answer, RealLab } from './real-lab.ts';

const [athens, hurup] = ['e2e-athens', 'e2e-hurup'] as const;

/** Something that goes wrong in a deploy, as the user brings it about in lab.yaml, and what the driver is to say of it. */
interface Told {
  readonly given: string;
  /** Lines of lab.yaml. */
  readonly more: string;
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
    more: `cilium: { values: { hubble: { relay: { image: { override: "quay.io/cilium/no-such-relay:v1" } } } } }\n`,
    code: 'image-pull',
    says: /kube-system\/hubble-relay-\S+: (ImagePullBackOff|ErrImagePull): .*no-such-relay/,
    within: 90,
  },
  {
    given: 'an argument that the agent does not take',
    more: `cilium: { values: { extraArgs: [--no-such-flag] } }\n`,
    code: 'pod-crash',
    says: /kube-system\/cilium-\S+: CrashLoopBackOff: /,
    within: 120,
  },
  {
    given: 'a volume that nobody makes',
    more: 'cilium: { values: { extraVolumes: [{ name: extra, configMap: { name: no-such-map } }], extraVolumeMounts: [{ name: extra, mountPath: /extra }] } }\n',
    code: 'pod-mount',
    says: /FailedMount: .*configmap "no-such-map" not found/,
    within: 90,
  },
];

/** What a lab file says that no lab can be, and what is said of it. */
const refusedFiles = [
  {
    given: 'a pool outside the network',
    more: '',
    nodes: { [athens]: 'workers: 1, pool: 192.0.2.1-192.0.2.9' },
    says: /192\.0\.2\.1-192\.0\.2\.9/,
  },
  {
    given: 'a wrong k8sServiceHost',
    more: 'cilium: { values: { k8sServiceHost: 192.0.2.1 } }\n',
    nodes: {},
    says: /k8sServiceHost/,
  },
  {
    given: 'pod subnets that overlap',
    more: '',
    nodes: { [athens]: 'workers: 1, podSubnet: 10.8.0.0/14', [hurup]: 'workers: 1, podSubnet: 10.10.0.0/16' },
    says: /10\.10\.0\.0\/16/,
  },
];

/** What a person does by hand to a living region, and a deploy puts right. */
const byHand = [
  {
    given: 'a CA that differs',
    act: async (lab: RealLab) => {
      const { certificate, key } = await createCa('another', new Date());
      const base64 = (text: string): string => Buffer.from(text).toString('base64');
      await lab.upgradeWith(hurup, `tls.ca.cert=${base64(certificate)}`, `tls.ca.key=${base64(key)}`);
    },
    // the first region's counts
    region: hurup,
    step: 'cilium',
    says: /CA/,
  },
  {
    given: 'a pool outside the network',
    act: async (lab: RealLab) => {
      const patch = JSON.stringify({ spec: { addresses: ['192.0.2.1-192.0.2.9'] } });
      const where = ['--namespace', 'metallb-system', 'ipaddresspool/default-pool'];
      await lab.kubectl(athens, 'patch', ...where, '--type=merge', `--patch=${patch}`);
    },
    region: athens,
    step: 'pool',
    says: /not as in dist/,
  },
  {
    given: 'a wrong k8sServiceHost',
    act: async (lab: RealLab) => {
      await lab.upgradeWith(athens, 'k8sServiceHost=192.0.2.1');
    },
    region: athens,
    step: 'cilium',
    says: /k8sServiceHost/,
  },
] as const;

/** The failure that a deploy ended with, and the seconds from the begin of its step until it was told. */
function failureOf({ events }: Answer): { failure: Failure; seconds: number; step: string } {
  const failed = events.find((event) => event.event === 'step-failed' || event.event === 'step-again');
  if (failed === undefined) throw new Error(`nothing failed: ${JSON.stringify(events.at(-1))}`);
  return { failure: failed.failure, seconds: failed.seconds, step: failed.step };
}

const ranCluster = (events: readonly DriverEvent[]): string[] =>
  events.flatMap((event) => (event.event === 'step-done' && event.step === 'cluster' ? [event.region ?? ''] : []));

const mayMount = process.getuid?.() === 0 && execaSync('mount', ['--version'], { reject: false }).exitCode === 0;

/**
 * What goes wrong on a living lab, for real: it is told by name within its time, and what the remedy says mends it.
 * @param write writes lab.yaml with these lines, and synthesizes
 */
export function toldFailures(
  lab: RealLab,
  write: (more: string, nodes?: Record<string, string>) => Promise<void>,
): void {
  describe('that fails to deploy', () => {
    /** For docs/failures.md. */
    const rows: string[] = [];
    afterAll(() => {
      console.log(rows.join('\n'));
    });
    const row = (given: string, said: string, seconds: number): void => {
      rows.push(`| ${given} | ${said} | ${Math.round(seconds)} s |`);
    };
    const tell = (given: string, answer: Answer): void => {
      const { failure, seconds, step } = failureOf(answer);
      row(given, `${step}: \`${failure.code ?? 'unknown'}\`: ${failure.lastLines.join(' / ')}`, seconds);
    };

    it.skipIf(!mayMount)('GIVEN a disk that is full THEN the deploy says so, AND its remedy mends it', async () => {
      await write('');
      await lab.deployKilledAt('network', 0);
      mkdirSync(lab.state('images'), { recursive: true });
      await execa('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', lab.state('images')]);
      const answer = await lab.run('deploy', '--yes', '--skip-test');
      await execa('umount', [lab.state('images')]);

      tell('a full disk', answer);
      expect({ exit: answer.exit, code: failureOf(answer).failure.code }).toEqual({ exit: 1, code: 'disk-full' });
      await lab.deploy('--yes', '--skip-test');
      await lab.expectWholeMesh();
    });

    it.each(refusedFiles)(
      'GIVEN $given in lab.yaml THEN nothing is synthesized',
      async ({ given, more, nodes, says }) => {
        const began = performance.now();

        const refusal = await write(more, nodes).then(
          () => 'nothing',
          (error: unknown) => (error as Error).message,
        );

        row(`${given}, in lab.yaml`, refusal.trim().replaceAll('\n', ' / '), (performance.now() - began) / 1000);
        expect(refusal).toMatch(says);
      },
    );

    it.each(told)(
      'GIVEN $given THEN the deploy says so in time, AND its remedy mends it',
      async ({ given, more, code, says, within }) => {
        await write(more);

        const answer = await lab.run('deploy', '--yes', '--skip-test');

        tell(given, answer);
        const { failure, seconds } = failureOf(answer);
        expect({ exit: answer.exit, code: failure.code }).toEqual({ exit: 1, code });
        expect(seconds).toBeLessThan(within);
        expect(failure.lastLines.join('\n')).toMatch(says);
        expect(answer.events.at(-1)).toMatchObject({ event: 'evidence' });

        await write('');
        await lab.deploy('--skip-test');
        await lab.expectWholeMesh();
      },
    );

    it('GIVEN a MetalLB whose controller crashes THEN the deploy says so in time, AND its remedy mends it', async () => {
      // where it is up, nothing of it is applied
      await lab.kubectl(athens, 'delete', 'namespace', 'metallb-system');
      lab.useManifest(brokenMetalLb(lab));
      await write('');

      const answer = await lab.run('deploy', '--skip-test');

      tell("MetalLB's controller crashes", answer);
      const { failure, seconds } = failureOf(answer);
      expect({ exit: answer.exit, code: failure.code }).toEqual({ exit: 1, code: 'pod-crash' });
      expect(seconds).toBeLessThan(150);
      lab.useManifest(undefined);
      await write('');
      await lab.deploy('--skip-test');
      await lab.expectWholeMesh();
    });

    it.each(byHand)(
      'GIVEN $given, by hand THEN a plan says so, AND a deploy mends it',
      async ({ given, act, region, step, says }) => {
        await act(lab);
        const began = performance.now();

        const { events } = await lab.run('plan', '--skip-test');

        const planned = events.flatMap((event) => (event.event === 'planned' ? event.steps : []));
        const { reason = '' } = planned.find((each) => each.step === step && each.region === region) ?? {};
        row(`${given}, by hand`, `plan: ${step}: ${reason}`, (performance.now() - began) / 1000);
        expect(reason).toMatch(says);
        await lab.deploy('--skip-test');
        await lab.expectWholeMesh();
      },
    );

    it('GIVEN a cluster that was deleted behind its back THEN a deploy makes it anew, and that one alone', async () => {
      await lab.kind('delete', 'cluster', '--name', hurup, '--kubeconfig', join(lab.folder, 'nobody'));

      const { exit, events } = await lab.run('deploy', '--skip-test');

      expect({ exit, made: ranCluster(events) }).toEqual({ exit: 0, made: [hurup] });
      await lab.expectWholeMesh();
    });

    /** A change that takes a while in every region, and something that happens meanwhile. */
    const changedWhile = async (label: string, disturb: () => Promise<void>): Promise<Answer> => {
      await write(`cilium: { values: { podLabels: { changed: "${label}" } } }\n`);
      return lab.deployMeanwhile((event) => event.event === 'step-started' && event.step === 'upgrade', disturb);
    };

    it('GIVEN a node that is killed in the middle THEN the deploy says so, starts it, and goes on by itself', async () => {
      const answer = await changedWhile('once', async () => {
        await lab.docker('kill', `${athens}-worker`);
      });

      tell('a node is killed in the middle', answer);
      expect({ exit: answer.exit, made: ranCluster(answer.events) }).toEqual({ exit: 0, made: [] });
      await lab.expectWholeMesh();
    });

    it.skipIf(noEngine !== undefined)(
      `GIVEN a Docker Engine that is restarted in the middle THEN the deploy says so, waits for it, and goes on by itself${noEngine === undefined ? '' : ` (skipped: ${noEngine})`}`,
      async () => {
        const answer = await changedWhile('twice', restartEngine);

        tell('Docker is restarted in the middle', answer);
        expect({ exit: answer.exit, made: ranCluster(answer.events) }).toEqual({ exit: 0, made: [] });
        await lab.expectWholeMesh();
      },
    );
  });
}

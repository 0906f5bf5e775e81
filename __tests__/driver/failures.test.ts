import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Fault } from '../stand-ins/lab-bench.ts';
import { changes, find, regionOf } from './calls.ts';
import { makeDeployedSite, makeSite, type Site, withoutEvidence } from './drive.ts';
import { endState, forgetMesh, forgetPool, restartAgents } from './world.ts';

/** A step, the call of it that fails, and what the program says. The image after the clusters, since it is made beside them. */
const failures: readonly (Pick<Fault, 'tool' | 'match'> & { step: string; stdout?: string; stderr: string })[] = [
  {
    step: 'network',
    tool: 'docker',
    match: 'network create',
    stderr: 'permission denied while trying to connect to the docker API at unix:///var/run/docker.sock\n',
  },
  {
    step: 'pull',
    tool: 'docker',
    match: 'pull kindest/node',
    stderr: 'Error response from daemon: manifest for kindest/node:v1.27.3 not found: manifest unknown\n',
  },
  {
    step: 'cluster',
    tool: 'kind',
    match: 'create cluster --name region-athens',
    stderr: 'ERROR: failed to create cluster: failed to init node with kubeadm: too many open files\n',
  },
  {
    step: 'image',
    tool: 'docker',
    match: 'pull quay.io',
    stderr: 'Error response from daemon: toomanyrequests: You have reached your pull rate limit.\n',
  },
  {
    step: 'load',
    tool: 'kind',
    match: '--name region-athens --nodes',
    stderr: 'ERROR: failed to load image\n\nCommand Output: ctr: content digest sha256:6263f3a3: not found\n',
  },
  {
    step: 'cilium',
    tool: 'helm',
    match: 'region-athens/cilium-values.yaml',
    stderr: 'Error: UPGRADE FAILED: another operation (install/upgrade/rollback) is in progress\n',
  },
  {
    step: 'metallb',
    tool: 'kubectl',
    match: 'kind-region-athens apply … metallb-native.yaml',
    stderr: 'error: the server was unable to return a response in the time allotted\n',
  },
  {
    step: 'pool',
    tool: 'kubectl',
    match: 'region-athens/ipaddresspool.yaml',
    stderr: 'Error from server: admission webhook "ipaddresspoolvalidationwebhook.metallb.io" denied the request: no\n',
  },
  {
    step: 'ready',
    tool: 'cilium',
    match: 'status --context kind-region-athens --wait',
    stdout: '\u001B[31m    /¯¯\\\u001B[0m\n\u001B[A\u001B[2KCilium: 1 errors\n',
    stderr: '\nError: Unable to determine status:  timeout while waiting for status to become successful\n',
  },
  {
    step: 'enable',
    tool: 'cilium',
    match: 'clustermesh enable --context kind-region-athens',
    stderr: '\nError: Unable to enable ClusterMesh: another operation (install/upgrade/rollback) is in progress\n',
  },
  {
    step: 'connect',
    tool: 'cilium',
    match: 'clustermesh connect',
    stderr: '\nError: Unable to connect cluster: unable to derive service IPs automatically\n',
  },
  {
    step: 'test',
    tool: 'cilium',
    match: 'connectivity test',
    stdout: 'line 1\nline 2\nline 3\nline 4\nline 5\nline 6\nline 7\nline 8\nline 9\n',
    stderr: 'connectivity test failed: failed to create typed patch object\n',
  },
];

let site: Site;
let undisturbed: unknown;
beforeAll(async () => {
  const other = await makeDeployedSite();
  undisturbed = endState(other.bench.state());
  other.dispose();
  site = await makeSite(undefined, { webhookFailures: 0 });
});
afterAll(() => {
  site.dispose();
});

/** The images were pulled, and one was packed, beside the network; now someone has cleared all. */
function forgetImages(): void {
  rmSync(site.file('.lab', 'test-lab', 'images'), { recursive: true });
  site.bench.edit((world) => ({ ...world, images: {} }));
}

/** One lab that meets one failure after another: each deploy goes on where the last one was. */
describe('GIVEN a step that fails once', () => {
  it.each(failures)('WHEN $step fails THEN the failure is told in full, and exit is 1', async ({ step, ...fault }) => {
    // a pool that MetalLB does not find when it comes is given afterwards
    site.bench.setFaults([{ ...fault, times: step === 'pool' ? 2 : 1, exit: 1 }]);
    if (step === 'pull' || step === 'image') forgetImages();
    // it runs beside `metallb`, so it is done by now
    if (step === 'enable') site.bench.edit((world) => forgetMesh(world, 'region-athens'));
    if (step === 'pool') site.bench.edit((world) => forgetPool(world, 'region-athens'));
    if (step === 'ready') site.bench.edit((world) => restartAgents(world, 'region-athens', 20));
    const { exit, stdout, stderr } = await site.run('deploy');

    expect({ exit, stderr }).toEqual({ exit: 1, stderr: '' });
    const text = site.plain(stdout);
    await expect(withoutEvidence(text.slice(text.indexOf('\n✗ ') + 1))).toMatchFileSnapshot(
      `golden/failures/${step}.txt`,
    );
    // nothing new starts after the first failure, and what was started has come to an end
    const lines = text.split('\n').filter((line) => /^\d\d:\d\d /.test(line));
    const failed = lines.findIndex((line) => line.includes(' ✗ '));
    expect(lines.slice(failed).filter((line) => line.includes(' … '))).toEqual([]);
    expect(lines.filter((line) => line.includes(' … '))).toHaveLength(
      lines.filter((line) => / [✓✗] /.test(line)).length,
    );
  });

  it('WHEN it is deployed once more THEN the lab is that of a deploy without failures', async () => {
    const { exit } = await site.run('deploy');
    expect(exit).toBe(0);
    expect(endState(site.bench.state())).toEqual(undisturbed);
  });

  it('THEN only what had failed was run again', () => {
    const count = ({ tool, match }: Pick<Fault, 'tool' | 'match'>): number => find(changes(site), tool, match).length;
    expect(Object.fromEntries(failures.map((failure) => [failure.step, count(failure)]))).toEqual({
      ...{
        network: 2,
        pull: 4,
        image: 7,
        cluster: 2,
        load: 3,
        cilium: 2,
        metallb: 2,
        pool: 4,
        enable: 3,
        connect: 2,
        test: 2,
      },
      // `pull` and `image`: once beside the network that failed, then forgotten twice
      // `ready`: once after the install, and again after the agents had restarted; `clustermesh status` of the step enable too
      ready: count({ tool: 'cilium', match: 'status --context kind-region-athens --wait' }),
    });
    const hurup = changes(site).filter((call) => regionOf(call) === 'region-hurup');
    expect(find(hurup, 'kind', 'create cluster')).toHaveLength(1);
    expect(find(hurup, 'helm', 'upgrade')).toHaveLength(1);
    expect(find(hurup, 'cilium', 'clustermesh enable')).toHaveLength(1);
  });
});

describe('GIVEN a slow region beside one that fails', () => {
  it('THEN the slow one finishes the step it is in and starts no other', async () => {
    const slow = await makeSite(undefined, {
      faults: [
        {
          tool: 'kind',
          match: 'create cluster --name region-athens',
          times: 1,
          exit: 1,
          delayMs: 300,
          stderr: 'ERROR\n',
        },
        { tool: 'kind', match: 'create cluster --name region-hurup', stage: 'nodes', times: 1, delayMs: 1200 },
      ],
    });
    try {
      const { exit, events } = await slow.events('deploy');
      const steps = events.flatMap((event) =>
        'region' in event && event.event !== 'step-progress'
          ? [`${event.event} ${event.region ?? ''}/${event.step}`]
          : [],
      );
      expect(exit).toBe(1);
      expect(steps.toSorted()).toEqual([
        'step-done region-hurup/cluster',
        'step-failed region-athens/cluster',
        'step-started region-athens/cluster',
        'step-started region-hurup/cluster',
      ]);
      expect(steps.at(-1)).toBe('step-done region-hurup/cluster');
      expect(events.at(-2)).toMatchObject({ event: 'finished', outcome: 'failed', skipped: 4 });
    } finally {
      slow.dispose();
    }
  });
});

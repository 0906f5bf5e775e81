import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { find } from './calls.ts';
import {
  cloneSite,
  copySite,
  makeDeployedSite,
  makePlainSite,
  parseEvents,
  running,
  runningContainers,
  type Site,
  twoRegions,
} from './drive.ts';

let living: Site;
let resting: Site;
beforeAll(async () => {
  living = await makeDeployedSite();
  resting = cloneSite(living);
  await resting.run('pause');
});
afterAll(() => {
  living.dispose();
  resting.dispose();
});

describe('GIVEN a lab that is paused WHEN the doctor looks', () => {
  it('THEN it warns, AND does not say that a deploy stops there: a deploy starts it', async () => {
    const { exit, stdout } = await copySite(resting).run('doctor');
    expect(stdout).not.toContain('a deploy stops here');
    expect(stdout).toMatch(/! +lab +region-athens, region-hurup not up/);
    expect(exit).toBe(0);
  });
});

describe('GIVEN a lab that is paused, whose nodes lab.yaml changes', () => {
  const change = async (): Promise<Site> => {
    const site = copySite(resting);
    site.writeLab(twoRegions.replace('region-athens, workers: 1', 'region-athens, workers: 2'));
    await site.synth();
    return site;
  };
  it('WHEN it is resumed THEN nothing is lost', async () => {
    const { exit, stdout } = await (await change()).run('resume');
    expect(stdout).not.toContain('region-athens has lost region-athens-worker2');
    expect(exit).toBe(0);
  });
  it('WHEN it is deployed THEN it is refused as where the lab runs', async () => {
    const { stdout, stderr, exit } = await (await change()).run('deploy');
    expect(stdout).not.toContain('region-athens has lost region-athens-worker2');
    expect({ stderr, exit }).toMatchObject({
      exit: 2,
      stderr: expect.stringContaining('region-athens lives with nodes 2, lab.yaml says 3') as string,
    });
  });
});

describe('GIVEN a region that has left lab.yaml WHEN the lab is paused', () => {
  it('THEN it is told that it is left as it is', async () => {
    const site = copySite(living);
    site.writeLab(twoRegions.replace(/.*hurup.*\n/, ''));
    await site.synth();
    const { stdout } = await site.run('pause');
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
      'region-hurup is not in lab.yaml any more, and is left as it is; to remove it: npm run destroy -- --region region-hurup',
    );
    expect(runningContainers(site).filter((name) => name.includes('athens'))).toEqual([]);
  });
});

describe('GIVEN a lab whose .lab/ is lost WHEN it is paused', () => {
  it('THEN it says what a deploy says: --adopt', async () => {
    const site = copySite(living);
    rmSync(site.file('.lab'), { recursive: true });
    const deploy = await site.run('deploy');
    expect(deploy.stderr).toContain('--adopt');
    const { stderr } = await site.run('pause');
    expect(stderr).not.toContain('build it first');
    expect(stderr).toContain('--adopt');
  });
});

describe('GIVEN nodes without addresses of their own', () => {
  it('WHEN paused THEN it is refused: they would not come back', async () => {
    const site = copySite(living);
    site.bench.edit(({ containers, ...world }) => ({
      ...world,
      containers: Object.fromEntries(
        Object.entries(containers).map(([name, container]) => [name, { ...container, own: undefined }]),
      ),
    }));
    const { exit, stderr } = await site.run('pause');
    expect(exit).toBe(2);
    expect(stderr).toContain('nodes of region-athens have no addresses of their own');
    expect(runningContainers(site)).toHaveLength(4);
  });
});

describe('GIVEN that somebody has taken the address of a node meanwhile', () => {
  it('WHEN resumed THEN it says the cause, and what to do', async () => {
    const site = copySite(resting);
    site.bench.setFaults([
      {
        ...{ tool: 'docker', match: 'start region-athens-control-plane', times: 9, exit: 1 },
        stderr:
          'Error response from daemon: Address already in use\nError: failed to start containers: region-athens-control-plane\n',
      },
    ]);
    const { stdout } = await site.run('resume');
    expect(stdout).toContain("another container on the lab's docker network has taken the address of a node meanwhile");
  });
});

describe('GIVEN a lab whose deploy ended before Cilium was there, and which was paused', () => {
  it('WHEN it is resumed THEN it says so, AND does not wait for nodes that cannot be Ready without it', async () => {
    const site = await makePlainSite();
    site.bench.setFaults([{ tool: 'helm', match: 'upgrade', times: 9, exit: 1, stderr: 'Error: no\n' }]);
    await site.run('deploy', '--skip-test');
    site.bench.setFaults([]);
    await site.run('pause');
    const { exit, stdout } = await site.run('resume', '--timeout', '10');
    expect(stdout).not.toContain('still waiting for');
    expect(stdout).toContain('no Cilium in region-athens');
    expect(exit).toBe(0);
    site.dispose();
  });
});

describe('GIVEN a lab that is paused, whose links lab.yaml changes', () => {
  it('WHEN it is resumed THEN it is as it was', async () => {
    const site = copySite(resting);
    site.writeLab(`${twoRegions}mesh: { pairs: [] }\n`);
    await site.synth();
    const { exit, stdout } = await site.run('resume');
    expect({ exit, stdout }).toMatchObject({ exit: 0 });
  });
});

describe('GIVEN a lab that comes up just now, whose API server does not answer yet', () => {
  it('WHEN planned THEN it says what a deploy does, AND does not propose to destroy it', async () => {
    const site = copySite(living);
    site.bench.setFaults([
      {
        tool: 'kubectl',
        match: 'kind-region-athens',
        times: 3,
        exit: 1,
        stderr: 'The connection to the server was refused\n',
      },
    ]);
    const { exit, stderr, events } = await site.events('plan');
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    expect(running(events)).toEqual(['region-athens/start']);
  });
});

describe('GIVEN a lab that is paused WHEN it is deployed', () => {
  it('THEN times are counted from its first step to its last', async () => {
    const site = copySite(resting);
    const { stdout } = await site.run('deploy', '--output', 'json');
    const events = parseEvents(stdout);
    const times = events.flatMap((event) => ('at' in event ? [event.at] : []));
    const end = events.find((event) => event.event === 'finished');
    if (end?.event !== 'finished') throw new Error('no end');
    expect(times).toEqual(times.toSorted((one, other) => one - other));
    expect(end.timings.map(({ step }) => step)).toContain('start');
  });
});

describe('GIVEN a lab that is paused WHEN its scenarios are listed', () => {
  it('THEN it says what to type', async () => {
    const site = copySite(resting);
    site.writeLab(`${twoRegions}scenarios: { high-availability: {} }\n`);
    await site.synth();
    const { stdout, stderr } = await site.run('scenario');
    expect(stdout + stderr).toContain('npm run resume');
  });
});

describe('GIVEN verify --watch WHEN the lab is paused', () => {
  it('THEN it says what to type, AND goes on until it is stopped', async () => {
    const site = copySite(living);
    const watch = site.start('verify', '--watch');
    let said = '';
    watch.stderr.on('data', (text: Buffer) => (said += String(text)));
    for (let tries = 0; tries < 300; tries++) {
      await sleep(200);
      if (find(site.bench.calls(), 'kubectl', 'apply … probes.yaml').length > 0) break;
    }
    for (let tries = 0; tries < 60 && (await site.run('pause')).exit !== 0; tries++) await sleep(100);
    await expect.poll(() => said, { timeout: 60_000 }).toContain('npm run resume');
    expect(watch.exitCode).toBe(null);
    watch.kill('SIGINT');
    expect((await watch).exitCode).toBe(130);
  });
});

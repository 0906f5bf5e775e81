import { readFileSync } from 'node:fs';
import { get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { ClientFigures, FailoverEvent } from '../../scripts/events/failover-event.ts';
import { type RealLab, scenario, withScenario } from './real-lab.ts';

/** Milliseconds after which the plain loop gives a request up, and between two of its requests. */
const EACH = 300;
const BETWEEN = 50;

/** Milliseconds for which a busy machine may keep the one or the other from asking. */
const BUSY = 500;

/** What clients see while something fails in the first of two regions. @param write writes lab.yaml, with these scenarios */
export function failovers(
  lab: RealLab,
  [at = '', other = '']: readonly string[],
  write: (scenarios: string) => Promise<void>,
): void {
  const failover = async (...options: string[]): Promise<readonly FailoverEvent[]> => {
    const { exit, events, stderr } = await lab.run('failover', '--region', at, '--baseline', '10', ...options);
    const told = events.flatMap((event) => (event.event === 'failover' ? [event] : []));
    const voids = told.flatMap(({ runs }) => runs.flatMap((run) => run.void ?? []));
    expect({ exit, stderr, voids }).toEqual({ exit: 0, stderr: '', voids: [] });
    return told;
  };

  describe('in which something fails', () => {
    it('WHEN every fault is brought about once THEN each does what docs/failover.md says, AND the lab is as before', async () => {
      const servers = [
        'get',
        'pods',
        '--selector=k8s-app=clustermesh-apiserver',
        '--output=jsonpath={.items[*].spec.nodeName}',
      ];
      const meshNode = await lab.kubectl(at, '--namespace=kube-system', ...servers);
      const told = await failover('--all', '--repeat', '1', '--rate', '20');
      const of = (fault: string, client: string): ClientFigures => {
        const found = told
          .find((event) => event.fault === fault)
          ?.runs[0]?.clients.find((each) => each.client === client);
        if (found === undefined) throw new Error(`no figures of ${client} for ${fault}`);
        return found;
      };
      const lost = ({ sent, answered }: ClientFigures): number => (sent - answered) / sent;
      for (const { fault, runs } of told)
        console.log(
          fault,
          runs[0]?.clients
            .map(({ client, failed, longestGap, steady, balance }) =>
              JSON.stringify({ client, failed, longestGap, steady, balance }),
            )
            .join('\n  '),
        );

      // what goes says farewell, or nothing of the datapath goes
      for (const fault of ['backends', 'mesh-server', 'agents', 'upgrade'])
        expect(lost(of(fault, other)), fault).toBeLessThan(0.05);
      // Kubernetes gives a node up after 40 to 50 s; other regions learn of it from the ClusterMesh API server, unless that is frozen too
      const isMute = told.find(({ fault }) => fault === 'node')?.title.includes(` ${meshNode} `) === true;
      for (const client of [`this machine → ${at}`, ...(isMute ? [] : [other])]) {
        expect(of('node', client).steady, client).toBeGreaterThan(20_000);
        expect(of('node', client).steady, client).toBeLessThan(75_000);
      }
      if (isMute) expect(of('node', other)).not.toHaveProperty('steady');
      // nobody tells the others that a region is gone
      for (const fault of ['region', 'cut']) {
        expect(lost(of(fault, other)), fault).toBeGreaterThan(0.1);
        expect(of(fault, other), fault).not.toHaveProperty('steady');
        expect(of(fault, other).balance, fault).toBeGreaterThanOrEqual(0);
      }
      // a release that was upgraded and rolled back is another one to the tests of the mesh; nothing else is to be done
      const plan = await lab.run('plan');
      const planned = plan.events.flatMap((event) => (event.event === 'planned' ? event.steps : []));
      const toRun = planned.filter(({ action }) => action === 'run').map(({ step, reason }) => `${step}: ${reason}`);
      expect(toRun.filter((step) => !/^(paths|test|verify): /.test(step))).toEqual([]);
      expect(await lab.causes()).toEqual([]);

      const { exit, events } = await lab.run('report');
      const [page] = events.flatMap((event) => (event.event === 'report' ? [event] : []));
      expect(exit).toBe(0);
      expect(page?.bytes).toBeLessThan(1_000_000);
      const html = readFileSync(page?.file ?? '', 'utf8');
      for (const { fault } of told) expect(html).toContain(`<h3 id="fault-${fault}">`);
    });

    it('AND where nobody takes over, a client that only asks and waits, beside, sees the same gap', async () => {
      await write(`scenarios: { ${scenario}: { unshared: [${other}] } }\n`);
      await lab.deploy('--skip-test');
      const address = await lab.inScenario(
        at,
        ...['get', 'service', 'server', '--output=jsonpath={.status.loadBalancer.ingress[0].ip}'],
      );
      let isOver = false;
      const loop = plainLoop(`http://${address}/`, () => isOver);
      const [told] = await failover('--fault', 'backends', '--repeat', '1', '--rate', '20');
      isOver = true;

      const own = told?.runs[0]?.clients.find(({ client }) => client === `this machine → ${at}`);
      expect(own?.longestGap).toBeGreaterThan(10_000);
      const plain = await loop;
      console.log({ own: own?.longestGap, plain });
      // it may have given one up just after nobody answered, and just before somebody does again
      expect(Math.abs((own?.longestGap ?? 0) - plain)).toBeLessThan(2 * (EACH + BETWEEN) + BUSY);
      await write(withScenario);
      await lab.deploy('--skip-test');
    });

    worseNetworks(lab, [at, other], write);
  });
}

/** Shaping of what goes between the regions: by rate, which most kernels can; by delay, which some cannot. */
function worseNetworks(lab: RealLab, regions: readonly string[], write: (scenarios: string) => Promise<void>): void {
  const between = `between: [${regions.join(', ')}]`;
  const qdiscs = async (): Promise<string[]> =>
    Promise.all(regions.map((name) => lab.docker('exec', `${name}-worker`, 'tc', 'qdisc', 'show', 'dev', 'eth0')));
  const degrade = async (...typed: string[]) => {
    const { exit, events } = await lab.run('degrade', ...typed);
    const code = events.flatMap((event) => (event.event === 'step-failed' ? [event.failure.code] : []))[0];
    return { exit, code, told: events.flatMap((event) => (event.event === 'degraded' ? [event] : []))[0] };
  };

  it('WHEN a rate is put between the regions THEN each node has it, AND failover says so; off takes it away', async () => {
    const before = await qdiscs();
    await write(
      `${withScenario}degrade: { slow: [{ ${between}, rate: 20mbit }], far: [{ ${between}, delay: 30ms }] }\n`,
    );

    const on = await degrade('on', 'slow');
    expect({ exit: on.exit, profile: on.told?.profile }).toEqual({ exit: 0, profile: 'slow' });
    for (const each of await qdiscs()) expect(each).toContain('qdisc htb c1a0: root');
    const { events } = await lab.run('failover', '--fault', 'mesh-server', '--repeat', '1', '--rate', '10');
    expect(events.flatMap((event) => (event.event === 'failover' ? [event.degraded] : []))).toEqual(['slow']);

    // a kernel without netem is told as that, and then nothing is on
    const far = await degrade('on', 'far');
    console.log(far);
    if (far.exit === 0) expect(far.told?.roundTrips[0]?.after).toBeGreaterThan(60);
    else expect(far.code).toBe('no-netem');

    expect((await degrade('off')).exit).toBe(0);
    expect(await qdiscs()).toEqual(before);
  });
}

/** Asks, waits for the answer, and asks again. @returns milliseconds of the longest time between two answers */
async function plainLoop(url: string, isOver: () => boolean): Promise<number> {
  let longest = 0;
  let last = performance.now();
  while (!isOver()) {
    if (await isAnswered(url)) {
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    }
    await sleep(BETWEEN);
  }
  return longest;
}

/** By a connection of its own. */
const isAnswered = (url: string): Promise<boolean> =>
  new Promise((resolve) => {
    const request = get(url, { agent: false, timeout: EACH }, (response) => {
      response.resume().once('end', () => {
        resolve(response.statusCode === 200);
      });
    });
    request
      .once('timeout', () => request.destroy())
      .once('error', () => {
        resolve(false);
      });
  });

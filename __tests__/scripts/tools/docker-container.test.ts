import { describe, expect, it } from 'vitest';
import { parseContainers, parseKindContainers } from '../../../scripts/tools/docker-container.ts';

describe('containers of kind clusters', () => {
  const line = (name: string, role: string, state: string): string =>
    JSON.stringify({
      Command: '"/usr/local/bin/entr…"',
      Labels: `io.x-k8s.kind.cluster=region-athens,io.x-k8s.kind.role=${role}`,
      Names: name,
      Networks: 'clustermesh-lab,bridge',
      State: state,
      Status: 'Up 3 minutes',
    });

  it('GIVEN nodes in each state and the load balancer WHEN read THEN what each is', () => {
    const answer = [
      line('region-athens-control-plane', 'control-plane', 'running'),
      line('region-athens-worker', 'worker', 'exited'),
      line('region-athens-worker2', 'worker', 'created'),
      line('region-athens-worker3', 'worker', 'paused'),
      line('region-athens-external-load-balancer', 'external-load-balancer', 'running'),
      '',
    ].join('\n');
    const same = { cluster: 'region-athens', networks: ['clustermesh-lab', 'bridge'] };

    expect(parseKindContainers(answer)).toEqual([
      { ...same, name: 'region-athens-control-plane', isNode: true, isWorker: false, state: 'running' },
      { ...same, name: 'region-athens-worker', isNode: true, isWorker: true, state: 'stopped' },
      { ...same, name: 'region-athens-worker2', isNode: true, isWorker: true, state: 'created' },
      { ...same, name: 'region-athens-worker3', isNode: true, isWorker: true, state: 'paused' },
      { ...same, name: 'region-athens-external-load-balancer', isNode: false, isWorker: false, state: 'running' },
    ]);
  });

  it('GIVEN a node that the engine is still making WHEN read THEN it is on no network', () => {
    const json = JSON.parse(line('region-athens-worker', 'worker', 'created')) as object;

    expect(parseKindContainers(JSON.stringify({ ...json, Networks: '' }))?.[0]?.networks).toEqual([]);
  });

  it.each([
    { status: 'Up 25 seconds', restarted: 25 },
    { status: 'Up Less than a second', restarted: 1 },
    { status: 'Up About a minute', restarted: 60 },
    { status: 'Up 4 minutes (Paused)', restarted: 240 },
    { status: 'Up About an hour', restarted: undefined },
    { status: 'Up 2 days', restarted: undefined },
    { status: 'Exited (130) 6 seconds ago', restarted: undefined },
  ])('GIVEN a node of yesterday, $status WHEN read THEN it was started $restarted s ago', ({ status, restarted }) => {
    const json = JSON.parse(line('region-athens-worker', 'worker', 'running')) as object;
    const yesterday = JSON.stringify({ ...json, Status: status, CreatedAt: '2026-11-22 21:02:56 +0100 CET' });

    expect(parseKindContainers(yesterday, Date.parse('2026-11-23T20:00:00Z'))?.[0]?.restarted).toBe(restarted);
  });

  it('GIVEN a time zone without letters WHEN read THEN it is understood', () => {
    const json = JSON.parse(line('region-athens-worker', 'worker', 'running')) as object;
    const old = JSON.stringify({ ...json, Status: 'Up 25 seconds', CreatedAt: '2026-11-22 21:02:56 -0300 -03' });

    expect(parseKindContainers(old, Date.parse('2026-11-23T20:00:00Z'))?.[0]?.restarted).toBe(25);
  });

  it('GIVEN one that runs since it was made WHEN read THEN it was never started again', () => {
    const json = JSON.parse(line('region-athens-worker', 'worker', 'running')) as object;
    const fresh = JSON.stringify({ ...json, Status: 'Up 3 minutes', CreatedAt: '2026-11-22 21:02:56 +0000 UTC' });

    expect(parseKindContainers(fresh, Date.parse('2026-11-22T21:06:10Z'))?.[0]?.restarted).toBeUndefined();
  });

  it('GIVEN no cluster at all WHEN read THEN none', () => {
    expect(parseKindContainers('')).toEqual([]);
  });
});

describe('where containers are', () => {
  it('GIVEN one with an address of its own, one without, and a stopped one of each WHEN read THEN which is which', () => {
    const container = (name: string, ip: string, own?: string) => ({
      Name: `/${name}`,
      State: { StartedAt: '2026-11-22T21:02:56.5Z' },
      NetworkSettings: {
        Networks: { lab: { IPAddress: ip, IPAMConfig: own === undefined ? null : { IPv4Address: own } } },
      },
    });
    const json = JSON.stringify([
      container('own', '172.19.0.2', '172.19.0.2'),
      container('dealt', '172.19.0.3'),
      container('own-stopped', '', '172.19.0.4'),
      container('dealt-stopped', ''),
    ]);
    const startedAt = Date.parse('2026-11-22T21:02:56.5Z');

    expect(parseContainers(json)).toEqual([
      { name: 'own', startedAt, addresses: new Map([['lab', { address: '172.19.0.2', isOwn: true }]]) },
      { name: 'dealt', startedAt, addresses: new Map([['lab', { address: '172.19.0.3', isOwn: false }]]) },
      { name: 'own-stopped', startedAt, addresses: new Map([['lab', { address: '172.19.0.4', isOwn: true }]]) },
      { name: 'dealt-stopped', startedAt, addresses: new Map() },
    ]);
  });
});

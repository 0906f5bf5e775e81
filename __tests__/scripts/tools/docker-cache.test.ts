import { describe, expect, it } from 'vitest';
import { registriesOf } from '../../../lab/registries.ts';
import { toShell } from '../../../scripts/tools/command.ts';
import { connectCache, parseCaches, runCache } from '../../../scripts/tools/docker-cache.ts';

const [registry] = registriesOf({});
if (registry === undefined) throw new Error('no registry');

/** Of Docker 28. */
const line = (changes: Record<string, string> = {}): string =>
  JSON.stringify({
    Names: 'clustermesh-lab-cache-docker-io',
    Labels: 'clustermesh-lab.cache=docker.io,clustermesh-lab.cache.upstream=https://registry-1.docker.io',
    State: 'running',
    Networks: 'lab,other',
    Image: 'registry:3.0.0',
    Ports: '127.0.0.1:32768->5000/tcp',
    ...changes,
  });

describe('caches that Docker tells of', () => {
  it('GIVEN one that runs THEN whom it asks, where it is, and its port on this machine', () => {
    expect(parseCaches(`${line()}\n`)).toEqual([
      {
        ...{ name: 'clustermesh-lab-cache-docker-io', host: 'docker.io', upstream: 'https://registry-1.docker.io' },
        ...{
          isRunning: true,
          isFailing: false,
          isFresh: false,
          networks: ['lab', 'other'],
          port: 32_768,
          image: 'registry:3.0.0',
        },
      },
    ]);
  });

  it('GIVEN one that asks nobody, fails, and is on no network THEN so it says', () => {
    const changes = { Labels: 'clustermesh-lab.cache=docker.io', State: 'restarting', Networks: '', Ports: '' };

    expect(parseCaches(line(changes))).toMatchObject([
      { upstream: undefined, isRunning: false, isFailing: true, networks: [], port: undefined },
    ]);
  });

  it.each([
    ['Up 25 seconds', true],
    ['Up Less than a second', true],
    ['Up About a minute', true],
    ['Up 4 minutes', true],
    ['Up 5 minutes', false],
    ['Up 44 minutes', false],
    ['Up 2 hours', false],
    ['Restarting (1) 4 seconds ago', false],
  ])('GIVEN %s THEN fresh: %s', (Status, isFresh) => {
    expect(parseCaches(line({ Status }))).toMatchObject([{ isFresh }]);
  });

  it('GIVEN none, or an odd answer THEN none, or not known', () => {
    expect(parseCaches('')).toEqual([]);
    expect(parseCaches('{}\n')).toBe(undefined);
  });
});

describe('calls for a cache', () => {
  const place = { network: 'lab', address: '172.19.0.2' };

  it('GIVEN one that asks THEN it keeps what it has for ever, in a volume of its own, AND answers on this machine alone', () => {
    const { args } = runCache(registry, 'registry:3', place, true);
    const text = args.join(' ');

    expect(text).toMatch(/^run --detach --name clustermesh-lab-cache-docker-io --restart unless-stopped /);
    for (const part of [
      ...['--network lab --ip 172.19.0.2', '--publish 127.0.0.1::5000', '--env REGISTRY_PROXY_TTL=0'],
      ...['--volume clustermesh-lab-cache-docker-io:/var/lib/registry', 'REMOTEURL=https://registry-1.docker.io'],
    ])
      expect(text).toContain(part);
    expect(args.at(-1)).toBe('registry:3');
  });

  it('GIVEN credentials, and a proxy THEN they come by its environment, AND the call shows no password', () => {
    const call = runCache(registry, 'registry:3', place, true, { user: 'ann', password: '#s"ecret: ' });

    expect(toShell(call)).toContain('--env HTTPS_PROXY --env HTTP_PROXY --env NO_PROXY');
    expect(toShell(call)).toContain('--env REGISTRY_PROXY_USERNAME --env REGISTRY_PROXY_PASSWORD registry:3');
    expect(toShell(call)).not.toContain('ecret');
    expect(call.secretEnv).toEqual({ REGISTRY_PROXY_USERNAME: '"ann"', REGISTRY_PROXY_PASSWORD: '"#s\\"ecret: "' });
  });

  it('GIVEN one that asks nobody THEN it is over the same volume, and says so by its labels', () => {
    const text = runCache(registry, 'registry:3', place, false).args.join(' ');

    expect(text).toContain('--volume clustermesh-lab-cache-docker-io:/var/lib/registry');
    expect(text).not.toMatch(/REMOTEURL|upstream|PROXY|proxy/);
  });

  it('GIVEN no address of its own THEN Docker chooses', () => {
    expect(connectCache('a', { network: 'lab', address: undefined }).args).toEqual(['network', 'connect', 'lab', 'a']);
  });
});

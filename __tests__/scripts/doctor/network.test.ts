import { describe, expect, it } from 'vitest';
import { containerProxy, loadBalancer, podRoutes, proxy } from '../../../scripts/doctor/network.ts';
import { allThere, articleLab, athens, nothingThere } from '../fixtures.ts';
import { engine, found, host, lab, well } from './facts.ts';

describe('pod-routes', () => {
  it("GIVEN routes that network.pods covers THEN they are named; the lab's own bridge and others are not", () => {
    const routes = [
      { subnet: '10.8.0.0/24', device: 'tun0' },
      { subnet: '10.200.7.5/32', device: 'eth0' },
      { subnet: '192.168.1.0/24', device: 'eth0' },
      { subnet: '172.19.0.0/16', device: 'br-0af3' },
    ];
    expect(found(podRoutes, { observed: nothingThere(lab, { routes }) })).toEqual([
      {
        level: 'warning',
        seen: 'network.pods 10.0.0.0/8 covers routes of this machine (10.8.0.0/24 by tun0, 10.200.7.5/32 by eth0)',
        needed: 'pods get no answer from there',
        remedy: 'if they need one, give the lab other network.pods',
      },
    ]);
  });

  it("GIVEN an engine of another machine THEN this machine's routes say nothing of its pods", () => {
    const observed = nothingThere(lab, { routes: [{ subnet: '10.8.0.0/24', device: 'tun0' }] });
    expect(found(podRoutes, { observed, ...host({ env: { DOCKER_HOST: 'ssh://build.example' } }) })).toEqual([]);
  });

  it('GIVEN none THEN ok; where nothing was asked nothing is known', () => {
    expect(found(podRoutes)).toEqual(well('no route of this machine is in 10.0.0.0/8'));
    expect(found(podRoutes, { observed: undefined })).toEqual([]);
  });
});

describe('load-balancer', () => {
  const remedy = 'kubectl --context kind-region-athens -n kube-system port-forward service/hubble-ui 8080:80';
  const inside = 'the LoadBalancer addresses of the lab (Hubble UI) answer there alone, not on this machine';

  it('GIVEN an engine of this Linux, or OrbStack THEN ok; without one nothing is known', () => {
    expect(found(loadBalancer)).toEqual(well('this machine leads to the addresses of the lab'));
    expect(found(loadBalancer, { ...engine({ system: 'OrbStack' }), ...host({ platform: 'darwin' }) })).toEqual(
      well('OrbStack leads to the addresses of the lab'),
    );
    expect(found(loadBalancer, { observed: undefined, ...host({ platform: 'darwin' }) })).toEqual([]);
  });

  it('GIVEN Docker Desktop on Linux, or any other virtual machine on macOS THEN a warning', () => {
    const seen = (system: string) => `${system} runs in a virtual machine`;
    expect(found(loadBalancer, engine({ system: 'Docker Desktop' }))).toEqual([
      { level: 'warning', seen: seen('Docker Desktop'), needed: inside, remedy },
    ]);
    const colima = engine({ system: 'Ubuntu 24.04.3 LTS' });
    expect(found(loadBalancer, { ...colima, ...host({ platform: 'darwin' }) })).toEqual([
      { level: 'warning', seen: seen('Ubuntu 24.04.3 LTS'), needed: inside, remedy },
    ]);
    expect(found(loadBalancer, { ...engine({ system: undefined }), ...host({ platform: 'darwin' }) })).toEqual([
      { level: 'warning', seen: seen('Docker'), needed: inside, remedy },
    ]);
  });

  it.each([{ platform: 'darwin' }, { kernel: '6.6.87.2-microsoft-standard-WSL2' }, {}])(
    'GIVEN an engine of another machine, and here %j THEN docker-host tells of it',
    (here) => {
      const away = host({ ...here, env: { DOCKER_HOST: 'ssh://build.example' } });
      expect(found(loadBalancer, { ...engine({}), ...away })).toEqual([]);
    },
  );

  it('GIVEN a rootless engine THEN rootless tells of it', () => {
    expect(found(loadBalancer, engine({}, { isRootless: true }))).toEqual([]);
  });

  it('GIVEN a lab without Hubble UI THEN nothing is said of it', () => {
    const without = articleLab({ regions: [athens({ hubbleUi: false })] });
    expect(found(loadBalancer, engine({ system: 'Docker Desktop' }), without)).toEqual([
      {
        level: 'warning',
        seen: 'Docker Desktop runs in a virtual machine',
        needed: 'the LoadBalancer addresses of the lab answer there alone, not on this machine',
        remedy: 'kubectl --context kind-region-athens port-forward service/NAME 8080:80',
      },
    ]);
  });

  it('GIVEN WSL2 THEN Windows does not reach them', () => {
    expect(found(loadBalancer, host({ kernel: '6.6.87.2-microsoft-standard-WSL2' }))).toEqual([
      {
        level: 'warning',
        seen: 'Docker runs in WSL2',
        needed: 'the LoadBalancer addresses of the lab (Hubble UI) answer there alone, not in the browser of Windows',
        remedy,
      },
    ]);
  });
});

describe('proxy', () => {
  const of = (env: Record<string, string>, changes = {}) => found(proxy, { ...host({ env }), ...changes });
  const HTTPS_PROXY = 'http://me:secret@proxy.example:3128';

  it('GIVEN none THEN ok, whatever NO_PROXY says', () => {
    expect(of({ HTTP_PROXY: '', NO_PROXY: 'localhost' })).toEqual(well('no proxy is set'));
  });

  it('GIVEN one that would take calls to the lab THEN a warning, and what NO_PROXY had stays', () => {
    const answer = (remedy: string) => [
      {
        level: 'warning',
        seen: 'HTTPS_PROXY is set, and NO_PROXY does not name 172.19.0.0/16',
        needed: 'a call of yours to an address of the lab goes to the proxy',
        remedy,
      },
    ];
    expect(of({ HTTPS_PROXY })).toEqual(answer('export NO_PROXY=172.19.0.0/16'));
    expect(of({ HTTPS_PROXY, NO_PROXY: 'localhost, 172.19.0.0/17,172.19.0.1/300' })).toEqual(
      answer("export NO_PROXY='localhost, 172.19.0.0/17,172.19.0.1/300,172.19.0.0/16'"),
    );
  });

  it.each(['172.19.0.0/16', 'localhost,172.16.0.0/12', '*'])('GIVEN NO_PROXY %s THEN ok', (value) => {
    expect(of({ HTTPS_PROXY, all_proxy: 'socks5://h', no_proxy: value })).toEqual(
      well('HTTPS_PROXY, all_proxy, and NO_PROXY spares the lab'),
    );
  });

  it.each(['http://127.0.0.1:7890', 'localhost:3128', 'http://me:secret@[::1]:3128'])(
    'GIVEN %s, which is another loopback in a node THEN a warning, where nodes are to be made',
    (https_proxy) => {
      expect(of({ https_proxy, NO_PROXY: '*' })).toEqual([
        {
          level: 'warning',
          seen: "https_proxy names a proxy on this machine's loopback",
          needed: 'kind hands it to the nodes, whose loopback is another, so that they pull no image (kind#1459)',
          remedy: 'let the proxy listen on 172.19.0.1 too, then export https_proxy=http://172.19.0.1:PORT',
        },
      ]);
      expect(of({ https_proxy, NO_PROXY: '*' }, { observed: allThere(lab) })).toEqual(
        well('https_proxy, and NO_PROXY spares the lab'),
      );
    },
  );

  it('GIVEN any of these THEN no password is shown', () => {
    expect(JSON.stringify(of({ HTTPS_PROXY: 'http://me:secret@127.0.0.1:1' }))).not.toContain('secret');
  });
});

describe('container-proxy', () => {
  const of = (proxies: Record<string, string>, env = {}) =>
    host({ env, docker: { file: '/home/me/.docker/config.json', proxies, endpoint: undefined } });
  const httpProxy = 'http://proxy.example:3128';
  const spared = '172.16.0.0/12,10.0.0.0/8,region-athens-control-plane,region-hurup-control-plane';

  it('GIVEN none THEN ok', () => {
    expect(found(containerProxy)).toEqual(well('Docker hands no proxy to containers'));
    expect(found(containerProxy, of({ noProxy: '*' }))).toEqual(well('Docker hands no proxy to containers'));
  });

  it('GIVEN one that the nodes would ask for each other THEN a warning', () => {
    expect(found(containerProxy, of({ httpProxy, noProxy: 'localhost,10.0.0.0/8' }))).toEqual([
      {
        level: 'warning',
        seen: '/home/me/.docker/config.json hands a proxy to every container (proxies)',
        needed: 'the nodes would ask it for each other, unless kind hears of NO_PROXY and adds what belongs to the lab',
        remedy: 'export NO_PROXY=localhost,10.0.0.0/8,172.19.0.0/16',
      },
    ]);
  });

  it.each([spared, '*'])('GIVEN noProxy %s THEN ok', (noProxy) => {
    expect(found(containerProxy, of({ httpsProxy: httpProxy, noProxy }))).toEqual(
      well('the proxy that Docker hands to containers spares the lab'),
    );
  });

  it('GIVEN one that spares some of the lab THEN a warning, however much that is', () => {
    const answers = ['', '172.19.0.0/16,10.0.0.0/8', spared.replace(',region-hurup-control-plane', '')].map(
      (noProxy) => found(containerProxy, of({ httpProxy, ...(noProxy !== '' && { noProxy }) }))[0],
    );
    expect(answers.map((answer) => answer?.level)).toEqual(['warning', 'warning', 'warning']);
    expect(answers[0]?.remedy).toBe('export NO_PROXY=172.19.0.0/16');
  });

  it.each(['https_proxy', 'HTTP_PROXY', 'NO_PROXY'])(
    'GIVEN %s, by which kind hands its own to the nodes, or no node to be made THEN ok',
    (name) => {
      const other = well("kind tells the nodes to ask no proxy for the lab's addresses");
      expect(found(containerProxy, of({ httpProxy }, { [name]: 'x' }))).toEqual(other);
      expect(found(containerProxy, { ...of({ httpProxy }), observed: allThere(lab) })).toEqual(other);
    },
  );
});

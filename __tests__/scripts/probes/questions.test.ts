import { describe, expect, it } from 'vitest';
import { type Question, questionsOf, unaddressed } from '../../../scripts/probes/questions.ts';
import { firstProbe, probesOf, regionOf, three } from './lab-of-probes.ts';

const told = (questions: readonly Question[]): string[] =>
  questions.map(
    ({ path, to, by, host, port, isOpen }) => `${to} ${path}: ${by} ${host}:${port}${isOpen ? '' : ', to be shut'}`,
  );

const name = 'probe.clustermesh-lab-probes.svc.cluster.local';

describe('what a probe asks', () => {
  it('GIVEN a region, one that it is connected to and one that it is not THEN every path, and what is to be shut', () => {
    const [a] = three;
    if (a === undefined) throw new Error('no region');

    expect(told(questionsOf(firstProbe(a), three))).toEqual([
      // its own other node: itself it does not ask
      'a pod: http 10.0.1.10:8080',
      'a mtu: udp 10.0.1.10:8080',
      'a service: http 10.0.255.1:8080',
      `a name: name ${name}:8080`,
      'a balancer: connect 172.19.255.1:2379',
      'a policy: http 10.0.1.10:8081',
      'b pod: http 10.1.0.10:8080',
      'b pod: http 10.1.1.10:8080',
      'b mtu: udp 10.1.0.10:8080',
      'b mtu: udp 10.1.1.10:8080',
      // by its own address of the Service, and the region that is to answer
      'b service: http 10.0.255.1:8080',
      `b name: name ${name}:8080`,
      'b balancer: connect 172.19.255.2:2379',
      'b policy: http 10.1.0.10:8081, to be shut',
      'c pod: http 10.2.0.10:8080, to be shut',
      'c pod: http 10.2.1.10:8080, to be shut',
      // an address of the docker network: that needs no link
      'c balancer: connect 172.19.255.3:2379',
      'c policy: http 10.2.0.10:8081, to be shut',
    ]);
  });

  it('GIVEN probes that are not ready, no Service and no address THEN nothing is asked of them', () => {
    const alone = probesOf(regionOf('a', 1, ['b']));
    const [probe] = probesOf(regionOf('b', 1, ['a']), 1).probes;
    const other = {
      ...probesOf(regionOf('b', 1, ['a']), 1),
      probes: probe === undefined ? [] : [{ ...probe, isReady: false }],
      balancer: undefined,
    };
    const all = [{ ...alone, service: undefined }, other];

    expect(told(questionsOf(firstProbe(alone), all))).toEqual(['a balancer: connect 172.19.255.1:2379']);
  });

  it('GIVEN linked regions without a Service or a LoadBalancer address THEN that fails, without a try', () => {
    const [a, b, alone] = [regionOf('a', 1, ['b']), regionOf('b', 1, ['a']), regionOf('alone', 1, [])].map(
      (region) => ({
        ...probesOf(region),
        service: undefined,
        balancer: undefined,
      }),
    );
    if (a === undefined || b === undefined || alone === undefined) throw new Error('no region');

    expect(told(unaddressed(firstProbe(a), [a, b, alone]))).toEqual([
      'a service: http the cluster address of the Service:8080',
      'a balancer: connect its LoadBalancer address:2379',
      'b service: http the cluster address of the Service:8080',
      'b balancer: connect its LoadBalancer address:2379',
    ]);
    expect(unaddressed(firstProbe(a), three)).toEqual([]);
  });

  it('GIVEN more than 32 nodes THEN each asks one node of each region, and they take turns', () => {
    const [a, b] = [probesOf(regionOf('a', 20, ['b']), 0), probesOf(regionOf('b', 20, ['a']), 1)];
    const asked = a.probes.map((probe) =>
      questionsOf(probe, [a, b]).filter(({ to, path }) => to === 'b' && path === 'pod'),
    );

    expect(asked.map(({ length }) => length)).toEqual(a.probes.map(() => 1));
    expect(new Set(asked.flat().map(({ toProbe }) => toProbe?.node)).size).toBe(20);
  });
});

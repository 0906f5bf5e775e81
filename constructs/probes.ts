import { ApiObject, Duration, JsonPatch } from 'cdk8s';
import { ConfigMap, Cpu, DaemonSet, EnvValue, LabelSelector, Namespace, Probe, Service, Volume } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import type { Lab, Region } from '../lab/lab.ts';
import { probeProgram } from '../lab/probe-program.ts';
import { OPEN_PORT, OWN_PORT, OWN_REGION_POLICY, PROBE_SERVICE, PROBES } from '../lab/probes.ts';
import { ownContainer, podSecurity, restrict } from './restricted.ts';

/** What the probes of a region are made from. */
export interface ProbesProps {
  readonly lab: Pick<Lab, 'probeImage'>;
  readonly region: Pick<Region, 'name'>;
}

/**
 * A server and client on every node, by which `npm run verify` and each deploy try every path between the regions: they come
 * and go with each trial. A global Service that they answer in all regions, and a policy that keeps one port for the region's
 * own pods.
 */
export class Probes extends Construct {
  constructor(scope: Construct, id: string, { lab, region }: ProbesProps) {
    super(scope, id);
    const marks = { 'app.kubernetes.io/managed-by': 'clustermesh-lab' };
    const of = (name: string) => ({ name, namespace: PROBES, labels: marks });

    const security = { 'pod-security.kubernetes.io/enforce': 'restricted' };
    new Namespace(this, 'namespace', { metadata: { name: PROBES, labels: { ...marks, ...security } } });
    new ConfigMap(this, 'programs', {
      metadata: of('programs'),
      data: { 'serve.mjs': probeProgram('serve.mjs'), 'ask.mjs': probeProgram('ask.mjs') },
    });
    new OwnRegionPolicy(this, 'policy', { region: region.name });

    const service = new Service(this, 'service', {
      metadata: { ...of(PROBE_SERVICE), annotations: { 'service.cilium.io/global': 'true' } },
      ports: [{ port: OPEN_PORT, targetPort: OPEN_PORT }],
    });
    service.selectLabel('app', 'probe');

    const daemon = new DaemonSet(this, 'probe', {
      metadata: of('probe'),
      podMetadata: { labels: { app: 'probe' } },
      select: false,
      securityContext: podSecurity,
      terminationGracePeriod: Duration.seconds(1),
    });
    daemon.select(LabelSelector.of({ labels: { app: 'probe' } }));
    const { envVariables, ...container } = ownContainer(region.name, lab.probeImage);
    daemon.addContainer({
      ...container,
      // as much as an agent asks for: what measures must not wait for what is measured
      resources: { ...container.resources, cpu: { request: Cpu.millis(100), limit: Cpu.units(1) } },
      command: ['node', '/probe/serve.mjs'],
      portNumber: OPEN_PORT,
      envVariables: { ...envVariables, PORT: EnvValue.fromValue(`${OPEN_PORT} ${OWN_PORT}`) },
      startup: Probe.fromTcpSocket({ port: OPEN_PORT, periodSeconds: Duration.seconds(1), failureThreshold: 60 }),
      readiness: Probe.fromHttpGet('/healthz', { port: OPEN_PORT, periodSeconds: Duration.seconds(1) }),
    });
    const files = ConfigMap.fromConfigMapName(this, 'files', 'programs');
    daemon.containers[0]?.mount('/probe', Volume.fromConfigMap(this, 'volume', files), { readOnly: true });
    restrict(daemon);
    // control planes too: a way to every node
    ApiObject.of(daemon).addJsonPatch(JsonPatch.add('/spec/template/spec/tolerations', [{ operator: 'Exists' }]));
  }
}

/** What a policy is made from. */
interface OwnRegionPolicyProps {
  readonly region: string;
}

/**
 * The open port for everybody, the other one for probes of the region itself. The cluster is always named: up to Cilium 1.18 a
 * selector without it means pods of all clusters, from 1.19 on those of its own (`policy-default-local-cluster`).
 */
class OwnRegionPolicy extends ApiObject {
  constructor(scope: Construct, id: string, { region }: OwnRegionPolicyProps) {
    const only = (port: number, protocol: string) => [{ ports: [{ port: String(port), protocol }] }];
    super(scope, id, {
      apiVersion: 'cilium.io/v2',
      kind: 'CiliumNetworkPolicy',
      metadata: {
        name: OWN_REGION_POLICY,
        namespace: PROBES,
        labels: { 'app.kubernetes.io/managed-by': 'clustermesh-lab' },
      },
      spec: {
        endpointSelector: { matchLabels: { app: 'probe' } },
        ingress: [
          { fromEntities: ['all'], toPorts: only(OPEN_PORT, 'ANY') },
          {
            fromEndpoints: [{ matchLabels: { app: 'probe', 'io.cilium.k8s.policy.cluster': region } }],
            toPorts: only(OWN_PORT, 'TCP'),
          },
        ],
      },
    });
  }
}

import { OPEN_PORT, OWN_PORT, PROBE_SERVICE, PROBES } from '../../lab/probes.ts';
import type { PathLine } from '../events/verify-event.ts';
import type { Probe, RegionProbes } from './probe.ts';

/**
 * A way from a pod to a region: its pods' addresses; a datagram as large as the interface takes; the cluster address of a global
 * Service; the same by its name; a LoadBalancer address; a port that a policy keeps for the region's own pods.
 */
export type PathName = PathLine['path'];

/** In the order in which they are told: what comes first explains what follows. */
export const pathNames: readonly PathName[] = ['pod', 'mtu', 'service', 'name', 'balancer', 'policy'];

/** Something that is asked of a region. */
export interface Question {
  readonly path: PathName;
  readonly from: Probe;
  readonly to: string;
  /** The probe that is to answer; undefined where any of the region may. */
  readonly toProbe: Probe | undefined;
  readonly by: 'http' | 'name' | 'udp' | 'connect';
  readonly host: string;
  readonly port: number;
  /** Whether an answer is to come. */
  readonly isOpen: boolean;
}

/** Of the global Service, whole: no list of search domains is gone through (kind's clusters are all of this domain). */
const NAME = `${PROBE_SERVICE}.${PROBES}.svc.cluster.local`;

/** Most nodes of a lab from each of which every other one is asked; of larger labs each asks one of each region. */
const MOST_NODES = 32;

/** What one probe asks of all regions. Pure. */
export function questionsOf(from: Probe, all: readonly RegionProbes[]): Question[] {
  const own = all.find(({ region }) => region.name === from.region);
  const nodes = all.reduce((sum, { region }) => sum + region.nodes.length, 0);
  return all.flatMap((to) => {
    const name = to.region.name;
    const isOwn = name === from.region;
    const isOpen = isOwn || own?.region.links.includes(name) === true;
    const others = to.probes.filter(({ pod, isReady }) => isReady && pod !== from.pod);
    const asked =
      nodes <= MOST_NODES ? others : others.slice(placeOf(from, own) % Math.max(1, others.length)).slice(0, 1);
    const ask = (
      path: PathName,
      by: Question['by'],
      host: string | undefined,
      more: Partial<Question> = {},
    ): Question[] =>
      host === undefined
        ? []
        : [{ path, from, to: name, toProbe: undefined, by, host, port: OPEN_PORT, isOpen, ...more }];
    return [
      ...asked.flatMap((toProbe) => ask('pod', 'http', toProbe.address, { toProbe })),
      ...(isOpen ? asked.flatMap((toProbe) => ask('mtu', 'udp', toProbe.address, { toProbe })) : []),
      ...(isOpen
        ? [...ask('service', 'http', own?.service), ...(own?.service === undefined ? [] : ask('name', 'name', NAME))]
        : []),
      // an address of the docker network: to reach it needs no link
      ...ask('balancer', 'connect', to.balancer, { port: 2379, isOpen: true }),
      ...asked
        .slice(0, 1)
        .flatMap((toProbe) => ask('policy', 'http', toProbe.address, { toProbe, port: OWN_PORT, isOpen: isOwn })),
    ];
  });
}

/** What a probe is to ask and cannot, since there is no address to ask at: that fails without a try. Pure. */
export function unaddressed(from: Probe, all: readonly RegionProbes[]): Question[] {
  const own = all.find(({ region }) => region.name === from.region);
  const common = { from, toProbe: undefined, isOpen: true } as const;
  return all.flatMap(({ region: { name: to, links }, balancer }): Question[] => [
    ...(own?.service === undefined && (to === from.region || own?.region.links.includes(to) === true)
      ? [
          {
            ...common,
            path: 'service',
            to,
            by: 'http',
            host: 'the cluster address of the Service',
            port: OPEN_PORT,
          } as const,
        ]
      : []),
    ...(balancer === undefined && links.length > 0
      ? [{ ...common, path: 'balancer', to, by: 'connect', host: 'its LoadBalancer address', port: 2379 } as const]
      : []),
  ]);
}

const placeOf = ({ pod }: Probe, own: RegionProbes | undefined): number =>
  Math.max(0, own?.probes.findIndex((probe) => probe.pod === pod) ?? 0);

import type { KubeObject } from '../tools/kubectl.ts';
import { balancedServices } from './workloads.ts';

/** What Cilium's agents contend for, one a Service: whoever holds it answers for the Service's addresses. */
export const announcements = 'leases.coordination.k8s.io';

/** LoadBalancer Services as `kube-system/hubble-ui`. */
export interface Unannounced {
  /** Those without an address. */
  readonly bare: readonly string[];
  /** Those whose address no agent answers for. */
  readonly silent: readonly string[];
}

/** Of the Services in one namespace. Pure. @param objects Services and Leases */
export function unannounced(objects: readonly KubeObject[], namespace: string): Unannounced {
  const held = new Set(
    objects
      .filter(({ kind, spec }) => kind === 'Lease' && (spec?.holderIdentity ?? '') !== '')
      .map(({ metadata }) => metadata.name),
  );
  const own = balancedServices(objects).filter(({ service }) => service.startsWith(`${namespace}/`));
  const isSilent = (service: string): boolean => !held.has(`cilium-l2announce-${service.replace('/', '-')}`);
  return {
    bare: own.filter(({ address }) => address === undefined).map(({ service }) => service),
    silent: own
      .filter(({ service, address }) => address !== undefined && isSilent(service))
      .map(({ service }) => service),
  };
}

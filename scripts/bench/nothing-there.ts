import type { Lab } from '../../lab/lab.ts';
import type { Observed } from '../observe/observed.ts';

/** A machine on which nothing of the lab is, but what is given. */
export function nothingThere(lab: Lab, given: Pick<Observed, 'engine'> & Partial<Observed>): Observed {
  const absent = { containers: [], ownership: undefined, creating: false, kubeconfig: false, cluster: undefined };
  return {
    owner: undefined,
    records: [],
    made: [],
    creating: [],
    networks: [],
    routes: [],
    containers: [],
    images: new Map(),
    caches: [],
    sources: new Map(),
    ca: undefined,
    ipsecKey: undefined,
    regions: new Map(lab.regions.map(({ name }) => [name, absent])),
    ...given,
  };
}

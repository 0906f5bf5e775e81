/** Namespace of the probes, and what its objects are of. */
export const PROBES = 'clustermesh-lab-probes';

/** The port that answers everybody, by HTTP and UDP. */
export const OPEN_PORT = 8080;

/** The port that a policy of the probes opens to their own region alone. */
export const OWN_PORT = 8081;

/** Name of the global Service that the probes of all regions answer. */
export const PROBE_SERVICE = 'probe';

/** Name of that policy. */
export const OWN_REGION_POLICY = 'own-region';

/**
 * The first minor version of Cilium 1 whose agents see that a ClusterMesh API server is another one than they knew (cilium/cilium#31677).
 * Older ones go on as if connected to it, and hear nothing of it: they wait for changes with numbers that the new one has not come to.
 */
export const HEARS_A_NEW_SERVER = 16;

/** Seconds after which older ones connect anew, since its heartbeat has been missing for too long: 180 to 215 were seen with 1.14.2. */
export const UNHEARD = 300;

/** Milliseconds in which agents that restart have learnt of the other regions. */
const LEARNT = 60_000;

/** Milliseconds until every path that is to be open is, where the mesh was changed a moment ago. @param version of Cilium: `1.14.2` */
export function openAfterChange(version: string): number {
  const minor = Number(version.split('.')[1]);
  return minor < HEARS_A_NEW_SERVER ? UNHEARD * 1000 : LEARNT;
}

import { connectTimes, parseConnectTimes } from '../tools/curl.ts';
import type { Queries } from './queries.ts';

/** How often a way is measured. */
const COUNT = 5;

/** Milliseconds of a round trip from a node to an address, median; undefined where nothing answers. */
export async function roundTrip(queries: Queries, node: string, address: string): Promise<number | undefined> {
  const { stdout } = await queries.attempt(connectTimes(node, address, COUNT));
  const times = parseConnectTimes(stdout).toSorted((one, other) => one - other);
  return times[Math.floor(times.length / 2)];
}

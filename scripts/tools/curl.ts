import type { Command } from './command.ts';
import { execIn } from './docker.ts';

/** The kubelet's: every node listens there. */
const PORT = 10250;

/** Seconds for one connection. */
const PATIENCE = 5;

/**
 * Opens connections from a node to an address, one after the other, and prints how long each took: a round trip. A node image
 * has no ping. What the kubelet answers, which speaks TLS alone, is of no interest.
 * @param count how many
 */
export const connectTimes = (node: string, address: string, count: number): Command =>
  execIn(
    ...[node, 'curl', '--silent', '--output', '/dev/null', '--noproxy', '*', '--header', 'Connection: close'],
    ...['--max-time', String(PATIENCE), '--write-out', String.raw`%{time_connect}\n`],
    `http://${address}:${PORT}/[1-${count}]`,
  );

/** Milliseconds of those that came about. */
export function parseConnectTimes(stdout: string): number[] {
  return stdout.split('\n').flatMap((line) => {
    const microseconds = Math.round(Number(line) * 1e6);
    return microseconds > 0 ? [microseconds / 1000] : [];
  });
}

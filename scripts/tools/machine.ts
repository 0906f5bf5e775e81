import { spawnSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { z } from 'zod';

/** A machine as it can be told from others: hosts of one name are common, and containers of one host do not see each other's processes. */
export const machineRecord = z.object({
  host: z.string(),
  /** An id that stays over reboots and that no other machine has; undefined where the system keeps none. */
  id: z.string().optional(),
  /** The process namespace, in which a process id means something; undefined where the system has none. */
  processes: z.string().optional(),
});

export type Machine = Readonly<z.infer<typeof machineRecord>>;

export function thisMachine(): Machine {
  return {
    host: hostname(),
    id: process.platform === 'darwin' ? hardwareId() : answer(() => readFileSync('/etc/machine-id', 'utf8')),
    processes: answer(() => readlinkSync('/proc/self/ns/pid')),
  };
}

/** The user's name, for people. A container often runs as a number for which the system has no name: then that number. */
export function userName(ask: () => { readonly username: string } = userInfo): string {
  return answer(() => ask().username) ?? `uid ${process.getuid?.() ?? '?'}`;
}

/** macOS has no file for it. */
function hardwareId(): string | undefined {
  const options = { encoding: 'utf8', timeout: 5000 } as const;
  const { stdout } = spawnSync('/usr/sbin/ioreg', ['-rd1', '-c', 'IOPlatformExpertDevice'], options);
  return /"IOPlatformUUID" = "([\w-]+)"/.exec(stdout)?.[1];
}

function answer(read: () => string): string | undefined {
  try {
    return read().trim() || undefined;
  } catch {
    return undefined;
  }
}

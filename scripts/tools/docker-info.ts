import { z } from 'zod';
import { readJson } from './json.ts';

/** What `docker info` says of the engine. */
export interface Engine {
  /** Drawn once, kept in the engine's data folder (moby daemon/id.go); undefined where it does not say. */
  readonly id: string | undefined;
  readonly serverVersion: string;
  /** The containerd image store, the default of a new Docker 29: `kind load docker-image` fails with it (kind#3795). */
  readonly containerdImageStore: boolean;
  /** `linux/amd64` */
  readonly platform: string;
  /** `1` or `2`; undefined where the engine does not say. */
  readonly cgroupVersion: string | undefined;
  /** Its networks are in a network namespace of their own, where this machine's routes do not lead. */
  readonly isRootless: boolean;
  readonly host: EngineHost;
}

/** The machine that the engine runs on, as far as the engine tells: this one, a virtual machine on it, or another. */
export interface EngineHost {
  /** `Docker Desktop`, `Debian GNU/Linux 12 (bookworm)` */
  readonly system: string | undefined;
  /** Release of its kernel. */
  readonly kernel: string | undefined;
  /** Bytes. */
  readonly memory: number | undefined;
  readonly cpus: number | undefined;
  /** Where the engine keeps images and containers, on that machine. */
  readonly folder: string | undefined;
  /** `overlay2` */
  readonly storageDriver: string | undefined;
  /** False where overlayfs lies on a file system that does not keep types of directory entries. */
  readonly keepsEntryTypes: boolean;
  /** `systemd` or `cgroupfs` */
  readonly cgroupDriver: string | undefined;
  /** The engine may limit memory, processes and CPU: kind asks for all three where it runs rootless, and for a cgroup driver (moby#42151). */
  readonly hasLimits: boolean;
  /** Seconds that its clock is ahead of this machine's, less the time that the answer took. */
  readonly clockAhead: number | undefined;
}

/** For the doctor alone: nothing else of the answer is worse for one of these that is missing, null or odd. */
const told = <T>(schema: z.ZodType<T>) => schema.optional().catch(undefined);

const infoAnswer = z.object({
  ID: z.string().optional(),
  ServerVersion: z.string(),
  DriverStatus: z.array(z.array(z.string())).nullish(),
  Architecture: z.string(),
  OSType: z.string(),
  CgroupVersion: told(z.string()),
  SecurityOptions: z.array(z.string()).nullish(),
  OperatingSystem: told(z.string()),
  KernelVersion: told(z.string()),
  // 0 where the engine could not read it (moby daemon/info.go)
  MemTotal: told(z.number().positive()),
  NCPU: told(z.number().positive()),
  DockerRootDir: told(z.string()),
  Driver: told(z.string()),
  CgroupDriver: told(z.string()),
  MemoryLimit: told(z.boolean()),
  PidsLimit: told(z.boolean()),
  CPUShares: told(z.boolean()),
  SystemTime: told(z.string()),
});

/**
 * Undefined for an odd answer.
 * @param now when the answer came, in milliseconds since the epoch
 */
export function parseInfo(json: string, now = Date.now()): Engine | undefined {
  const info = readJson(infoAnswer, json);
  if (info === undefined) return undefined;
  const architectures: Readonly<Record<string, string>> = { x86_64: 'amd64', aarch64: 'arm64' };
  return {
    id: info.ID === '' ? undefined : info.ID,
    serverVersion: info.ServerVersion,
    containerdImageStore: (info.DriverStatus ?? []).some(([, value]) => value === 'io.containerd.snapshotter.v1'),
    platform: `${info.OSType}/${architectures[info.Architecture] ?? info.Architecture}`,
    cgroupVersion: info.CgroupVersion,
    isRootless: (info.SecurityOptions ?? []).includes('name=rootless'),
    host: hostOf(info, now),
  };
}

function hostOf(info: z.infer<typeof infoAnswer>, now: number): EngineHost {
  const time = Date.parse(info.SystemTime ?? '');
  const known = (text: string | undefined): string | undefined => (text === '' ? undefined : text);
  return {
    system: known(info.OperatingSystem),
    kernel: known(info.KernelVersion),
    memory: info.MemTotal,
    cpus: info.NCPU,
    folder: known(info.DockerRootDir),
    storageDriver: known(info.Driver),
    keepsEntryTypes: !(info.DriverStatus ?? []).some(([key, value]) => key === 'Supports d_type' && value === 'false'),
    cgroupDriver: known(info.CgroupDriver),
    hasLimits: info.CgroupDriver !== 'none' && ![info.MemoryLimit, info.PidsLimit, info.CPUShares].includes(false),
    clockAhead: Number.isNaN(time) ? undefined : Math.round((time - now) / 1000),
  };
}

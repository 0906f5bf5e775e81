/** What `npm run failover` brings about, in the order of `--all`. */
export const faultNames = [
  'backends',
  'pods',
  'node',
  'region',
  'cut',
  'cut-one-way',
  'mesh-server',
  'agents',
  'upgrade',
] as const;

export type FaultName = (typeof faultNames)[number];

/** What may become of the requests of each client while a fault is brought about and undone. */
export interface FailoverLimits {
  /** Milliseconds of the longest gap. */
  readonly maxGap?: number | undefined;
  /** Per cent of all that is sent from the start of the fault on. */
  readonly maxFailed?: number | undefined;
}

/** By fault; what is not there may become what it will. */
export type Expected = Readonly<Partial<Record<FaultName, FailoverLimits>>>;

/** `500ms`, `5s`, `1.5m` */
export const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m)$/;

/** `0.1%` */
export const PER_CENT = /^(100|\d{1,2}(?:\.\d+)?)%$/;

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000 };

/** Milliseconds; undefined for what is no duration. */
export function durationOf(text: string): number | undefined {
  const [, number, unit = ''] = DURATION.exec(text) ?? [];
  return number === undefined ? undefined : Number(number) * (UNITS[unit] ?? NaN);
}

/** Undefined for what is none. */
export function perCentOf(text: string): number | undefined {
  const number = PER_CENT.exec(text)?.[1];
  return number === undefined ? undefined : Number(number);
}

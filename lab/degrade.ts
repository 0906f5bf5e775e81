import type { Span } from './cidr.ts';

/** What the network between two regions is like, each way: a round trip takes twice the delay. */
export interface Impairment {
  /** Names of two regions. */
  readonly between: readonly string[];
  /** Milliseconds by which a packet is late. */
  readonly delay?: number | undefined;
  /** Milliseconds, more or less, of that. */
  readonly jitter?: number | undefined;
  /** Per cent of the packets that are lost. */
  readonly loss?: number | undefined;
  /** Most bits a second. */
  readonly rate?: number | undefined;
}

/** A worse network, pair by pair; between regions of no pair all is as it was. */
export type Profile = readonly Impairment[];

/** By name. */
export type Profiles = ReadonlyMap<string, Profile>;

/** What of a lab decides where packets between its regions go. */
interface Where {
  readonly regions: readonly { readonly name: string; readonly pool: Span; readonly podSubnet: Span }[];
  readonly switches: { readonly routing: string };
}

/**
 * All of lab.yaml that makes the network of a profile: where this is another text, it is another network. Addresses of nodes are
 * not in it, which are theirs as long as they live. Pure.
 */
export function networkText({ regions, switches }: Where, profile: Profile): string {
  const ends = regions.filter(({ name }) => profile.some(({ between }) => between.includes(name)));
  const places = ends.map(({ name, pool, podSubnet }) => [name, ...[pool, podSubnet].flatMap(rangeText)]);
  return JSON.stringify([profile, places, switches.routing]);
}

const rangeText = ({ first, last }: Span): string[] => [String(first), String(last)];

/** Names are typed after `degrade on`. */
export const PROFILE_NAME = /^[a-z0-9]([-a-z0-9]{0,30}[a-z0-9])?$/;

/** `500kbit`, `100mbit`, `1gbit` */
export const RATE = /^([1-9]\d{0,5})(kbit|mbit|gbit)$/;

const UNITS: Readonly<Record<string, number>> = { kbit: 1e3, mbit: 1e6, gbit: 1e9 };

/** Bits a second; undefined for what is no rate. */
export function rateOf(text: string): number | undefined {
  const [, number, unit = ''] = RATE.exec(text) ?? [];
  return number === undefined ? undefined : Number(number) * (UNITS[unit] ?? NaN);
}

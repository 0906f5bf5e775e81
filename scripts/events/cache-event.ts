/** The answer of `cache`: what the caches of registries hold. */
export interface CachesEvent {
  readonly event: 'caches';
  readonly caches: readonly CacheLine[];
}

/** A cache of a registry, of all labs of this Docker. */
export interface CacheLine {
  /** `quay.io` */
  readonly registry: string;
  /** Of its container, and of its volume. */
  readonly name: string;
  /** URL of whom it asks; none where it asks nobody. */
  readonly asks?: string;
  readonly running: boolean;
  /** Docker networks that it is on: of labs. */
  readonly networks: readonly string[];
  /** Of its images, each part of them once; none where it does not answer on this machine. */
  readonly bytes?: number;
  /** None where it does not answer on this machine. */
  readonly images?: readonly CachedImage[];
}

/** An image that a cache holds. */
interface CachedImage {
  /** `quay.io/cilium/cilium:v1.14.2`, each of its tags; one that was asked for by its digest alone has that. */
  readonly names: readonly string[];
  /** With parts that other images have too. */
  readonly bytes: number;
  /** When a lab asked for it last, or it came, as ISO 8601 has it. */
  readonly used: string;
}

/** Images that no lab has used for some days are removed from the caches. */
export interface CachesPrunedEvent {
  readonly event: 'caches-pruned';
  readonly days: number;
  readonly images: readonly string[];
  /** What it freed. */
  readonly bytes: number;
  /** Names of caches that do not answer on this machine: they stay as they are. */
  readonly unread: readonly string[];
}

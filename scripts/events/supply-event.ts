/** A program comes from the web: at its start, at each percent where its size is known, and at its end. */
export interface DownloadEvent {
  readonly event: 'download';
  /** `kubectl v1.27.3` */
  readonly what: string;
  /** The publisher's; a mirror may have been asked. */
  readonly url: string;
  readonly state: 'running' | 'done';
  readonly bytes: number;
  /** 0 to 100; 0 while its size is not known. */
  readonly percent: number;
}

/** The answer of `tools`. */
export interface ToolsEvent {
  readonly event: 'tools';
  readonly tools: readonly ToolLine[];
}

/** A program, as the driver calls it. */
export interface ToolLine {
  readonly program: string;
  /** The version that the stack pins; none where any will do. */
  readonly wanted?: string;
  /** The version that it says it has. */
  readonly found: string;
  /** By the user's variable; on the PATH; in the store since an earlier run; or downloaded by this one. */
  readonly from: 'given' | 'PATH' | 'store' | 'download';
  /** Absolute path. */
  readonly file: string;
  /** SHA-256 of what was downloaded, in hexadecimal; none of what is the user's. */
  readonly sha256?: string;
}

/** Downloads that no lab has used for a day are removed. */
export interface PrunedEvent {
  readonly event: 'pruned';
  /** The store. */
  readonly folder: string;
  /** What it freed. */
  readonly bytes: number;
}

/** A bundle was written; or it was read by a deploy, and every part of it is as it was written. */
export interface BundleEvent {
  readonly event: 'bundle';
  readonly state: 'written' | 'checked';
  /** Absolute path. */
  readonly file: string;
  readonly bytes: number;
  /** Name of the lab that it was made for. */
  readonly lab: string;
  /** When it was made, as ISO 8601 has it. */
  readonly made: string;
  /** Of its images: `linux/amd64`. */
  readonly platform: string;
  /** How many images are in it. */
  readonly images: number;
}

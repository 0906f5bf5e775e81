import { performance } from 'node:perf_hooks';

/** Milliseconds since 1970 by a clock that goes on evenly: that of `probe/load.mjs`. */
export const now = (): number => performance.timeOrigin + performance.now();

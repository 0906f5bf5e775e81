import { publicUrl } from '../../lab/public-url.ts';
import type { DriverEvent } from '../events/events.ts';

/** Tells how far a download is: at its start, at each percent where its size is known, and at its end. */
export function shownDownload(what: string, url: string, tell: (event: DriverEvent) => void) {
  const about = { event: 'download', what, url: publicUrl(url) } as const;
  let bytes = 0;
  let percent = 0;
  return {
    started: () => {
      tell({ ...about, state: 'running', bytes, percent });
    },
    onBytes: (so: number, whole: number | undefined) => {
      bytes = so;
      const now = whole === undefined || whole === 0 ? 0 : Math.min(99, Math.floor((100 * so) / whole));
      if (now <= percent) return;
      // no tenth is left out, however large the pieces in which it comes
      percent = Math.floor(now / 10) > Math.floor(percent / 10) ? now - (now % 10) : now;
      tell({ ...about, state: 'running', bytes, percent });
    },
    done: () => {
      tell({ ...about, state: 'done', bytes, percent: 100 });
    },
  };
}

import type { Download, Lab } from '../../lab/lab.ts';
import { publicUrl } from '../../lab/public-url.ts';
import { downloadsOf } from '../../lab/published.ts';
import { FindingsError } from '../events/errors.ts';
import { unknownToChart } from '../supply/chart-values.ts';
import type { Observed } from '../observe/observed.ts';
import { Log } from '../tools/log.ts';
import { type LabStep, run, skip } from './step.ts';
import { allOf } from './wait.ts';

/** The chart and the manifest, once for all regions and with the bytes that the stack pins: Helm and kubectl get files. */
export const fetch: LabStep = {
  name: 'fetch',
  title: 'download the chart and the manifest',
  scope: 'lab',
  after: [],
  decide({ lab, observed, runs }) {
    if (downloadsOf(lab.sources).length === 0) return skip('they lie on this machine');
    const missing = notThere(lab, observed);
    if (missing.length === 0) return skip('they are there');
    if (!runs('upgrade') && !runs('cilium') && !runs('metallb')) return skip('no region needs them');
    return run(`${missing.map(fileName).join(' and ')} not there`);
  },
  async run({ lab, observed, paths, sources, ...work }) {
    const log = new Log(paths.log('fetch'), (message) => {
      work.progress(message);
    });
    const progress = (text: string): void => {
      log.write(`${text}\n`);
      work.progress(text);
    };
    const downloads = notThere(lab, observed).map(async (wanted) => {
      const shown = publicUrl(wanted.url);
      progress(shown);
      progress(`${shown} has SHA-256 ${await sources.bring(wanted, { ...work, progress })}`);
    });
    try {
      await allOf(downloads);
    } finally {
      log.close();
    }
    const unknown = unknownToChart(lab, sources);
    if (unknown.length === 0) return;
    throw new FindingsError(
      'lab.yaml gives Cilium values that its chart does not know',
      unknown,
      'correct lab.yaml, then npm run synth, and deploy again',
    );
  },
};

/** What is still to be downloaded: it is not there, or has other bytes than it must have. */
export function notThere({ sources }: Lab, observed: Observed): readonly Download[] {
  return downloadsOf(sources).filter(({ url }) => !observed.sources.has(url));
}

/** `cilium-1.14.2.tgz` */
const fileName = ({ url }: Download): string => new URL(url).pathname.split('/').at(-1) ?? url;

import { writeFileSync } from 'node:fs';
import { chartKeys } from '../lab/chart.ts';
import { writeKeys } from '../lab/chart-keys.ts';

// Writes the keys that a chart knows:
// node --import tsx scripts/chart-keys.ts cilium-VERSION.tgz lab/chart-keys/cilium-VERSION.yaml
const [chart, out] = process.argv.slice(2);
const keys = chart === undefined ? undefined : chartKeys(chart, '');
if (keys === undefined || out === undefined)
  throw new Error('Usage: scripts/chart-keys.ts CHART OUT, a .tgz or a folder');
writeFileSync(out, writeKeys(keys));

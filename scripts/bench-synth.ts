import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { synthesize } from '../constructs/lab-app.ts';
import { write } from '../constructs/write.ts';
import { loadLab } from '../lab/load.ts';
import { distBeside } from '../lab/read-memory.ts';

// Synthesis must be linear in the number of regions: npm run bench:synth measures labs of 2 to 511 regions, each in a process
// of its own, and exits 1 where a region costs more than 1.5 times as much in the largest as in one of 64.

const sizes = [2, 16, 64, 256, 511];
const most = 1.5;

interface Measurement {
  readonly regions: number;
  /** From reading lab.yaml to the last file written, without the start of Node. */
  readonly synthMs: number;
  /** The same once more, where all addresses are remembered and no file differs. */
  readonly againMs: number;
  readonly peakMiB: number;
}

const one = process.argv[2];
if (one === undefined) compareSizes();
else console.log(JSON.stringify(measure(Number(one))));

function compareSizes(): void {
  const rows: Row[] = [];
  for (const regions of sizes) {
    const start = performance.now();
    const output = execFileSync(process.execPath, ['--import', 'tsx', import.meta.filename, String(regions)]);
    const wallMs = performance.now() - start;
    rows.push({ ...(JSON.parse(output.toString()) as Measurement), wallMs });
  }
  console.log(table(rows));
  const ratio = costOf(rows, 511) / costOf(rows, 64);
  console.log(`A region costs ${ratio.toFixed(2)} times as much at 511 as at 64 (at most ${most}).`);
  process.exitCode = ratio > most ? 1 : 0;
}

function measure(regions: number): Measurement {
  const folder = mkdtempSync(join(tmpdir(), 'bench-synth-'));
  try {
    const lab = join(folder, 'lab.yaml');
    writeFileSync(lab, labOf(regions));
    const around = { cwd: process.cwd(), home: homedir(), labFile: lab };
    const synth = (): number => {
      const start = performance.now();
      write({ path: distBeside(lab), by: 'bench' }, () => ({ lab: 'bench', files: synthesize(loadLab(lab)) }), around);
      return performance.now() - start;
    };
    return { regions, synthMs: synth(), againMs: synth(), peakMiB: process.resourceUsage().maxRSS / 1024 };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function labOf(regions: number): string {
  const names = Array.from({ length: regions }, (_, index) => `  - name: region-${index + 1}\n    workers: 1\n`);
  return `name: bench\nstack: current\nregions:\n${names.join('')}`;
}

interface Row extends Measurement {
  readonly wallMs: number;
}

function costOf(rows: readonly Row[], regions: number): number {
  const row = rows.find((candidate) => candidate.regions === regions);
  if (row === undefined) throw new Error(`${regions} regions were not measured`);
  return row.synthMs / regions;
}

function table(rows: readonly Row[]): string {
  const header = ['regions', 'wall ms', 'synth ms', 'ms/region', 'again ms', 'peak MiB'];
  const lines = rows.map((row) => [
    String(row.regions),
    row.wallMs.toFixed(0),
    row.synthMs.toFixed(0),
    (row.synthMs / row.regions).toFixed(2),
    row.againMs.toFixed(0),
    row.peakMiB.toFixed(0),
  ]);
  return [header, ...lines].map((cells) => cells.map((cell) => cell.padStart(10)).join('')).join('\n');
}

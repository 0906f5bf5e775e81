import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Lab } from '../../lab/lab.ts';
import { loadLab } from '../../lab/load.ts';
import { LabError } from '../../lab/problems.ts';

/** The article's lab in as few words as possible. */
export const articleLab = 'name: lab\nregions:\n  - name: region-athens\n  - name: region-hurup\n';

/** Runs `use` with a folder that is gone afterwards. */
export function inFolder<T>(use: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'lab-'));
  try {
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The lab of a lab file with that text. */
export function labOf(text: string): Lab {
  return inFolder((folder) => {
    const file = join(folder, 'lab.yaml');
    writeFileSync(file, text);
    return loadLab(file);
  });
}

/** The lines of what is said about a lab file with that text, which is called `lab.yaml` in them. */
export function refusalOf(text: string): readonly string[] {
  return inFolder((folder) => {
    const file = join(folder, 'lab.yaml');
    writeFileSync(file, text);
    try {
      loadLab(file);
    } catch (error) {
      if (!(error instanceof LabError)) throw error;
      return error.message.replaceAll(file, 'lab.yaml').split('\n');
    }
    throw new Error('the lab was accepted');
  });
}

// @ts-check
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { readFile } from 'node:fs/promises';
import * as nodeModule from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { fingerprint } from './fingerprint.mjs';

/** The programs, and the files that they begin with. */
const entries = { lab: 'scripts/lab.ts', synth: 'main.ts' };

const project = fileURLToPath(new URL('..', import.meta.url));

/** Milliseconds after which nothing runs any more that was compiled from former sources. */
const DAY = 86_400_000;

/**
 * Runs a program of the project. Its TypeScript is compiled when it is first run and after each change, and kept in
 * `node_modules/.cache`: Node.js loads a few files four times as fast as some hundred through a loader. Where they cannot be
 * kept, or the TypeScript has a mistake, tsx runs it as it is.
 * @param {keyof typeof entries} program
 */
export async function start(program) {
  try {
    process.cwd();
  } catch {
    console.error('the working folder is gone: it was removed. Remedy: cd into one that exists, then run this again.');
    process.exit(2);
  }
  const folder = await compile().catch(() => undefined);
  if (folder !== undefined) {
    // Node.js 22.8 and later keep what V8 makes of them too; where they cannot, they do without
    nodeModule.enableCompileCache?.(join(folder, 'v8'));
    await import(pathToFileURL(join(folder, `${program}.js`)).href);
    return;
  }
  const { register } = await import('tsx/esm/api');
  register();
  await import(pathToFileURL(join(project, entries[program])).href);
}

/** @returns {Promise<string>} the folder of the compiled programs @throws where there can be none */
export async function compile() {
  const cache = join(project, 'node_modules', '.cache', 'clustermesh-lab');
  const folder = join(cache, fingerprint(project));
  // another user's folder is there, and cannot be read
  const isThere = () => existsSync(join(folder, 'lab.js'));
  if (isThere()) return folder;
  mkdirSync(cache, { recursive: true });
  accessSync(cache, constants.W_OK);
  removeFormer(cache);
  const made = mkdtempSync(join(cache, 'new-'));
  try {
    const { build } = await import('esbuild');
    await build({
      absWorkingDir: project,
      entryPoints: Object.entries(entries).map(([out, file]) => ({ in: file, out })),
      outdir: made,
      bundle: true,
      splitting: true,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      logLevel: 'silent',
      // libraries that are no modules yet
      // under a name that no module has
      banner: {
        js: "import { createRequire as makeRequireHere } from 'node:module'; const require = makeRequireHere(import.meta.url);",
      },
      plugins: [inPlace],
    });
    renameSync(made, folder);
  } catch (error) {
    rmSync(made, { recursive: true, force: true });
    // another one was first
    if (!isThere()) throw error;
  }
  return folder;
}

/** A source file names others by its own place, wherever it is compiled to. @type {import('esbuild').Plugin} */
const inPlace = {
  name: 'in-place',
  setup: ({ onLoad }) => {
    onLoad({ filter: /\.ts$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')).replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href)),
      loader: 'ts',
    }));
  },
};

/** @param {string} cache */
function removeFormer(cache) {
  for (const name of readdirSync(cache)) {
    const folder = join(cache, name);
    if (Date.now() - statSync(folder).mtimeMs > DAY) rmSync(folder, { recursive: true, force: true });
  }
}

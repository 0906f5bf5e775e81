import { spawnSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Case } from './cases.ts';

/** What a program answered, without what differs from call to call. */
export interface Answer {
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * The answer of a program to a case, in a folder of its own.
 * @param fileOf the program's file
 * @param env of the program; its PATH has docker
 */
export function answerTo(
  { line, files = {}, env: more = {} }: Case,
  fileOf: (program: string) => string,
  env: Readonly<Record<string, string>>,
): Answer {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'contract-')));
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    const [program = '', ...args] = typeof line === 'string' ? line.split(' ') : line;
    const { status, stdout, stderr } = spawnSync(fileOf(program), args, {
      cwd: folder,
      env: { ...env, HOME: folder, ...more },
      encoding: 'utf8',
      timeout: 60_000,
    });
    const plain = (text: string): string => normal(text, folder);
    return { exit: status, stdout: plain(stdout), stderr: plain(stderr) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Without times, places and klog's marks. Pure. */
function normal(text: string, folder: string): string {
  return (
    text
      .replaceAll(folder, 'FOLDER')
      .replaceAll(/^[EWI]\d{4} \d\d:\d\d:\d\d\.\d+ +\d+ \S+\] .*\n/gm, '')
      .replaceAll(/\d\d:\d\d:\d\d(\.\d+)?/g, 'TIME')
      // kind v0.32, and containerd v2.2, on a machine of cgroup v1
      .replaceAll(/^time=\S+ level=warning msg="DEPRECATION: The support for cgroup v1 .*\n/gm, '')
      .replaceAll(/^cgroup v1 is deprecated in Kubernetes .*\n/gm, '')
  );
}

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { publishedAt, type PublishedProgram } from '../../scripts/supply/published.ts';
import { platformOf } from '../../scripts/tools/toolchain.ts';
import type { RealLab } from './real-lab.ts';

/** Versions that no lock has, as the kit may have them: what is published elsewhere has other bytes. */
const versions: Readonly<Partial<Record<PublishedProgram, string>>> = {
  helm: 'v3.12.1',
  kubectl: 'v1.27.1',
  cilium: 'v0.16.20',
};

/**
 * Deploys a lab whose programs come from a mirror of this machine, under the published paths, with their checksum files; where
 * the kit does not have them, with those that are given.
 * @param write writes lab.yaml, with these lines too
 */
export function bareMachine(lab: RealLab, write: (pins: string) => Promise<void>): void {
  const tools = join(process.env.LAB_KIT ?? '', 'real-tools', 'bin');
  const files = Object.entries(versions).map(([program, version]) => join(tools, `${program}-${version}`));
  const missing = files.filter((file) => !existsSync(file));
  const lacks = `no download of programs: the kit lacks ${missing.join(', ')}`;

  describe(missing.length === 0 ? 'on a machine with kind alone' : `on this machine (${lacks})`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'mirror-'));
    const asked: string[] = [];
    const server = createServer(({ url = '' }, answer) => {
      asked.push(url);
      const file = join(folder, url);
      if (existsSync(file)) answer.end(readFileSync(file));
      else answer.writeHead(404).end();
    });

    beforeAll(async () => {
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      if (missing.length > 0) return write('');
      for (const [program, version] of Object.entries(versions))
        publish(program as PublishedProgram, version, tools, folder);
      const { helm = '', kubectl = '', cilium = '' } = versions;
      await write(`versions: { helm: ${helm}, kubectl: ${kubectl}, ciliumCli: ${cilium} }\n`);
      const mirror = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      lab.without(Object.keys(versions) as PublishedProgram[], mirror);
    });
    afterAll(() => {
      server.close();
      rmSync(folder, { recursive: true });
    });

    it('WHEN it is deployed THEN the mesh stands', async () => {
      await lab.deploy('--yes', '--skip-test');
      await lab.expectWholeMesh();
    });

    it.skipIf(missing.length > 0)('THEN programs came by the mirror AND a second deploy asks nobody', async () => {
      expect(asked.filter((url) => !/\.sha256(sum)?$/.test(url))).toHaveLength(3);

      asked.length = 0;
      expect(await lab.deploy('--skip-test')).toEqual([]);
      expect(asked).toEqual([]);
    });
  });
}

/** Puts a program of the kit where its project has it, below the mirror. */
function publish(program: PublishedProgram, version: string, tools: string, folder: string): void {
  const { url, member, sums } = publishedAt(program, version, platformOf(process.platform, process.arch));
  const placeOf = (at: string): string => join(folder, new URL(at).host, new URL(at).pathname);
  const place = placeOf(url);
  mkdirSync(join(place, '..'), { recursive: true });
  const file = join(tools, `${program}-${version}`);
  if (!existsSync(file)) return;
  if (member === undefined) copyFileSync(file, place);
  else {
    const made = mkdtempSync(join(folder, 'archive-'));
    mkdirSync(join(made, member, '..'), { recursive: true });
    copyFileSync(file, join(made, member));
    execFileSync('tar', ['-czf', place, '-C', made, member]);
  }
  writeFileSync(placeOf(sums), createHash('sha256').update(readFileSync(place)).digest('hex'));
}

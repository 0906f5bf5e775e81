import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { publishedAt, type PublishedProgram } from '../../scripts/supply/published.ts';
import { platformOf } from '../../scripts/tools/toolchain.ts';

/** Versions that no lock has, as the kit may have them: what is published elsewhere has other bytes. */
const versions: Readonly<Partial<Record<PublishedProgram, string>>> = {
  helm: 'v3.12.1',
  kubectl: 'v1.27.1',
  cilium: 'v0.16.20',
};

/** The programs that it has. */
export const mirrored = Object.keys(versions) as PublishedProgram[];

/** `versions:` of a lab of these. */
export const mirroredVersions = `versions: { helm: ${versions.helm}, kubectl: ${versions.kubectl}, ciliumCli: ${versions.cilium} }\n`;

const tools = join(process.env.LAB_KIT ?? '', 'real-tools', 'bin');
const programFile = (program: PublishedProgram): string => join(tools, `${program}-${versions[program]}`);

/** A mirror of this machine, with the kit's programs under the published paths, and their checksum files. */
export class Mirror {
  /** Paths, in the order in which they were asked for. */
  readonly asked: string[] = [];
  readonly #folder = mkdtempSync(join(tmpdir(), 'mirror-'));
  readonly #server: Server;

  constructor() {
    this.#server = createServer(({ url = '' }, answer) => {
      this.asked.push(url);
      const file = join(this.#folder, url);
      if (existsSync(file)) answer.end(readFileSync(file));
      else answer.writeHead(404).end();
    });
  }

  /** Files that the kit lacks for it. */
  static get missing(): string[] {
    return mirrored.map(programFile).filter((file) => !existsSync(file));
  }

  /** @returns its URL */
  async open(): Promise<string> {
    for (const program of mirrored) this.#publish(program);
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** It has this file too. @param url as its publisher has it */
  add(url: string, file: string): void {
    copyFileSync(file, this.#placeOf(url));
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #placeOf(url: string): string {
    const { host, pathname } = new URL(url);
    const place = join(this.#folder, host, pathname);
    mkdirSync(join(place, '..'), { recursive: true });
    return place;
  }

  /** Puts a program of the kit where its project has it. */
  #publish(program: PublishedProgram): void {
    const platform = platformOf(process.platform, process.arch);
    const { url, member, sums } = publishedAt(program, versions[program] ?? '', platform);
    const place = this.#placeOf(url);
    if (member === undefined) copyFileSync(programFile(program), place);
    else {
      const made = mkdtempSync(join(this.#folder, 'archive-'));
      mkdirSync(join(made, member, '..'), { recursive: true });
      copyFileSync(programFile(program), join(made, member));
      execFileSync('tar', ['-czf', place, '-C', made, member]);
    }
    writeFileSync(this.#placeOf(sums), createHash('sha256').update(readFileSync(place)).digest('hex'));
  }
}

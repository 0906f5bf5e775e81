import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Encryption } from '../../../lab/switches.ts';
import type { KernelFacts } from '../../../scripts/doctor/facts.ts';
import { askKernel, containerNames, freeBytes, kernelHere } from '../../../scripts/doctor/gather.ts';
import { Queries } from '../../../scripts/observe/queries.ts';
import { Runner } from '../../../scripts/tools/runner.ts';
import { makeProgramFolder, type ProgramFolder } from '../tools/programs.ts';
import { allThere, articleLab, athens, imagesOf, nothingThere } from '../fixtures.ts';
import { configOf, engine, facts, features, host, lab } from './facts.ts';

const unknown: KernelFacts = { config: undefined, vxlan: undefined, wireguard: undefined, esp: undefined };
const encrypting = (encryption: Encryption) => articleLab({ switches: { ...lab.switches, encryption } });

let programs: ProgramFolder;
let queries: Queries;
beforeEach(() => {
  programs = makeProgramFolder();
  queries = new Queries(new Runner(programs.env, new AbortController().signal));
});
afterEach(() => {
  programs.dispose();
});

/** A docker that keeps its arguments, says this, and ends with this code. */
function addDocker(code: number, stdout: string, stderr = ''): void {
  const file = programs.file('asked');
  programs.addScript('docker', `echo "$@" >> ${file}\necho '${stdout}'\necho '${stderr}' >&2\nexit ${code}`);
}

const asked = (): string | undefined => {
  const file = programs.file('asked');
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
};

const image = athens().nodeImage;
const pulled = nothingThere(lab, { images: imagesOf(lab) });
const elsewhere = { ...pulled, engine: engine({ kernel: '6.10.14-linuxkit' }).observed.engine };

describe("the engine's kernel, asked by a container", () => {
  const ask = (changes: Parameters<typeof facts>[0], known = unknown, of = lab) =>
    askKernel(queries, of, facts(changes), known);

  it('GIVEN a kernel that is not this one WHEN asked THEN it tells what it was built with', async () => {
    const config = configOf(features).trimEnd();
    addDocker(0, config);
    expect(await ask({ observed: elsewhere })).toEqual({ ...unknown, config: `${config}\n`, vxlan: true });
    expect(asked()).toBe(
      `run --rm --pull never --network none --entrypoint gzip ${image} --decompress --stdout /proc/config.gz`,
    );
  });

  it('GIVEN one that does not tell WHEN asked THEN nothing is known', async () => {
    addDocker(1, '', 'gzip: /proc/config.gz: No such file or directory');
    expect(await ask({ observed: elsewhere })).toEqual(unknown);
  });

  it.each([
    { code: 0, stderr: '', vxlan: true },
    { code: 2, stderr: 'Error: Unknown device type.', vxlan: false },
    { code: 2, stderr: 'RTNETLINK answers: Operation not supported', vxlan: false },
    { code: 2, stderr: 'RTNETLINK answers: Operation not permitted', vxlan: undefined },
    { code: 125, stderr: 'docker: unknown flag: --pull', vxlan: undefined },
  ])("GIVEN this machine's, which answers $stderr WHEN a VXLAN device is tried THEN $vxlan", async (answer) => {
    addDocker(answer.code, '', answer.stderr);
    const known = { ...unknown, config: 'CONFIG_BPF=y\n' };
    expect(await ask({ observed: pulled }, known)).toEqual({ ...known, vxlan: answer.vxlan });
    expect(asked()).toBe(
      `run --cap-add NET_ADMIN --rm --pull never --network none --entrypoint ip ${image} link add lab-vxlan type vxlan id 1 dstport 8472`,
    );
  });

  it.each([
    { encryption: 'wireguard', fact: 'wireguard', trial: 'link add lab-wireguard type wireguard' },
    {
      encryption: 'ipsec',
      fact: 'esp',
      trial: `xfrm state add src 127.0.0.1 dst 127.0.0.1 proto esp spi 3 mode tunnel aead rfc4106(gcm(aes)) 0x${'0'.repeat(40)} 128`,
    },
  ] as const)('GIVEN encryption $encryption WHEN asked THEN it is tried', async ({ encryption, fact, trial }) => {
    const known = { ...unknown, vxlan: true };
    const of = encrypting(encryption);
    addDocker(0, '');
    expect(await ask({ observed: pulled }, known, of)).toEqual({ ...known, [fact]: true });
    expect(asked()).toBe(`run --cap-add NET_ADMIN --rm --pull never --network none --entrypoint ip ${image} ${trial}`);
    addDocker(2, '', 'Error: Requested AEAD algorithm not found.');
    expect(await ask({ observed: elsewhere }, known, of)).toEqual({ ...known, [fact]: false });
    addDocker(126, '', 'exec: "ip": executable file not found in $PATH');
    expect(await ask({ observed: pulled }, known, of)).toEqual(known);
  });

  it('GIVEN a living lab WHEN it begins to encrypt THEN it is tried; one that does so already is not asked', async () => {
    const of = encrypting('wireguard');
    addDocker(0, '');
    expect(await ask({ observed: allThere(lab) }, unknown, of)).toEqual({ ...unknown, wireguard: true });
    rmSync(programs.file('asked'));
    const values = { encryption: { enabled: true, type: 'wireguard' } };
    const living = allThere(of);
    const regions = new Map(
      [...living.regions].map(([name, { cluster, ...seen }]) => {
        const { release } = cluster ?? {};
        return [name, { ...seen, cluster: cluster && release && { ...cluster, release: { ...release, values } } }];
      }),
    );
    expect(await ask({ observed: { ...living, regions } }, unknown, of)).toEqual(unknown);
    expect(asked()).toBeUndefined();
  });

  it('GIVEN no need of it WHEN judged THEN no container runs', async () => {
    addDocker(0, '');
    const native = articleLab({ switches: { ...lab.switches, routing: 'native' } });
    const needless = [
      // it is known
      await ask({ observed: pulled }, { ...unknown, vxlan: true }),
      // the image is not there, and is not pulled for it
      await ask({}),
      // no cluster is to be made
      await ask({ observed: allThere(lab) }),
      await ask({ observed: undefined }),
      // Cilium makes no tunnel
      await ask({ observed: pulled }, unknown, native),
    ];
    expect(needless.slice(1)).toEqual([unknown, unknown, unknown, unknown]);
    expect(asked()).toBeUndefined();
  });
});

describe('what is looked up beside it', () => {
  it('GIVEN containers WHEN asked THEN their names', async () => {
    addDocker(0, 'web\nregion-athens-worker');
    expect(await containerNames(queries)).toEqual(['web', 'region-athens-worker']);
    expect(asked()).toBe('ps --all --no-trunc --format {{.Names}}');
  });

  it('GIVEN a folder WHEN asked THEN the bytes that are free there; one that is not there is not known', () => {
    expect(freeBytes(tmpdir())).toBeGreaterThan(0);
    expect(freeBytes('/not/there')).toBeUndefined();
  });

  it("GIVEN a kernel's configuration WHEN looked at THEN whether it has VXLAN, or that it is not known", () => {
    const root = mkdtempSync(join(tmpdir(), 'kernel-'));
    try {
      mkdirSync(join(root, 'boot'));
      const of = (config: string) => {
        writeFileSync(join(root, `boot/config-${release()}`), config);
        return kernelHere(release(), root).vxlan;
      };
      expect(['CONFIG_VXLAN=y\n', 'CONFIG_VXLAN=m\n', '# CONFIG_VXLAN is not set\n'].map(of)).toEqual([
        true,
        undefined,
        false,
      ]);
      expect(kernelHere('other', root)).toEqual(unknown);
      const esp = ['XFRM', 'XFRM_USER', 'INET_ESP', 'CRYPTO_GCM'].map((name) => `CONFIG_${name}=y\n`);
      of(esp.join(''));
      expect(kernelHere(release(), root).esp).toBe(true);
      of(esp.join('').replace('INET_ESP=y', 'INET_ESP=m'));
      expect(kernelHere(release(), root).esp).toBeUndefined();
      of(esp.slice(0, 3).join(''));
      expect(kernelHere(release(), root).esp).toBe(false);
      writeFileSync(join(root, 'boot/config-5.4.0-1'), '');
      writeFileSync(join(root, 'boot/config-5.10.0-1'), '');
      expect(['5.4.0-1', '5.10.0-1'].map((kernel) => kernelHere(kernel, root).wireguard)).toEqual([undefined, false]);
      mkdirSync(join(root, 'sys/module/vxlan'), { recursive: true });
      expect(of('CONFIG_VXLAN=m\n')).toBe(true);
    } finally {
      rmSync(root, { recursive: true });
    }
  });
});

it('GIVEN an engine of another machine with a kernel of the same release THEN it is not this one', async () => {
  addDocker(1, '');
  await askKernel(
    queries,
    lab,
    facts({ observed: pulled, ...host({ env: { DOCKER_HOST: 'ssh://build.example' } }) }),
    unknown,
  );
  expect(asked()).toContain('--entrypoint gzip');
});

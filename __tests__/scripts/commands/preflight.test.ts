import { afterAll, describe, expect, it } from 'vitest';
import type { Lab } from '../../../lab/lab.ts';
import { loadLab } from '../../../lab/load.ts';
import { exitCode, UserError } from '../../../scripts/events/errors.ts';
import { checkMachine, inotifyWarning, remoteWarning } from '../../../scripts/commands/preflight.ts';
import { Runner } from '../../../scripts/tools/runner.ts';
import { platformOf } from '../../../scripts/tools/toolchain.ts';
import { makeProgramFolder } from '../tools/programs.ts';
import { articleLab, athens } from '../fixtures.ts';

const lab = articleLab();
const currentLab = loadLab('examples/current-stack/lab.yaml');
const small = articleLab({ regions: [athens()] });
const limits = (watches: number | undefined, instances: number | undefined) => (name: string) =>
  name === 'max_user_watches' ? watches : instances;

describe("the kernel's inotify limits", () => {
  const text = '8 nodes may run out of inotify handles ("too many open files"): sudo sysctl';

  it.each<{ given: string; of: Lab; watches?: number; instances?: number; warnings: string[] }>([
    {
      given: "Ubuntu's defaults",
      of: lab,
      watches: 8192,
      instances: 128,
      warnings: [`${text} fs.inotify.max_user_watches=524288 fs.inotify.max_user_instances=512`],
    },
    {
      given: 'one limit that is low',
      of: lab,
      watches: 524288,
      instances: 511,
      warnings: [`${text} fs.inotify.max_user_instances=512`],
    },
    { given: 'just enough', of: lab, watches: 524288, instances: 512, warnings: [] },
    { given: 'a machine without such limits', of: lab, warnings: [] },
    { given: 'low limits and four nodes', of: small, watches: 8192, instances: 128, warnings: [] },
  ])('GIVEN $given WHEN checked THEN $warnings', ({ of, watches, instances, warnings }) => {
    expect(inotifyWarning(of, limits(watches, instances))).toEqual(warnings);
  });
});

describe('a Docker Engine elsewhere', () => {
  it.each([
    ['ssh://me@build.example', 'build.example'],
    ['tcp://10.1.2.3:2376', '10.1.2.3'],
    ['tcp://[fd00::1]:2376', '[fd00::1]'],
  ])('GIVEN DOCKER_HOST %s THEN its API servers are not reached from here', (host, name) => {
    expect(remoteWarning(host)).toEqual([
      `DOCKER_HOST names the machine ${name}: kind publishes the API servers on 127.0.0.1 there, where kubectl and helm do not reach them from here; run the lab on that machine`,
    ]);
  });

  it.each([undefined, '', 'unix:///run/user/1000/docker.sock', 'tcp://127.0.0.1:2375', 'tcp://localhost:2375'])(
    'GIVEN DOCKER_HOST %s THEN nothing is said',
    (host) => {
      expect(remoteWarning(host)).toEqual([]);
    },
  );
});

describe('the programs of this machine', () => {
  const empty = makeProgramFolder();
  const full = makeProgramFolder();
  const never = new AbortController().signal;
  const { os, arch } = platformOf(process.platform, process.arch);
  afterAll(() => {
    empty.dispose();
    full.dispose();
  });

  it('GIVEN none of them WHEN checked THEN all are named at once, with version and place', async () => {
    const check = checkMachine(lab, new Runner(empty.env, never), {});

    const text = [
      'missing on the PATH:',
      '  docker              https://docs.docker.com/engine/install/',
      `  kind v0.20.0        https://kind.sigs.k8s.io/dl/v0.20.0/kind-${os}-${arch}`,
      `  helm v3.17.3        https://get.helm.sh/helm-v3.17.3-${os}-${arch}.tar.gz`,
      `  kubectl v1.27.3     https://dl.k8s.io/release/v1.27.3/bin/${os}/${arch}/kubectl`,
      `  cilium v0.15.8      https://github.com/cilium/cilium-cli/releases/download/v0.15.8/cilium-${os}-${arch}.tar.gz`,
      'Install them, then run this again.',
    ];
    const refusals = text.slice(1, -1).map((row) => {
      const [name = '', url = ''] = row.trim().split(/ {2,}/);
      return { cause: `${name} is missing on the PATH`, remedy: `install it: ${url}` };
    });
    await expect(check).rejects.toThrow(new UserError(text.join('\n'), exitCode.failed, refusals));
  });

  it('GIVEN all of them, two of other versions WHEN checked THEN a warning for these', async () => {
    full.addScript('docker', 'echo 28.2.2');
    full.addScript('kind', 'echo "kind v0.32.0 go1.26.1 linux/amd64"');
    full.addScript('helm', 'echo v3.17.3+ge4da497');
    full.addScript('kubectl', `echo '{"clientVersion": {"gitVersion": "v1.27.3"}}'`);
    full.addScript('cilium', 'echo "what?"');

    expect(await checkMachine(small, new Runner(full.env, never), {})).toEqual([
      `kind is v0.32.0, the stack has v0.20.0 (https://kind.sigs.k8s.io/dl/v0.20.0/kind-${os}-${arch}); pin yours under versions: in lab.yaml`,
      `cilium is of no known version, the stack has v0.15.8 (https://github.com/cilium/cilium-cli/releases/download/v0.15.8/cilium-${os}-${arch}.tar.gz); pin yours under versions: in lab.yaml`,
    ]);
  });

  it.each([
    {
      cli: 'v0.18.4',
      cause: 'Cilium CLI v0.18.4 enables no mesh of Cilium 1.20.0 unless the first install has a value for it.',
    },
    { cli: 'v0.16.4', cause: 'Cilium CLI v0.16.4 does not connect all regions in one call.' },
    {
      cli: 'v0.15.8',
      cause:
        'Cilium CLI v0.15.8 is made for Cilium 1.14, and the lab has 1.20.0. Set versions.ciliumCli to v0.16.0 or later, such as v0.19.7.',
    },
  ])(
    'GIVEN the Cilium CLI $cli, which the stack current does not work with WHEN checked THEN refused',
    async ({ cli, cause }) => {
      addCurrent(cli);

      const refusal = {
        cause: `cilium is ${cli}, the stack has v0.19.7: ${cause}`,
        remedy: `install v0.19.7 (https://github.com/cilium/cilium-cli/releases/download/v0.19.7/cilium-${os}-${arch}.tar.gz)${orPin(cli)}`,
      };
      await expect(checkMachine(currentLab, new Runner(full.env, never), {})).rejects.toThrow(
        new UserError(`${refusal.cause}\n  ${refusal.remedy}`, exitCode.usage, [refusal]),
      );
    },
  );

  it('GIVEN a mesh that the CLI has no part in, or a CLI that does it WHEN checked THEN a warning alone', async () => {
    addCurrent('v0.18.4');
    const warnings = await checkMachine({ ...currentLab, meshMethod: 'install' }, new Runner(full.env, never), {});
    addCurrent('v0.19.9');
    const newer = await checkMachine(currentLab, new Runner(full.env, never), {});

    expect([...warnings, ...newer].map((text) => text.split(' (')[0])).toEqual([
      'cilium is v0.18.4, the stack has v0.19.7',
      'cilium is v0.19.9, the stack has v0.19.7',
    ]);
  });

  /** A pin helps where the lab can be made for the program. */
  const orPin = (cli: string): string =>
    cli === 'v0.15.8' ? '' : `; or pin yours, \`versions: { ciliumCli: ${cli} }\` in lab.yaml, and synthesize anew`;

  /** The programs of the stack current, with this Cilium CLI. */
  function addCurrent(cli: string): void {
    full.addScript('docker', 'echo 29.1.0');
    full.addScript('kind', 'echo "kind v0.32.0 go1.26.1 linux/amd64"');
    full.addScript('helm', 'echo v3.17.3+ge4da497');
    full.addScript('kubectl', `echo '{"clientVersion": {"gitVersion": "v1.36.1"}}'`);
    full.addScript('cilium', `echo "cilium-cli: ${cli} compiled with go1.26.1 on linux/amd64"`);
  }
});

import { describe, expect, it } from 'vitest';
import { stacks } from '../../../lab/stacks.ts';
import { platformOf, toolchain } from '../../../scripts/tools/toolchain.ts';

const linux = { os: 'linux', arch: 'amd64' };
const article = toolchain(stacks.article.versions, linux);

describe('the programs of a stack', () => {
  it("GIVEN the article's stack WHEN listed THEN five programs, their versions and where they are published", () => {
    expect(article.map(({ program, version, url }) => [program, version, url])).toEqual([
      ['docker', undefined, 'https://docs.docker.com/engine/install/'],
      ['kind', 'v0.20.0', 'https://kind.sigs.k8s.io/dl/v0.20.0/kind-linux-amd64'],
      ['helm', 'v3.17.3', 'https://get.helm.sh/helm-v3.17.3-linux-amd64.tar.gz'],
      ['kubectl', 'v1.27.3', 'https://dl.k8s.io/release/v1.27.3/bin/linux/amd64/kubectl'],
      ['cilium', 'v0.15.8', 'https://github.com/cilium/cilium-cli/releases/download/v0.15.8/cilium-linux-amd64.tar.gz'],
    ]);
  });

  it('GIVEN a Mac with its own processor WHEN listed THEN the files for it', () => {
    const [, kind, , kubectl] = toolchain(stacks.current.versions, platformOf('darwin', 'arm64'));

    expect(kind?.url).toBe('https://kind.sigs.k8s.io/dl/v0.32.0/kind-darwin-arm64');
    expect(kubectl?.url).toBe('https://dl.k8s.io/release/v1.36.1/bin/darwin/arm64/kubectl');
  });

  it.each([
    { node: ['linux', 'x64'], platform: { os: 'linux', arch: 'amd64' } },
    { node: ['linux', 'arm64'], platform: { os: 'linux', arch: 'arm64' } },
    { node: ['darwin', 'x64'], platform: { os: 'darwin', arch: 'amd64' } },
  ] as const)("GIVEN Node's $node WHEN translated THEN the releases' words", ({ node: [os, arch], platform }) => {
    expect(platformOf(os, arch)).toEqual(platform);
  });
});

describe('the version that a program tells', () => {
  it.each([
    { program: 'docker', ask: ['version', '--format', '{{.Client.Version}}'], answer: '28.2.2', version: '28.2.2' },
    { program: 'kind', ask: ['version'], answer: 'kind v0.20.0 go1.20.4 linux/amd64', version: 'v0.20.0' },
    { program: 'helm', ask: ['version', '--short'], answer: 'v3.17.3+ge4da497', version: 'v3.17.3' },
    {
      program: 'kubectl',
      ask: ['version', '--client', '--output', 'json'],
      answer:
        '{\n  "clientVersion": {\n    "major": "1",\n    "minor": "27",\n    "gitVersion": "v1.27.3",\n    "goVersion": "go1.20.5"\n  },\n  "kustomizeVersion": "v5.0.1"\n}',
      version: 'v1.27.3',
    },
    {
      program: 'cilium',
      ask: ['version', '--client'],
      answer: 'cilium-cli: v0.16.20 compiled with go1.26.8 on linux/amd64\ncilium image (default): v1.16.3',
      version: 'v0.16.20',
    },
  ])('GIVEN $program WHEN asked THEN $version', ({ program, ask, answer, version }) => {
    const tool = article.find((each) => each.program === program);

    expect(tool?.ask).toEqual({ program, args: ask });
    expect(tool?.pattern.exec(answer)?.[1]).toBe(version);
  });
});

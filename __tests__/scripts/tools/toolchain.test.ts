import { describe, expect, it } from 'vitest';
import { stacks } from '../../../lab/stacks.ts';
import { platformOf, toolchain } from '../../../scripts/tools/toolchain.ts';

const article = toolchain(stacks.article.versions);

describe('the programs of a stack', () => {
  it("GIVEN the article's stack WHEN listed THEN five programs and their versions", () => {
    expect(article.map(({ program, version }) => [program, version])).toEqual([
      ['docker', undefined],
      ['kind', 'v0.20.0'],
      ['helm', 'v3.17.3'],
      ['kubectl', 'v1.27.3'],
      ['cilium', 'v0.15.8'],
    ]);
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
    { program: 'docker', ask: ['--version'], answer: 'Docker version 28.2.2, build e6534b4', version: '28.2.2' },
    { program: 'kind', ask: ['version'], answer: 'kind v0.20.0 go1.20.4 linux/amd64', version: 'v0.20.0' },
    { program: 'kind', ask: ['version'], answer: 'kind v0.33.0-alpha+1a2b3c go1.26', version: 'v0.33.0-alpha' },
    { program: 'helm', ask: ['version', '--short'], answer: 'v3.17.3+ge4da497', version: 'v3.17.3' },
    { program: 'helm', ask: ['version', '--short'], answer: 'v4.0.0-rc.1+gabc', version: 'v4.0.0-rc.1' },
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

import type { Platform } from '../tools/toolchain.ts';

/** The programs that a project publishes; Docker comes with the system. */
export const publishedPrograms = ['kind', 'helm', 'kubectl', 'cilium'] as const;

export type PublishedProgram = (typeof publishedPrograms)[number];

/** Where a project publishes a program. */
export interface Published {
  readonly url: string;
  /** Where the program lies in that archive; undefined: the file is the program. */
  readonly member?: string;
  /** The project's own list of SHA-256 sums, or the sum alone. */
  readonly sums: string;
}

/**
 * From the projects' release scripts: kind hack/release/build/cross.sh and site/layouts/index.redirects, helm Makefile and
 * scripts/get-helm-3, kubectl as kubernetes.io/docs/tasks/tools has it, cilium-cli Makefile.
 * @param version `v0.20.0`
 */
export function publishedAt(program: PublishedProgram, version: string, { os, arch }: Platform): Published {
  switch (program) {
    case 'kind': {
      const url = `https://kind.sigs.k8s.io/dl/${version}/kind-${os}-${arch}`;
      return { url, sums: `${url}.sha256sum` };
    }
    case 'helm': {
      const url = `https://get.helm.sh/helm-${version}-${os}-${arch}.tar.gz`;
      return { url, member: `${os}-${arch}/helm`, sums: `${url}.sha256sum` };
    }
    case 'kubectl': {
      const url = `https://dl.k8s.io/release/${version}/bin/${os}/${arch}/kubectl`;
      return { url, sums: `${url}.sha256` };
    }
    case 'cilium': {
      const url = `https://github.com/cilium/cilium-cli/releases/download/${version}/cilium-${os}-${arch}.tar.gz`;
      return { url, member: 'cilium', sums: `${url}.sha256sum` };
    }
  }
}

/**
 * The sum of a file in a list as `sha256sum` writes it, or in one that holds the sum alone.
 * @param file name of the file, without folders
 */
export function sumIn(list: string, file: string): string | undefined {
  const lines = list
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const rows = lines.map((line) => /^([0-9a-f]{64})(?:\s+\*?(\S+))?$/i.exec(line));
  const row = rows.find((each) => each?.[2]?.split('/').at(-1) === file) ?? (rows.length === 1 ? rows[0] : undefined);
  const named = row?.[2]?.split('/').at(-1);
  return named === undefined || named === file ? row?.[1]?.toLowerCase() : undefined;
}

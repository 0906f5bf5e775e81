import { z } from 'zod';
import { AddressError, Cidr, IpRange } from './cidr.ts';
import { NO_USER } from './public-url.ts';
import { shown } from './shown.ts';
import { patternProblem, UNCUT } from './test-pattern.ts';

/** Most regions of a mesh: Cilium's largest `clustermesh.maxConnectedClusters`. */
export const MOST_REGIONS = 511;

/** Most nodes of one cluster that Kubernetes supports. */
const MOST_NODES = 5000;

/** What Cilium takes as a cluster name: lower case letters, digits and dashes, at most 32, no dash at an end. */
export const REGION_NAME = /^([a-z0-9][-a-z0-9]*)?[a-z0-9]$/;

// A message says what is wrong with the value and begins with it; `input.ts` puts the key before it.
const says = (remedy: string) => ({ error: ({ input }: { input?: unknown }) => `${shown(String(input))} ${remedy}` });

/** What kind calls the docker network of all clusters whose maker names none (pkg/cluster/internal/providers/docker). */
const KIND_NETWORK = 'kind';

/** As `says`, of the name of a docker network. */
const saysOfNetwork = (remedy: string) => ({
  error: ({ input }: { input?: unknown }) =>
    input === KIND_NETWORK
      ? 'kind is the docker network that kind gives every cluster that is not of a lab. Use another name, such as my-lab.'
      : `${shown(String(input))} ${remedy}`,
});

/** Longer than any address, subnet or range is written. */
const LONGEST_ADDRESS = 64;

/** The `params` of an issue whose message proposes something. */
export interface Proposal {
  readonly meant: string;
  /** The message where that is no good either. */
  readonly otherwise: string;
}

/**
 * Text that `read` turns into an address; its message becomes the problem.
 * @param pattern for editors: what `read` takes at least
 * @param remedy what to write, where what was probably meant is no good either
 */
function address<T>(read: (text: string) => T, pattern: RegExp, remedy: string) {
  const text = z.string().meta({ pattern: pattern.source });
  return text.transform((text, context) => {
    try {
      if (text.length > LONGEST_ADDRESS)
        throw new AddressError(`${shown(text)} is too long for an address.`, 'Shorten it.');
      return read(text);
    } catch (error) {
      if (!(error instanceof AddressError)) throw error;
      context.addIssue({ code: 'custom', ...told(error, read, remedy) });
      return z.NEVER;
    }
  });
}

/** The message of an error, with what is meant in the end, where one mistake hides another. */
function told(error: AddressError, read: (text: string) => unknown, remedy: string) {
  const meant = readable(error.meant, read);
  const otherwise = `${error.problem} ${remedy}`;
  if (meant !== undefined) {
    const params: Proposal = { meant, otherwise };
    return { message: `${error.problem} Did you mean ${meant}?`, params: { ...params } };
  }
  return { message: error.meant === undefined ? error.message : otherwise };
}

/** The text, or what is meant by it, that can be read. */
function readable(text: string | undefined, read: (text: string) => unknown): string | undefined {
  if (text === undefined) return undefined;
  try {
    read(text);
    return text;
  } catch (error) {
    return error instanceof AddressError ? readable(error.meant, read) : undefined;
  }
}

const NUMBER = '(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const IPV4 = `${NUMBER}(\\.${NUMBER}){3}`;

/** Not of this network, loopback, link-local, multicast or reserved, which `check-addresses.ts` refuses by name. */
const USABLE = '(?!(0|127|169\\.254|22[4-9]|2[3-5]\\d)\\.)';

/**
 * @param prefixes for editors: a pattern of those that such a subnet may have
 * @param remedy the same in words: `from /8 to /28, such as 172.19.0.0/16`
 */
const cidrOf = (prefixes: string, remedy: string) =>
  address((text) => Cidr.parse(text), new RegExp(`^${USABLE}${IPV4}/(${prefixes})$`), `Write a subnet ${remedy}.`);

/** From one address to another: a pool has two at least. */
const range = address(
  (text) => IpRange.parse(text),
  new RegExp(`^(?!(.*)-\\1$)${USABLE}${IPV4}-${USABLE}${IPV4}$`),
  'Write one in the upper half of network.subnet, such as 172.19.255.1-172.19.255.100.',
);

const HOST = '[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?';
const COMPONENT = '[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*';

/** The grammar of references in distribution/reference: HOST:PORT/PATH:TAG@DIGEST. */
const IMAGE = new RegExp(
  `^(${HOST}(\\.${HOST})*(:\\d+)?/)?${COMPONENT}(/${COMPONENT})*(:\\w[\\w.-]{0,127})?(@sha256:[0-9a-f]{64})?$`,
);

const image = z
  .string()
  .max(512, { abort: true })
  .regex(IMAGE, says('is not an image. Write it as REPOSITORY:TAG or REPOSITORY:TAG@sha256:DIGEST.'));
const tag = z
  .string()
  .max(64, { abort: true })
  .regex(/^v\d+\.\d+\.\d+([-+][\w.+-]+)?$/, says('is not a version. Write it as v1.2.3.'));
const chartVersion = z
  .string()
  .max(64, { abort: true })
  .regex(/^\d+\.\d+\.\d+([-+][\w.+-]+)?$/, says('is not a version of the chart. Write it as 1.2.3, without v.'));
// what is no URL may have a password or a token anywhere: up to the last @, and after the first ?
const withoutSecrets = (text: string) =>
  text.replace(/^([a-z][a-z0-9+.-]*:[/\\]*).*@/is, '$1…@').replace(/\?.*/s, '?…');
const notAUrl = {
  error: ({ input }: { input?: unknown }) =>
    `${shown(withoutSecrets(String(input)))} is not a URL. Write it as https://HOST/PATH, or give a path.`,
  abort: true,
};

// no control character: a program cannot be given NUL, and none of the others is meant
const PLACE = /^[^-\s][^\0-\x1f\x7f]*$/;
// without flags, as editors read them
const WHOLE_DIGEST = /^(?![\s\S]*#[sS][hH][aA]256=(?![0-9a-fA-F]{64}$))/;
// three slashes, or one, are a host too for who fetches it, and hide a password from who looks for one
const HTTP_WITH_HOST = /^(?![hH][tT][tT][pP][sS]?:(?!\/\/[^/\\?#:]))/;
// at a blank the search for a password would end
const URL_WITHOUT_BLANK = /^(?![a-zA-Z][a-zA-Z0-9+.-]*:\/\/[\s\S]*\s)/;

const place = z
  .string()
  .min(1, { abort: true })
  .meta({
    pattern: [WHOLE_DIGEST, HTTP_WITH_HOST, URL_WITHOUT_BLANK, NO_USER, PLACE].reduce(
      (all, { source }) => all + source.slice(1),
      '^',
    ),
  })
  .refine(
    (text) => PLACE.test(text),
    says('is neither a path nor a URL. Write a path, from the folder of this file, or https://….'),
  )
  .refine(
    (text) => WHOLE_DIGEST.test(text),
    says('ends in no SHA-256. Write #sha256= and 64 hexadecimal digits, or leave it out.'),
  )
  .refine((text) => HTTP_WITH_HOST.test(text) && (!/^https?:/i.test(text) || URL.canParse(text)), notAUrl)
  .refine((text) => URL_WITHOUT_BLANK.test(text), notAUrl)
  .refine(
    (text) => NO_USER.test(text),
    says('holds a user or a password, which lab.yaml is no place for. Download it, and give the path of the file.'),
  )
  // schemes know no case: nobody who reads it further need know that
  .transform((text) => text.replace(/^[a-z][a-z0-9+.-]*:\/\//i, (scheme) => scheme.toLowerCase()));

const testPattern = z
  .string()
  .min(1, { abort: true })
  .max(256, { abort: true })
  .meta({ pattern: UNCUT.source })
  .superRefine((text, context) => {
    const message = patternProblem(text);
    if (message !== undefined) context.addIssue({ code: 'custom', message: `${shown(text)} ${message}` });
  });

const values = z
  .record(z.string(), z.unknown())
  .describe('Helm values of the Cilium chart, merged over those that the lab synthesizes; null removes a default');

const region = z
  .strictObject({
    name: z
      .string()
      .meta({ pattern: `^(?!default$)${REGION_NAME.source.slice(1)}`, maxLength: 32 })
      .describe('Name of the kind cluster and of the Cilium cluster: a-z, 0-9 and dashes, at most 32, unique'),
    id: z
      .int()
      .min(1)
      .max(MOST_REGIONS)
      .describe(
        'Cilium cluster id, 1 to 511, unique; by default that in dist/, else the position in the list, counted from 1',
      )
      .optional(),
    podSubnet: cidrOf('[89]|1\\d|2[0-4]', 'from /8 to /24, such as 10.0.0.0/16')
      .describe('Pod subnet, /8 to /24; by default that in dist/, else a free block of network.pods')
      .optional(),
    serviceSubnet: cidrOf('1[2-9]|2[0-8]', 'from /12 to /28, such as 10.1.0.0/16')
      .describe('Service subnet, /12 to /28; by default that in dist/, else a free block of network.pods')
      .optional(),
    pool: range
      .describe(
        "MetalLB's address pool, FIRST-LAST, in the upper half of network.subnet; by default that in dist/, else a free one there",
      )
      .optional(),
    nodeImage: image.describe("Node image of this region's nodes; by default that of sources.nodeImage").optional(),
    workers: z.int().min(0).max(MOST_NODES).default(3).describe('How many worker nodes'),
    controlPlanes: z
      .int()
      .min(1)
      .max(MOST_NODES)
      .default(1)
      .describe('How many control plane nodes; several get a load balancer'),
    cilium: z
      .strictObject({ values: values.default({}) })
      .describe('Settings of Cilium in this region, over those of the lab')
      .prefault({}),
  })
  .describe('A region: one kind cluster');

/** lab.yaml. Unknown keys are refused; defaults are filled in except those that depend on other values. */
export const labSchema = z
  .strictObject({
    name: z
      .string()
      .max(63, { abort: true })
      .regex(
        /^(?!(bridge|host|none|default|kind)$)[a-z0-9]([-a-z0-9]*[a-z0-9])?$/,
        saysOfNetwork('is not a name for a lab. Use a-z, 0-9 and dashes, such as my-lab.'),
      )
      .describe('Name of the lab: of its state folder and, by default, of its docker network'),
    stack: z
      .enum(['article', 'current'])
      .default('article')
      .describe('Versions that fit together: those of the article, or current ones'),
    regions: z.array(region).min(1).meta({ maxItems: MOST_REGIONS }).describe('The regions, 1 to 511'),
    network: z
      .strictObject({
        name: z
          .string()
          .max(128, { abort: true })
          .regex(
            /^(?!(bridge|host|none|default|kind)$)[a-zA-Z0-9][a-zA-Z0-9_.-]*$/,
            saysOfNetwork(
              'is not a name for a docker network of your own. Use letters, digits and dashes, such as my-lab.',
            ),
          )
          .describe("Name of the docker network; by default the lab's name")
          .optional(),
        subnet: cidrOf('[89]|1\\d|2[0-8]', 'from /8 to /28, such as 172.19.0.0/16')
          .prefault('172.19.0.0/16')
          .describe(
            'Subnet of the docker network, /8 to /28: nodes in its lower half, address pools in its upper half',
          ),
        // a larger one has reserved addresses, and no pod subnet fits into a smaller one
        pods: cidrOf('[3-9]|1\\d|2[0-4]', 'from /3 to /24, such as 10.0.0.0/8')
          .prefault('10.0.0.0/8')
          .describe(
            'Native routing CIDR, /3 to /24, which covers all pod subnets; pods and services are allocated from it',
          ),
      })
      .describe('The docker network of the lab, and the space of pods and services')
      .prefault({}),
    loadBalancer: z
      .strictObject({
        addressesPerRegion: z
          .int()
          .min(2)
          .max(65536)
          .describe(
            "Size of each region's address pool; by default that in dist/, for a new region 100, or fewer where all would not fit",
          )
          .optional(),
      })
      .describe('LoadBalancer addresses')
      .prefault({}),
    cilium: z
      .strictObject({ values: values.default({}) })
      .describe('Settings of Cilium in all regions')
      .prefault({}),
    mesh: z
      .strictObject({
        method: z
          .enum(['cli', 'install'])
          .default('cli')
          .describe('cli: the Cilium CLI enables and connects the mesh; install: it is part of the first Helm install'),
        maxConnectedClusters: z
          .literal([255, 511])
          .describe(
            'Most clusters that the mesh can grow to, fixed for its life: 255, or 511 (Cilium 1.15 and later) with half the identities; by default 255, or 511 where an id needs it',
          )
          .optional(),
      })
      .describe('How the mesh is made')
      .prefault({}),
    versions: z
      .strictObject({
        kind: tag.describe('kind, such as v0.20.0').exactOptional(),
        kubernetes: tag.describe('Kubernetes of the node image, such as v1.27.3').exactOptional(),
        cilium: chartVersion.describe('Cilium and its chart, such as 1.14.2').exactOptional(),
        ciliumCli: tag.describe('Cilium CLI, such as v0.15.8').exactOptional(),
        metallb: tag.describe('MetalLB, such as v0.13.7').exactOptional(),
        helm: tag.describe('Helm, such as v3.17.3').exactOptional(),
        kubectl: tag.describe('kubectl; by default the version of Kubernetes').exactOptional(),
      })
      .describe("Single versions, over the stack's")
      .prefault({}),
    sources: z
      .strictObject({
        nodeImage: image.describe("Node image; by default kind's of that Kubernetes version, by digest").optional(),
        ciliumChart: place
          .describe('Cilium chart: URL or path of a .tgz, or path of a folder; a URL may end in #sha256=HEX')
          .optional(),
        metallbManifest: place
          .describe("MetalLB's native manifest: URL or path; a URL may end in #sha256=HEX")
          .optional(),
        images: z
          .strictObject({
            preload: z
              .boolean()
              .default(true)
              .describe("Pull Cilium's image once and load it into all nodes; false where the nodes have it already"),
          })
          .describe('Container images')
          .prefault({}),
      })
      .describe('Where things come from; a relative path starts at the folder of lab.yaml')
      .prefault({}),
    test: z
      .strictObject({
        only: z
          .array(testPattern)
          .default([])
          .describe('Patterns of connectivity tests, passed on as --test; empty runs all'),
      })
      .describe('The connectivity test')
      .prefault({}),
  })
  .describe('A multi-cluster Kubernetes lab: kind, Cilium ClusterMesh and MetalLB');

/** What the message of an issue proposes, of an address that cannot be read. */
export function proposalOf(issue: { readonly code: string; readonly params?: unknown }): Proposal | undefined {
  return issue.code === 'custom' ? (issue.params as Proposal | undefined) : undefined;
}

/** lab.yaml as read: addresses parsed, defaults filled in. */
export type LabInput = z.output<typeof labSchema>;
/** A region of lab.yaml as read. */
export type RegionInput = LabInput['regions'][number];

/** The JSON Schema of lab.yaml (draft 2020-12), for editors. */
export function labJsonSchema() {
  return z.toJSONSchema(labSchema, { io: 'input' });
}

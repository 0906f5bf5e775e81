import { z } from 'zod';
import { AddressError, Cidr, IpRange } from './cidr.ts';

/** Most regions of a mesh: Cilium's largest `clustermesh.maxConnectedClusters`. */
export const MOST_REGIONS = 511;

/** Most nodes of one cluster that Kubernetes supports. */
const MOST_NODES = 5000;

/** What Cilium takes as a cluster name: lower case letters, digits and dashes, at most 32, no dash at an end. */
export const REGION_NAME = /^([a-z0-9][-a-z0-9]*)?[a-z0-9]$/;

// A message says what is wrong with the value and begins with it; `input.ts` puts the key before it.
const says = (remedy: string) => ({ error: ({ input }: { input?: unknown }) => `${String(input)} ${remedy}` });

/** Text that `read` turns into an address; its message becomes the problem. */
function address<T>(read: (text: string) => T) {
  return z.string().transform((text, context) => {
    try {
      return read(text);
    } catch (error) {
      if (!(error instanceof AddressError)) throw error;
      context.addIssue({ code: 'custom', message: error.message });
      return z.NEVER;
    }
  });
}

const cidr = address((text) => Cidr.parse(text));
const range = address((text) => IpRange.parse(text));

const image = z
  .string()
  .regex(/^[a-z0-9][\w./:@-]*$/, says('is not an image. Write it as REPOSITORY:TAG or REPOSITORY:TAG@sha256:DIGEST.'));
const tag = z.string().regex(/^v\d+\.\d+\.\d+([-+][\w.+-]+)?$/, says('is not a version. Write it as v1.2.3.'));
const chartVersion = z
  .string()
  .regex(/^\d+\.\d+\.\d+([-+][\w.+-]+)?$/, says('is not a version of the chart. Write it as 1.2.3, without v.'));
const place = z.string().regex(/^[^-\s]/, says('is neither a path nor a URL.'));

const values = z
  .record(z.string(), z.unknown())
  .describe('Helm values of the Cilium chart, merged over those that the lab synthesizes; null removes a default');

const region = z
  .strictObject({
    name: z
      .string()
      .meta({ pattern: REGION_NAME.source, maxLength: 32 })
      .describe('Name of the kind cluster and of the Cilium cluster: a-z, 0-9 and dashes, at most 32, unique'),
    id: z
      .int()
      .min(1)
      .max(MOST_REGIONS)
      .describe('Cilium cluster id, 1 to 511, unique; by default the position in the list, counted from 1')
      .optional(),
    podSubnet: cidr.describe('Pod subnet; by default a free block of network.pods').optional(),
    serviceSubnet: cidr.describe('Service subnet, /12 to /28; by default a free block of network.pods').optional(),
    pool: range
      .describe("MetalLB's address pool, FIRST-LAST, in the upper half of network.subnet; by default a free one there")
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
      .max(63)
      .regex(
        /^(?!(bridge|host|none|default)$)[a-z0-9]([-a-z0-9]*[a-z0-9])?$/,
        says('is not a name for a lab. Use a-z, 0-9 and dashes, such as my-lab.'),
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
          .regex(
            /^(?!(bridge|host|none|default)$)[a-zA-Z0-9][a-zA-Z0-9_.-]*$/,
            says('is not a name for a docker network of your own. Use letters, digits and dashes, such as my-lab.'),
          )
          .describe("Name of the docker network; by default the lab's name")
          .optional(),
        subnet: cidr
          .prefault('172.19.0.0/16')
          .describe('Subnet of the docker network: nodes in its lower half, address pools in its upper half'),
        pods: cidr
          .prefault('10.0.0.0/8')
          .describe('Native routing CIDR, which covers all pod subnets; pods and services are allocated from it'),
      })
      .describe('The docker network of the lab, and the space of pods and services')
      .prefault({}),
    loadBalancer: z
      .strictObject({
        addressesPerRegion: z
          .int()
          .min(2)
          .max(65536)
          .describe("Size of each region's address pool; by default 100, or fewer where all would not fit")
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
        ciliumChart: place.describe('Cilium chart: URL or path of a .tgz, or path of a folder').optional(),
        metallbManifest: place.describe("MetalLB's native manifest: URL or path").optional(),
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
          .array(z.string().min(1))
          .default([])
          .describe('Patterns of connectivity tests, passed on as --test; empty runs all'),
      })
      .describe('The connectivity test')
      .prefault({}),
  })
  .describe('A multi-cluster Kubernetes lab: kind, Cilium ClusterMesh and MetalLB');

/** lab.yaml as read: addresses parsed, defaults filled in. */
export type LabInput = z.output<typeof labSchema>;
/** A region of lab.yaml as read. */
export type RegionInput = LabInput['regions'][number];

/** The JSON Schema of lab.yaml (draft 2020-12), for editors. */
export function labJsonSchema() {
  return z.toJSONSchema(labSchema, { io: 'input' });
}

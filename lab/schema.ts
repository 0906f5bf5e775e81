import { z } from 'zod';
import { cidrOf, range } from './address-text.ts';
import { profiles } from './degrade-schema.ts';
import { expected } from './failover-schema.ts';
import { scenarios } from './scenario-schema.ts';
import { shown } from './shown.ts';
import { chartVersion, host, image, mirror, place, registryMirror, tag, testPattern } from './text.ts';

/** Most regions of a mesh: Cilium's largest `clustermesh.maxConnectedClusters`. */
export const MOST_REGIONS = 511;

/** Most nodes of one cluster that Kubernetes supports. */
const MOST_NODES = 5000;

/** What Cilium takes as a cluster name: lower case letters, digits and dashes, at most 32, no dash at an end. */
export const REGION_NAME = /^([a-z0-9][-a-z0-9]*)?[a-z0-9]$/;

/** What kind calls the docker network of all clusters whose maker names none (pkg/cluster/internal/providers/docker). */
const KIND_NETWORK = 'kind';

/** The message of a name that is none for a docker network. */
const saysOfNetwork = (remedy: string) => ({
  error: ({ input }: { input?: unknown }) =>
    input === KIND_NETWORK
      ? 'kind is the docker network that kind gives every cluster that is not of a lab. Use another name, such as my-lab.'
      : `${shown(String(input))} ${remedy}`,
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
        'Its LoadBalancer addresses, FIRST-LAST, in the upper half of network.subnet; by default that in dist/, else a free one there',
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
        by: z
          .enum(['metallb', 'cilium'])
          .default('metallb')
          .describe("Who gives and announces the addresses: MetalLB, or Cilium's own LB-IPAM and L2 announcements"),
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
      .strictObject({
        encryption: z
          .enum(['none', 'wireguard', 'ipsec'])
          .default('none')
          .describe('Of traffic between pods of different nodes: none, wireguard, or ipsec (Cilium 1.17)'),
        routing: z
          .enum(['tunnel', 'native'])
          .default('tunnel')
          .describe('Between nodes: tunnel, by VXLAN; native, by routes to the pods of every node; fixed for life'),
        hubble: z.boolean().default(true).describe('Hubble, with its relay and its UI'),
        kvstoremesh: z
          .boolean()
          .describe(
            'KVStoreMesh, a cache of the other regions in each region; by default as the chart has it, on from Cilium 1.16',
          )
          .optional(),
        values: values.default({}),
      })
      .describe('Settings of Cilium in all regions')
      .prefault({}),
    mesh: z
      .strictObject({
        method: z
          .enum(['cli', 'install'])
          .default('cli')
          .describe('cli: the Cilium CLI enables and connects the mesh; install: it is part of the first Helm install'),
        topology: z
          .enum(['full', 'hub'])
          .describe(
            'Which regions are connected: full, the default: every region to all others; hub: one to all others, which are not connected to each other',
          )
          .optional(),
        hub: z.string().describe('With topology: hub, the region in the middle; by default the first').optional(),
        pairs: z
          .array(
            z
              .array(z.string())
              .meta({ minItems: 2, maxItems: 2 })
              .refine(({ length }) => length === 2, 'is no pair. Name two regions: [region-a, region-b].'),
          )
          .describe('In place of a topology: the pairs of regions that are connected, such as [region-a, region-b]')
          .optional(),
        maxConnectedClusters: z
          .literal([255, 511])
          .describe(
            'Most clusters that the mesh can grow to, fixed for its life: 255, or 511 (Cilium 1.15 and later) with half the identities; by default 255, or 511 where an id needs it',
          )
          .optional(),
      })
      .describe('How the mesh is made')
      .prefault({}),
    mcs: z
      .boolean()
      .default(false)
      .describe('MCS-API: ServiceExport, and names below clusterset.local by CoreDNS (Cilium 1.19, Kubernetes v1.35)'),
    tuning: z
      .enum(['lab', 'none'])
      .default('lab')
      .describe(
        'lab: faster, and for clusters that may be lost with the machine (etcd without fsync, no leader elections, one Cilium operator); none: as the programs have it',
      ),
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
        mirrors: z
          .record(host, registryMirror)
          .default({})
          .describe(
            'Registries that are asked before others, by the host that names of images begin with: { quay.io: https://HOST }',
          ),
        images: z
          .strictObject({
            by: z
              .enum(['preload', 'cache', 'nodes'])
              .default('preload')
              .describe(
                'How images reach the nodes: preload, those of the agent and of the probe are pulled once and loaded into all nodes; cache, all of them come through a cache on this machine, which is there for the next lab too; nodes, each node has or pulls them itself',
              ),
            cache: image
              .describe('Image of the registry that is such a cache; by default that of CNCF distribution, by digest')
              .optional(),
            database: image
              .describe('Image of PostgreSQL, for the scenario stateful-split; loaded into the nodes of its region')
              .optional(),
            probe: image
              .describe(
                "Image of the lab's own servers and clients, with Node.js 18 or later and curl; loaded into all nodes",
              )
              .optional(),
          })
          .describe('Container images')
          .prefault({}),
      })
      .describe('Where things come from; a relative path starts at the folder of lab.yaml')
      .prefault({}),
    mirrors: z
      .union([z.literal('china'), z.record(host, mirror)], {
        error:
          'is neither china nor hosts with their mirrors. Write it as { get.helm.sh: https://HOST/PATH }, or china.',
      })
      .default({})
      .describe(
        'Where files of a host are asked for first: its name, and the URL that stands before the path; china names such places for all that is downloaded, registries too',
      ),
    scenarios,
    expect: expected,
    degrade: profiles,
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

/** lab.yaml as read: addresses parsed, defaults filled in. */
export type LabInput = z.output<typeof labSchema>;
/** A region of lab.yaml as read. */
export type RegionInput = LabInput['regions'][number];

/** The JSON Schema of lab.yaml (draft 2020-12), for editors. */
export function labJsonSchema() {
  return z.toJSONSchema(labSchema, { io: 'input' });
}

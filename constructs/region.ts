import { Chart } from 'cdk8s';
import { Construct } from 'constructs';
import { stringify } from 'yaml';
import type { Lab, Region as LabRegion } from '../lab/lab.ts';
import { HOSTS_FOLDER, hostsToml } from '../lab/registries.ts';
import { isAtLeast } from '../lab/stacks.ts';
import { mergeValues } from '../lab/values.ts';
import { AddressPool, PoolAdvertisement } from './address-pool.ts';
import { ciliumValues } from './cilium-values.ts';
import { Document } from './document.ts';
import { header, type RegionFileName, registryFile } from '../lab/generated.ts';
import { KindCluster } from './kind-cluster.ts';
import { CiliumAnnouncement, CiliumPool } from './lb-ipam.ts';
import { Probes } from './probes.ts';
import { addScenarios } from './scenarios/index.ts';

/** What a region is made from. */
export interface RegionProps {
  readonly lab: Lab;
  /** One of the lab's regions. */
  readonly region: LabRegion;
}

/**
 * One region: a kind cluster, Cilium's values, the LoadBalancer addresses, the probes and the scenarios, a chart for each file.
 *
 * The charts do not depend on each other: cdk8s resolves chains of charts in exponential time. The driver's plan has the order.
 */
export class Region extends Construct {
  private readonly name: string;
  private readonly charts = new Map<RegionFileName, Chart>();
  /** Of containerd, which has a language of its own. */
  private readonly hosts = new Map<RegionFileName, string>();

  constructor(scope: Construct, id: string, props: RegionProps) {
    super(scope, id);
    const { lab, region } = props;
    this.name = region.name;

    const { tuned } = lab.switches;
    const isNoted = lab.registries.length > 0 && !isAtLeast(lab.stack.versions.kind, 'v0.27.0');
    new KindCluster(this.file('kind.yaml'), 'cluster', {
      ...{ ...region, tuned, hostsFolder: isNoted ? HOSTS_FOLDER : undefined },
    });
    const values = mergeValues({ ...ciliumValues(lab, region) }, region.values);
    new Document(this.file('cilium-values.yaml'), 'values', values);
    this.addAddresses(lab, region);
    new Probes(this.file('probes.yaml'), 'probes', { lab, region });
    addScenarios(lab, region, (name) => this.file(name));
    for (const registry of lab.registries)
      this.hosts.set(registryFile(registry.host), hostsToml(registry, lab.imagesBy === 'cache'));
  }

  private addAddresses({ loadBalancer, stack: { lbIpam } }: Lab, { pool: range }: LabRegion): void {
    if (loadBalancer === 'cilium') {
      new CiliumPool(this.file('ciliumloadbalancerippool.yaml'), 'pool', { range, lbIpam });
      new CiliumAnnouncement(this.file('ciliuml2announcementpolicy.yaml'), 'announcement');
    } else {
      const pool = new AddressPool(this.file('ipaddresspool.yaml'), 'pool', { range });
      new PoolAdvertisement(this.file('l2advertisement.yaml'), 'advertisement', { pool: pool.name });
    }
  }

  /** The text of each file of this region. */
  public files(): ReadonlyMap<RegionFileName, string> {
    const charts = [...this.charts].map(([name, chart]) => [name, toYaml(chart)] as const);
    return new Map([...charts, ...this.hosts].map(([name, text]) => [name, header(this.name, name) + text]));
  }

  private file(name: RegionFileName): Chart {
    const chart = new Chart(this, name);
    this.charts.set(name, chart);
    return chart;
  }
}

/** YAML 1.1 quoting, as cdk8s does it (Helm and kubectl read `on` as true); no anchors, no folded lines. */
function toYaml(chart: Chart): string {
  const documents = chart.toJson() as readonly unknown[];
  const options = { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false } as const;
  return documents.map((document) => stringify(document, options)).join('---\n');
}

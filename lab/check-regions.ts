import { containersOf } from './nodes.ts';
import type { Problem } from './problems.ts';
import { type LabInput, MOST_REGIONS, REGION_NAME } from './schema.ts';
import { shown } from './shown.ts';
import { resolveStack } from './stacks.ts';

const LONGEST_NAME = 32;

/** Names that kind and Cilium accept, none given twice. Cilium keeps `default` for a cluster without a mesh. */
export function names({ regions }: LabInput): Problem[] {
  const seen = new Set<string>();
  return regions.flatMap(({ name }, index) => {
    const isTwice = seen.has(name);
    seen.add(name);
    const problem = isTwice ? 'is the name of two regions. Rename one of them.' : nameProblem(name);
    return problem === undefined ? [] : [{ path: ['regions', index, 'name'], message: `${quoted(name)} ${problem}` }];
  });
}

function nameProblem(name: string): string | undefined {
  if (name === 'default') return 'is what Cilium calls a cluster without a mesh. Give the region another name.';
  if (!REGION_NAME.test(name)) {
    return 'is not a name that kind and Cilium accept. Use a-z, 0-9 and dashes, no dash at an end, such as region-a.';
  }
  if (name.length > LONGEST_NAME) {
    return `has ${name.length} characters, and Cilium accepts ${LONGEST_NAME}. Shorten it.`;
  }
  return undefined;
}

function quoted(name: string): string {
  return /^\S+$/.test(name) ? shown(name) : `"${shown(name)}"`;
}

/** Ids given once. */
export function ids({ regions }: LabInput): Problem[] {
  const owners = new Map<number, string>();
  return regions.flatMap(({ id, name }, index) => {
    if (id === undefined) return [];
    const owner = owners.get(id);
    owners.set(id, owner ?? name);
    if (owner === undefined) return [];
    const message = `${name}'s id ${id} is ${owner}'s too. Give it another, or leave it out.`;
    return [{ path: ['regions', index, 'id'], message }];
  });
}

/** No more regions, and no higher ids, than the stack's Cilium connects, or than `mesh.maxConnectedClusters` says. */
export function meshSize(input: LabInput): Problem[] {
  const { versions, maxClusters } = resolveStack(input.stack, input.versions);
  const asked = input.mesh.maxConnectedClusters;
  if (asked !== undefined && asked > maxClusters) {
    const message = `Cilium ${versions.cilium} connects ${maxClusters} clusters, not ${asked}. Remove it, or use Cilium 1.15 or later: \`stack: current\`.`;
    return [{ path: ['mesh', 'maxConnectedClusters'], message }];
  }
  const most = asked ?? maxClusters;
  const whose = asked === undefined ? `Cilium ${versions.cilium}` : `mesh.maxConnectedClusters ${asked}`;
  const remedy =
    most === MOST_REGIONS
      ? ''
      : maxClusters === MOST_REGIONS
        ? ` Or use \`mesh.maxConnectedClusters: ${MOST_REGIONS}\`.`
        : ` Cilium 1.15 and later connects ${MOST_REGIONS}: use \`stack: current\`.`;
  const tooHigh = input.regions.flatMap(({ id, name }, index) => {
    if (id === undefined || id <= most) return [];
    const message = `${name}'s id ${id} is above ${most}, the highest of ${whose}. Give a lower one.${remedy}`;
    return [{ path: ['regions', index, 'id'], message }];
  });
  const count = input.regions.length;
  if (count <= most) return tooHigh;
  const message = `${count} regions are more than the ${most} that ${whose} connects. Remove ${count - most}.${remedy}`;
  return [{ path: ['regions'], message }, ...tooHigh];
}

/**
 * A node that runs ordinary pods: a worker, or the only node of the cluster. With several nodes and no worker kind leaves
 * the control planes' taint on, and the ClusterMesh API server does not tolerate it.
 */
export function schedulable({ regions }: LabInput): Problem[] {
  return regions.flatMap(({ name, workers, controlPlanes }, index) => {
    if (workers > 0 || controlPlanes === 1) return [];
    const message = `${name} has ${controlPlanes} control planes and no worker, so no node runs ordinary pods. Use \`workers: 1\` or \`controlPlanes: 1\`.`;
    return [{ path: ['regions', index, 'workers'], message }];
  });
}

/** Addresses for all containers in the lower half of the docker subnet, beside the network's own and the gateway's. */
export function nodeRoom({ regions, network }: LabInput): Problem[] {
  const needed = regions.reduce((sum, region) => sum + containersOf(region), 0);
  const room = Math.max(0, network.subnet.size / 2 - 2);
  if (needed <= room) return [];
  const message =
    `network.subnet ${network.subnet.toString()} has ${room} addresses for nodes, in its lower half, ` +
    `and the lab has ${needed} containers. Use a larger network.subnet, or fewer nodes.`;
  return [{ path: ['network', 'subnet'], message }];
}

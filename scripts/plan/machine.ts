import { overlap } from '../../lab/cidr.ts';
import type { Lab } from '../../lab/lab.ts';
import { publicUrl } from '../../lab/public-url.ts';
import { isAtLeast } from '../../lab/stacks.ts';
import type { Observed } from '../observe/observed.ts';
import { notThere } from '../steps/fetch.ts';
import { nodeImages } from '../steps/pull.ts';
import { lackingImages } from '../steps/preload.ts';
import { subnetAround } from './subnet.ts';

/** What of this machine and of the lab's sources may surprise later, and stops nothing now. Pure. */
export function machineWarnings(lab: Lab, observed: Observed): string[] {
  return [...routeWarnings(lab, observed), ...engineWarnings(lab, observed), ...unpinned(lab, observed)];
}

/** Cilium masquerades nothing that goes to the native routing CIDR. */
function routeWarnings({ network, nativeRoutingCidr: pods }: Lab, { routes }: Observed): string[] {
  const covered = routes.filter(({ subnet }) => {
    const route = subnetAround(subnet);
    return overlap(route, pods) && !overlap(route, network.subnet);
  });
  if (covered.length === 0) return [];
  const list = covered.map(({ subnet, device }) => `${subnet} by ${device}`).join(', ');
  return [
    `network.pods ${pods} covers routes of this machine (${list}): pods get no answer from there; if they need one, give the lab other network.pods`,
  ];
}

function engineWarnings(lab: Lab, observed: Observed): string[] {
  const { cgroupVersion, isRootless } = observed.engine;
  const { kubernetes } = lab.stack.versions;
  const isToBeMade = nodeImages(lab.regions, observed).length > 0;
  return [
    ...(cgroupVersion === '1' && isToBeMade && isAtLeast(kubernetes, 'v1.35.0')
      ? [
          `this machine has cgroup v1, and the kubelet of Kubernetes ${kubernetes} does not start there (from v1.35 on): boot with cgroup v2, or use the stack article`,
        ]
      : []),
    ...(isRootless
      ? [
          'Docker runs rootless: the addresses of the lab (Hubble UI) are in a network namespace of its own and do not answer on this machine; use kubectl port-forward',
        ]
      : []),
  ];
}

/** Said before they are brought here, and then no more. */
function unpinned(lab: Lab, observed: Observed): string[] {
  const files = notThere(lab, observed).filter(({ sha256 }) => sha256 === undefined);
  const images = [
    ...nodeImages(lab.regions, observed),
    ...lackingImages(lab.regions, observed).map(({ reference }) => reference),
  ].filter((image) => !image.includes('@') && !observed.images.has(image));
  const names = [...files.map(({ url }) => publicUrl(url)), ...images];
  return names.length === 0 ? [] : [`not pinned by a digest, so taken as it comes: ${names.join(', ')}`];
}

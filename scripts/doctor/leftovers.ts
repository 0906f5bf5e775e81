import { publicUrl } from '../../lab/public-url.ts';
import { guestClusters, ownClusters } from '../observe/owned.ts';
import { notThere } from '../steps/fetch.ts';
import { lackingImages } from '../steps/preload.ts';
import { nodeImages } from '../steps/pull.ts';
import { type Check, fatal, ok, warning } from './check.ts';
import { toBeMade } from './facts.ts';

/** Clusters on the lab's network that lab.yaml has not, or no more. */
export const leftovers: Check = {
  name: 'leftovers',
  find(lab, { observed, line }) {
    if (observed === undefined) return undefined;
    const regions = new Set(lab.regions.map(({ name }) => name));
    const lost = (names: readonly string[]): string[] => names.filter((name) => !regions.has(name));
    const found = [
      ...lost(ownClusters(lab, observed)).map((name) => ({ name, remove: line('destroy', '--region', name) })),
      ...lost(guestClusters(lab, observed)).map((name) => ({ name, remove: `kind delete cluster --name ${name}` })),
    ];
    if (found.length === 0) return ok('nothing of an earlier lab');
    return found.map(({ name, remove }) =>
      warning(`the kind cluster ${name} is on the lab's network but not in lab.yaml`, undefined, remove),
    );
  },
};

/** Docker gives a name once, to whatever container; those of kind clusters are told of by the refusals. */
export const containerNames: Check = {
  name: 'container-names',
  find(_, facts) {
    const { observed, containers } = facts;
    if (observed === undefined || containers === undefined) return undefined;
    const kinds = new Set(observed.containers.map(({ name }) => name));
    const wanted = toBeMade(facts).flatMap(({ nodes, apiServerHost }) => [...new Set([...nodes, apiServerHost])]);
    const taken = wanted.filter((name) => containers.includes(name) && !kinds.has(name));
    if (taken.length === 0) return ok("the nodes' names are free");
    return taken.map((name) =>
      fatal(`a container ${name} is there`, 'a node of the lab needs its name', `docker rename ${name} ${name}-other`),
    );
  },
};

/** A living region keeps its node image. */
export const kubernetes: Check = {
  name: 'kubernetes',
  find({ stack }, { observed, line }) {
    const { kubernetes: wanted } = stack.versions;
    const older = [...(observed?.regions ?? [])].flatMap(([name, { cluster }]) =>
      cluster === undefined || cluster.kubernetes === wanted ? [] : [{ name, has: cluster.kubernetes }],
    );
    return older.map(({ name, has }) =>
      warning(
        `${name} runs Kubernetes ${has}, the stack has ${wanted}`,
        'a living region keeps its node image',
        `${line('destroy', '--region', name)}, then deploy again`,
      ),
    );
  },
};

/** A living region keeps how its etcd writes; told where lab.yaml says otherwise. */
export const tuning: Check = {
  name: 'tuning',
  find({ switches: { tuned } }, { observed, line }) {
    const others = [...(observed?.regions ?? [])].filter(([, { cluster }]) => cluster?.tuned === !tuned);
    const [made, said, waits] = tuned ? ['none', 'lab', 'waits'] : ['lab', 'none', 'does not wait'];
    return others.map(([name]) =>
      warning(
        `${name} was made with tuning: ${made}, lab.yaml says ${said}`,
        `a living region keeps its etcd, which ${waits} for the disk`,
        `${line('destroy', '--region', name)}, then deploy again`,
      ),
    );
  },
};

/** Said before they are brought here, and then no more. */
export const digests: Check = {
  name: 'digests',
  find(lab, { observed }) {
    if (observed === undefined) return undefined;
    const files = notThere(lab, observed).filter(({ sha256 }) => sha256 === undefined);
    const images = [
      ...nodeImages(lab.regions, observed),
      ...lackingImages(lab.regions, observed).map(({ reference }) => reference),
    ].filter((image) => !image.includes('@') && !observed.images.has(image));
    const names = [...files.map(({ url }) => publicUrl(url)), ...images];
    if (names.length === 0) return ok('all that is fetched is pinned');
    return warning(
      `not pinned by a digest, so taken as it comes: ${names.join(', ')}`,
      undefined,
      'pin it under sources: in lab.yaml (URL#sha256=HEX, IMAGE@sha256:HEX)',
    );
  },
};

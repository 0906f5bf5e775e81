import { HOSTS_FOLDER } from '../../lab/registries.ts';
import { execReading } from '../tools/docker.ts';
import { type RegionStep, run, skip } from './step.ts';

/** Tells the containerd of every node whom it asks for images: it reads that anew with each image. */
export const hosts: RegionStep = {
  name: 'hosts',
  title: 'tell the nodes whom they ask for images',
  needsNodes: true,
  scope: 'region',
  after: ['cluster', 'cache'],
  // the containers of all nodes run before the API server answers
  early: ['cluster'],
  takes: 'nothing',
  concerns: ({ registries }) => registries.length > 0,
  decide({ region, wanted, cluster }) {
    if (cluster === undefined) return run('new nodes');
    const untold = region.nodes.filter((node) => cluster.hosts.get(node) !== [...wanted.hosts.values()].join(''));
    return untold.length === 0
      ? skip('every node knows')
      : run(`${untold.length} of ${region.nodes.length} nodes do not`);
  },
  async run(work, { name, nodes }) {
    const wanted = work.desired.get(name)?.hosts ?? new Map<string, string>();
    for (const node of nodes)
      for (const [host, text] of wanted)
        await work.run(execReading(node, text, 'install', '-D', '/dev/stdin', `${HOSTS_FOLDER}/${host}/hosts.toml`));
  },
};

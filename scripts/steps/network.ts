import { createNetwork } from '../tools/docker.ts';
import { type LabStep, run, skip } from './step.ts';

/** The lab's own docker network: its subnet is known before deploy, and nodes stay out of the pools by `--ip-range`. */
export const network: LabStep = {
  name: 'network',
  title: "create the lab's docker network",
  scope: 'lab',
  after: [],
  decide({ lab, observed }) {
    const { name, subnet } = lab.network;
    return observed.networks.some((network) => network.name === name)
      ? skip(`${name} is there, ${subnet}`)
      : run(`${name} is not there`);
  },
  async run({ lab, owner, observed, ...work }) {
    // as kind does it: packets larger than a VPN lets through are lost without a word
    const mtu = observed.networks.find(({ name }) => name === 'bridge')?.mtu;
    await work.run(createNetwork(lab.name, owner, lab.network, mtu));
  },
};

import { counted } from '../events/reporters/text.ts';
import { type Check, fatal, gigabytes, ok, warning } from './check.ts';
import { engineHost, type Facts, isDesktop, isWsl, remoteMachine, sharesKernel, toBeMade } from './facts.ts';
import { leastDisk, needOf, nodesOf, nodesPerCore } from './need.ts';

/** What the regions that are still to be made take, against what there is. */
export const memory: Check = {
  name: 'memory',
  find(_, facts) {
    const regions = toBeMade(facts);
    const need = needOf(regions).memory;
    const mine = sharesKernel(facts) ? facts.host.memory : undefined;
    const total = engineHost(facts)?.memory;
    const free = mine?.available ?? total;
    if (free === undefined) return undefined;
    const seen = `${gigabytes(free)} of memory ${mine === undefined ? 'in all' : 'are free'}`;
    if (regions.length === 0) return ok(seen);
    const needed = `${counted(regions.length, 'region')} with ${counted(nodesOf(regions), 'node')} take about ${gigabytes(need)}`;
    const remedy = moreMemory(facts, need);
    // half of a measured need, swap and all, is no machine to try it on
    if (total !== undefined && total + (mine?.swap ?? 0) < need / 2)
      return fatal(`the engine has ${gigabytes(total)} of memory`, needed, remedy);
    return free < need ? warning(seen, needed, remedy) : ok(`${seen}, about ${gigabytes(need)} needed`);
  },
};

/** Where the memory of a virtual machine is set, or how this machine's becomes free. */
function moreMemory(facts: Facts, need: number): string {
  // the system's own beside
  const wanted = Math.ceil(need / 1e9) + 2;
  const orFewer = '; or fewer workers in lab.yaml';
  const lessElse = 'stop what else runs (docker stats --no-stream shows it), or take fewer workers in lab.yaml';
  // a machine that has as much would be given less
  if ((engineHost(facts)?.memory ?? 0) >= wanted * 1e9) return lessElse;
  // Windows manages what Docker Desktop has there
  if (isWsl(facts) && remoteMachine(facts.host) === undefined)
    return `memory=${wanted}GB under [wsl2] in .wslconfig of your Windows user, then wsl --shutdown${orFewer}`;
  if (isDesktop(facts)) return `Docker Desktop: Settings, Resources, Memory${orFewer}`;
  if (facts.host.platform === 'darwin' && remoteMachine(facts.host) === undefined)
    return `give its virtual machine more (colima stop, then colima start --memory ${wanted})${orFewer}`;
  return lessElse;
}

export const cpu: Check = {
  name: 'cpu',
  find(_, facts) {
    const cpus = engineHost(facts)?.cpus;
    if (cpus === undefined) return undefined;
    const seen = counted(cpus, 'CPU');
    const nodes = nodesOf(toBeMade(facts));
    if (nodes === 0) return ok(seen);
    const slow = `${facts.line('deploy', '--timeout', '3600')} waits longer`;
    if (cpus < 2) return warning(seen, 'Kubernetes asks for 2 a control plane, and all will be slow', slow);
    if (nodes > nodesPerCore * cpus)
      return warning(`${counted(nodes, 'node')} on ${seen}`, `more than ${nodesPerCore} a CPU are slow`, slow);
    return ok(seen);
  },
};

export const disk: Check = {
  name: 'disk',
  find(_, facts) {
    const { freeDisk } = facts;
    if (freeDisk === undefined) return undefined;
    const regions = toBeMade(facts);
    const need = needOf(regions).disk;
    const seen = `${gigabytes(freeDisk)} of disk are free for Docker`;
    if (regions.length === 0) return ok(seen);
    const needed = `${counted(nodesOf(regions), 'node')} take about ${gigabytes(need)}`;
    const remedy = 'docker system df shows what takes it, docker image prune removes images without a name';
    if (freeDisk < leastDisk * nodesOf(regions)) return fatal(seen, needed, remedy);
    return freeDisk < need ? warning(seen, needed, remedy) : ok(`${seen}, about ${gigabytes(need)} needed`);
  },
};

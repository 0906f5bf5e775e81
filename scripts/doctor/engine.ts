import { isAtLeast } from '../../lab/stacks.ts';
import { type Check, fatal, ok, warning } from './check.ts';
import { engineHost, type Facts, hasDockerHost, isDesktop, remoteMachine, toBeMade } from './facts.ts';

/** Is there an engine to talk to? */
export const reachable: Check = {
  name: 'docker',
  find(_, { observed, unreachable }) {
    if (unreachable !== undefined) return fatal(unreachable.cause, undefined, unreachable.remedy);
    if (observed === undefined) return undefined;
    const { system } = observed.engine.host;
    return ok(system === undefined ? 'it answers' : `it answers: ${system}`);
  },
};

/** kind gives every node a cgroup namespace of its own (`--cgroupns=private`), which came with Docker 20.10. */
export const version: Check = {
  name: 'docker-version',
  find(_, { observed }) {
    const [, major, minor] = /^(\d+)\.(\d+)/.exec(observed?.engine.serverVersion ?? '') ?? [];
    if (major === undefined || minor === undefined) return undefined;
    const [year, month] = [Number(major), Number(minor)];
    const seen = `Docker ${year}.${month}`;
    // Docker went from 1.13 to 17.03: what is between them is another engine that speaks Docker's language, such as Podman
    if (year > 1 && year < 17)
      return warning(
        `the engine says version ${year}.${month}, as no Docker Engine does`,
        'kind takes it for one',
        'https://docs.docker.com/engine/install/',
      );
    if (year < 20 || (year === 20 && month < 10))
      return fatal(seen, 'kind needs 20.10 or later', 'https://docs.docker.com/engine/install/');
    return ok(seen);
  },
};

/** kind publishes each API server on 127.0.0.1 of the machine that the engine runs on. */
export const remote: Check = {
  name: 'docker-host',
  find(_, { host }) {
    const name = remoteMachine(host);
    if (name === undefined) return ok('an engine of this machine');
    const isGiven = hasDockerHost(host);
    const variable = isGiven ? 'DOCKER_HOST' : (host.env.DOCKER_CONTEXT ?? '') !== '' ? 'DOCKER_CONTEXT' : undefined;
    const back = variable === undefined ? 'docker context use default' : `unset ${variable}`;
    return warning(
      `${isGiven ? 'DOCKER_HOST' : 'the Docker context'} names the machine ${name}`,
      'kind publishes the API servers on 127.0.0.1 there, where kubectl and helm do not reach them from here',
      `run the lab on that machine, or use the engine of this one: ${back}`,
    );
  },
};

/** What kind refuses where the engine is rootless (kind: pkg/cluster/internal/create, validateProvider). */
export const rootless: Check = {
  name: 'rootless',
  find(_, { observed, ...facts }) {
    if (observed === undefined) return undefined;
    const { isRootless, cgroupVersion, host } = observed.engine;
    if (!isRootless) return ok('Docker runs as root');
    if (toBeMade({ observed, ...facts }).length > 0) {
      if (cgroupVersion === '1')
        return fatal('Docker runs rootless, with cgroup v1', 'kind needs cgroup v2 there', guide('boot with it'));
      if (!host.hasLimits)
        return fatal(
          'Docker runs rootless, and may not limit memory, processes and CPU',
          'kind needs these cgroup controllers to be delegated (Delegate=yes)',
          guide('delegate them'),
        );
    }
    return warning(
      'Docker runs rootless',
      'the LoadBalancer addresses of the lab are in a network namespace of its own and do not answer on this machine, and the kernel may not let Cilium load its programs there',
      'use kubectl port-forward; or an engine that runs as root',
    );
  },
};

const guide = (what: string): string => `${what}: https://kind.sigs.k8s.io/docs/user/rootless/`;

export const storage: Check = {
  name: 'storage-driver',
  find(_, facts) {
    const host = engineHost(facts);
    if (host?.storageDriver === undefined) return undefined;
    const { storageDriver, keepsEntryTypes } = host;
    if (storageDriver === 'vfs')
      return warning(
        'the storage driver vfs',
        'it copies the whole node image for each node: slow, and gigabytes a node',
        'set "storage-driver": "overlay2" in /etc/docker/daemon.json, then sudo systemctl restart docker',
      );
    if (!keepsEntryTypes)
      return warning(
        `${storageDriver} on a file system without d_type`,
        'files that an image removes come back in its containers',
        'put Docker on ext4, or on xfs made with ftype=1 (mkfs.xfs -n ftype=1)',
      );
    return ok(storageDriver);
  },
};

/** The kubelet gives up cgroup v1 with Kubernetes 1.35; a node image of one's own may let it go on. */
export const cgroups: Check = {
  name: 'cgroups',
  find({ stack }, facts) {
    const { cgroupVersion: version, host } = facts.observed?.engine ?? {};
    if (version === undefined) return undefined;
    const { kubernetes } = stack.versions;
    if (version === '1' && toBeMade(facts).length > 0 && isAtLeast(kubernetes, 'v1.35.0'))
      return warning(
        'this machine has cgroup v1',
        `the kubelet of Kubernetes ${kubernetes} does not start there (from v1.35 on)`,
        'boot with cgroup v2, or use the stack article',
      );
    return ok(`cgroup v${version}${host?.cgroupDriver === undefined ? '' : `, driver ${host.cgroupDriver}`}`);
  },
};

/** Node images and Cilium's are made for two platforms. */
export const architecture: Check = {
  name: 'architecture',
  find(_, facts) {
    const platform = facts.observed?.engine.platform;
    if (platform === undefined) return undefined;
    if (!platform.startsWith('linux/'))
      return fatal(`the engine runs ${platform} containers`, 'the nodes are Linux', switchEngine(facts));
    if (['linux/amd64', 'linux/arm64'].includes(platform)) return ok(platform);
    return warning(
      platform,
      "kind's node images and Cilium's images are there for linux/amd64 and linux/arm64",
      'name images of your own: sources.nodeImage and cilium.values in lab.yaml',
    );
  },
};

const switchEngine = (facts: Facts): string =>
  isDesktop(facts) ? 'Docker Desktop: Switch to Linux containers' : 'use an engine for Linux containers';

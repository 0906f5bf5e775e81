import { type Cidr, contains, overlap } from '../../lab/cidr.ts';
import type { Lab } from '../../lab/lab.ts';
import { quote } from '../tools/command.ts';
import { subnetAround } from '../plan/subnet.ts';
import { type Check, ok, warning } from './check.ts';
import { engineHost, isDesktop, isWsl, remoteMachine, toBeMade } from './facts.ts';

/** Cilium masquerades nothing that goes to the native routing CIDR. */
export const podRoutes: Check = {
  name: 'pod-routes',
  find({ network, nativeRoutingCidr: pods }, { observed, host }) {
    if (observed === undefined || remoteMachine(host) !== undefined) return undefined;
    const covered = observed.routes.filter(({ subnet }) => {
      const route = subnetAround(subnet);
      return overlap(route, pods) && !overlap(route, network.subnet);
    });
    if (covered.length === 0) return ok(`no route of this machine is in ${pods}`);
    const list = covered.map(({ subnet, device }) => `${subnet} by ${device}`).join(', ');
    return warning(
      `network.pods ${pods} covers routes of this machine (${list})`,
      'pods get no answer from there',
      'if they need one, give the lab other network.pods',
    );
  },
};

const hasHubbleUi = ({ regions }: Lab): boolean => regions[0]?.hubbleUi === true;

const addressesOf = (lab: Lab): string =>
  `the LoadBalancer addresses of the lab${hasHubbleUi(lab) ? ' (Hubble UI)' : ''} answer there alone`;

const forward = (lab: Lab): string => {
  const service = hasHubbleUi(lab) ? '-n kube-system port-forward service/hubble-ui' : 'port-forward service/NAME';
  return `kubectl --context ${lab.regions[0]?.context ?? 'kind-NAME'} ${service} 8080:80`;
};

/** Whether this machine's packets find the lab's LoadBalancer addresses. Of a rootless or a remote engine other checks tell. */
export const loadBalancer: Check = {
  name: 'load-balancer',
  isForHands: true,
  find(lab, facts) {
    const { platform } = facts.host;
    const system = engineHost(facts)?.system;
    if (facts.observed === undefined || facts.observed.engine.isRootless) return undefined;
    if (remoteMachine(facts.host) !== undefined) return undefined;
    // it routes from macOS into the networks of its containers
    if (system === 'OrbStack') return ok('OrbStack leads to the addresses of the lab');
    if (isDesktop(facts) || platform === 'darwin')
      return warning(
        `${system ?? 'Docker'} runs in a virtual machine`,
        `${addressesOf(lab)}, not on this machine`,
        forward(lab),
      );
    if (isWsl(facts))
      return warning('Docker runs in WSL2', `${addressesOf(lab)}, not in the browser of Windows`, forward(lab));
    return ok('this machine leads to the addresses of the lab');
  },
};

const proxyVariables = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY'];

/** Kind hands these to the nodes, with the lab's subnets in NO_PROXY; the user's own calls have what the shell says. */
export const proxy: Check = {
  name: 'proxy',
  isForHands: true,
  find(lab, facts) {
    const { env } = facts.host;
    const set = [...proxyVariables, ...proxyVariables.map((name) => name.toLowerCase())].flatMap((name) => {
      const value = env[name] ?? '';
      return value === '' ? [] : [{ name, value }];
    });
    if (set.length === 0) return ok('no proxy is set');
    const local = set.filter(({ name, value }) => !/^all_proxy$/i.test(name) && isLoopback(value));
    const names = (of: readonly { readonly name: string }[]): string => of.map(({ name }) => name).join(', ');
    const excepted = env.NO_PROXY ?? env.no_proxy ?? '';
    const list = [...(excepted === '' ? [] : [excepted]), String(lab.network.subnet)].join(',');
    const found = [
      ...(local.length === 0 || toBeMade(facts).length === 0
        ? []
        : [
            warning(
              `${names(local)} names a proxy on this machine's loopback`,
              'kind hands it to the nodes, whose loopback is another, so that they pull no image (kind#1459)',
              `let the proxy listen on ${lab.network.gateway} too, then export ${local[0]?.name ?? ''}=http://${lab.network.gateway}:PORT`,
            ),
          ]),
      ...(spares(excepted, lab.network.subnet)
        ? []
        : [
            warning(
              `${names(set)} is set, and NO_PROXY does not name ${lab.network.subnet}`,
              'a call of yours to an address of the lab goes to the proxy',
              `export NO_PROXY=${quote(list)}`,
            ),
          ]),
    ];
    return found.length === 0 ? ok(`${names(set)}, and NO_PROXY spares the lab`) : found;
  },
};

function isLoopback(url: string): boolean {
  const [, host = ''] = /^(?:\w+:\/\/)?(?:[^@/]*@)?(\[[^\]]*\]|[^:/]*)/.exec(url) ?? [];
  return host === 'localhost' || host === '[::1]' || host.startsWith('127.');
}

/** NO_PROXY covers a whole subnet by a CIDR around it, or by `*`. */
function spares(noProxy: string, subnet: Cidr): boolean {
  return noProxy
    .split(/[\s,]+/)
    .some((entry) => entry === '*' || (isCidr(entry) && contains(subnetAround(entry), subnet)));
}

const isCidr = (text: string): boolean => /^\d+\.\d+\.\d+\.\d+\/\d+$/.test(text);

/** By these kind decides whether it hands proxies to the nodes; NO_PROXY then has all of the lab. */
const kindVariables = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'];

/**
 * Docker hands these to every container that it starts, unless kind hands it others. Where the environment has none, kind does
 * not, and the nodes would ask this proxy for each other.
 */
export const containerProxy: Check = {
  name: 'container-proxy',
  find(lab, facts) {
    const { proxies, file } = facts.host.docker;
    const { env } = facts.host;
    const given = Object.keys(proxies ?? {}).filter((key) => /^https?Proxy$/.test(key));
    if (proxies === undefined || given.length === 0) return ok('Docker hands no proxy to containers');
    const isOverridden = kindVariables.some((name) => (env[name] ?? env[name.toLowerCase()] ?? '') !== '');
    const regions = toBeMade(facts);
    if (isOverridden || regions.length === 0) return ok("kind tells the nodes to ask no proxy for the lab's addresses");
    const spared = proxies.noProxy ?? '';
    const words = spared.split(/[\s,]+/);
    const isSpared =
      words.includes('*') ||
      ([lab.network.subnet, lab.nativeRoutingCidr].every((subnet) => spares(spared, subnet)) &&
        regions.every(({ apiServerHost }) => words.includes(apiServerHost)));
    if (isSpared) return ok('the proxy that Docker hands to containers spares the lab');
    const list = [...(spared === '' ? [] : [spared]), String(lab.network.subnet)].join(',');
    return warning(
      `${file} hands a proxy to every container (proxies)`,
      'the nodes would ask it for each other, unless kind hears of NO_PROXY and adds what belongs to the lab',
      `export NO_PROXY=${quote(list)}`,
    );
  },
};

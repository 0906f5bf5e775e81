import type { Lab } from '../../lab/lab.ts';

/**
 * Variables by which a user steers kind, helm, kubectl and cilium by hand. They would silently point the driver's calls
 * elsewhere, so the programs do not get them; proxies, DOCKER_HOST and all others they do.
 */
const steering = [
  /^KUBECONFIG$/,
  /^KIND_CLUSTER_NAME$/,
  /^KIND_EXPERIMENTAL_/,
  /^HELM_(NAMESPACE|KUBE\w*|DRIVER\w*|DEBUG)$/,
  /^CILIUM_(NAMESPACE|CLI_MODE)$/,
  // another platform for every pull and run, though nodes and images must have this machine's
  /^DOCKER_DEFAULT_PLATFORM$/,
  // these programs colour and redraw even into a file
  /^FORCE_COLOR$/,
];

const settings = {
  NO_COLOR: '1',
  TERM: 'dumb',
  // kubectl 1.33 and later: no defaults of the user's own, such as asking before each delete, from ~/.kube/kuberc
  KUBERC: 'off',
  // nor Helm's plugins, which are read with each call
  HELM_NO_PLUGINS: '1',
} as const;

type Env = Readonly<Record<string, string | undefined>>;

/** The environment that programs run in. @param lab what is called goes to its addresses, which no proxy reaches */
export function programEnvironment(env: Env, lab: Lab): Record<string, string> {
  const kept = Object.entries(env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !steering.some((name) => name.test(entry[0])),
  );
  return { ...Object.fromEntries(kept), ...settings, ...withoutProxy(env, lab) };
}

/** kind, helm, kubectl and cilium are written in Go, which knows CIDRs in NO_PROXY (golang.org/x/net/http/httpproxy). */
function withoutProxy(env: Env, { network, nativeRoutingCidr, imagesBy, registries }: Lab): Record<string, string> {
  const isSet = (name: string): boolean => (env[name] ?? env[name.toUpperCase()] ?? '') !== '';
  if (!['http_proxy', 'https_proxy', 'all_proxy'].some(isSet)) return {};
  const given = env.no_proxy ?? env.NO_PROXY ?? '';
  // kind gives it to the nodes, which ask caches by name
  const caches = imagesBy === 'cache' ? registries.map(({ cache }) => cache) : [];
  const own = ['localhost', '127.0.0.1', String(network.subnet), String(nativeRoutingCidr), ...caches];
  const all = [...given.split(',').filter((name) => name !== ''), ...own].join(',');
  // some programs read the one, some the other
  return { NO_PROXY: all, no_proxy: all };
}

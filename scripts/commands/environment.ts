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
} as const;

/** The environment that programs run in. */
export function programEnvironment(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const kept = Object.entries(env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !steering.some((name) => name.test(entry[0])),
  );
  return { ...Object.fromEntries(kept), ...settings };
}

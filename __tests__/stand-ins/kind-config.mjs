// @ts-check
import { cidrRange } from './ipv4.mjs';
import { yaml } from './yaml.mjs';

const text = 'string';
const patches6902 = { type: 'v1alpha4.PatchJSON6902', fields: { group: text, version: text, kind: text, patch: text } };

/** kind.x-k8s.io/v1alpha4, as kind decodes it (v0.20.0 and v0.32.0 have the same fields). A list holds the type of its items. */
const cluster = {
  type: 'v1alpha4.Cluster',
  fields: {
    kind: text,
    apiVersion: text,
    name: text,
    nodes: [
      {
        type: 'v1alpha4.Node',
        fields: {
          role: text,
          image: text,
          labels: 'map',
          extraMounts: [
            {
              type: 'v1alpha4.Mount',
              fields: {
                containerPath: text,
                hostPath: text,
                readOnly: 'bool',
                selinuxRelabel: 'bool',
                propagation: text,
              },
            },
          ],
          extraPortMappings: [
            {
              type: 'v1alpha4.PortMapping',
              fields: { containerPort: 'int32', hostPort: 'int32', listenAddress: text, protocol: text },
            },
          ],
          kubeadmConfigPatches: [text],
          kubeadmConfigPatchesJSON6902: [patches6902],
        },
      },
    ],
    networking: {
      type: 'v1alpha4.Networking',
      fields: {
        ipFamily: text,
        apiServerPort: 'int32',
        apiServerAddress: text,
        podSubnet: text,
        serviceSubnet: text,
        disableDefaultCNI: 'bool',
        kubeProxyMode: text,
        dnsSearch: [text],
      },
    },
    featureGates: 'map',
    runtimeConfig: 'map',
    kubeadmConfigPatches: [text],
    kubeadmConfigPatchesJSON6902: [patches6902],
    containerdConfigPatches: [text],
    containerdConfigPatchesJSON6902: [text],
  },
};

/**
 * Decodes a kind config strictly, the first document only. Throws an Error whose message is what kind prints after
 * `ERROR: failed to create cluster: `.
 * @param {string} source @returns {any}
 */
export function decode(source) {
  const lines = new (yaml().LineCounter)();
  const [document] = yaml().parseAllDocuments(source, { lineCounter: lines, uniqueKeys: false });
  const root = document && 'contents' in document ? document.contents : null;
  const lineOf = (/** @type {any} */ node) => lines.linePos(node?.range?.[0] ?? 0).line;
  if (document && 'errors' in document && document.errors.length > 0) {
    throw new Error(
      `could not determine kind / apiVersion for config: yaml: ${document.errors[0]?.message.split('\n')[0]}`,
    );
  }
  const twice = duplicate(root, lineOf);
  if (twice !== undefined)
    throw new Error(`could not determine kind / apiVersion for config: yaml: unmarshal errors:\n  ${twice}`);
  const value = document && 'toJS' in document ? (document.toJS() ?? {}) : {};
  if (value.apiVersion !== 'kind.x-k8s.io/v1alpha4') throw new Error(`unknown apiVersion: ${value.apiVersion ?? ''}`);
  if (value.kind !== 'Cluster') throw new Error(`unknown kind ${value.kind ?? ''} for apiVersion: ${value.apiVersion}`);
  const problems = misfits(root, cluster, lineOf);
  if (problems.length > 0)
    throw new Error(
      `unable to decode config: yaml: unmarshal errors:\n${problems.map((each) => `  ${each}`).join('\n')}`,
    );
  return value;
}

/** @param {any} node @param {(node: any) => number} lineOf @returns {string | undefined} */
function duplicate(node, lineOf) {
  if (yaml().isSeq(node)) return node.items.map((item) => duplicate(item, lineOf)).find((found) => found !== undefined);
  if (!yaml().isMap(node)) return undefined;
  /** @type {Map<string, number>} */
  const seen = new Map();
  for (const { key, value } of node.items) {
    const name = String(key);
    const first = seen.get(name);
    if (first !== undefined)
      return `line ${lineOf(key)}: mapping key ${JSON.stringify(name)} already defined at line ${first}`;
    seen.set(name, lineOf(key));
    const inside = duplicate(value, lineOf);
    if (inside !== undefined) return inside;
  }
  return undefined;
}

/** @param {any} node @param {any} type @param {(node: any) => number} lineOf @returns {string[]} */
function misfits(node, type, lineOf) {
  if (yaml().isScalar(node) && node.value === null) return [];
  if (Array.isArray(type)) {
    if (!yaml().isSeq(node)) return [wrong(node, '[]', lineOf)];
    return node.items.flatMap((item) => misfits(item, type[0], lineOf));
  }
  if (typeof type === 'object') {
    if (!yaml().isMap(node)) return [wrong(node, type.type, lineOf)];
    return node.items.flatMap(({ key, value }) => {
      const field = type.fields[String(key)];
      return field === undefined
        ? [`line ${lineOf(key)}: field ${key} not found in type ${type.type}`]
        : misfits(value, field, lineOf);
    });
  }
  if (type === 'map') return yaml().isMap(node) ? [] : [wrong(node, 'map[string]string', lineOf)];
  if (!yaml().isScalar(node)) return [wrong(node, type, lineOf)];
  if (type === 'bool') return typeof node.value === 'boolean' ? [] : [wrong(node, 'bool', lineOf)];
  if (type === 'int32') return Number.isInteger(node.value) ? [] : [wrong(node, 'int32', lineOf)];
  return [];
}

/** @param {any} node @param {string} wanted @param {(node: any) => number} lineOf */
function wrong(node, wanted, lineOf) {
  if (yaml().isSeq(node)) return `line ${lineOf(node)}: cannot unmarshal !!seq into ${wanted}`;
  if (yaml().isMap(node)) return `line ${lineOf(node)}: cannot unmarshal !!map into ${wanted}`;
  const tag = typeof node.value === 'string' ? '!!str' : typeof node.value === 'boolean' ? '!!bool' : '!!int';
  return `line ${lineOf(node)}: cannot unmarshal ${tag} \`${node.source ?? node.value}\` into ${wanted}`;
}

/** Fills in kind's defaults. @param {any} config @param {{ name?: string | undefined, image?: string | undefined, defaultImage: string }} given */
export function withDefaults(config, { name, image, defaultImage }) {
  const { networking = {}, nodes = [] } = config;
  return {
    name: name ?? config.name ?? 'kind',
    nodes: (nodes.length === 0 ? [{}] : nodes).map((/** @type {any} */ node) => ({
      role: node.role ?? 'control-plane',
      image: image ?? node.image ?? defaultImage,
      labels: node.labels ?? {},
    })),
    tuned: (config.kubeadmConfigPatches ?? []).some((/** @type {string} */ patch) => patch.includes('unsafe-no-fsync')),
    podSubnet: networking.podSubnet ?? '10.244.0.0/16',
    serviceSubnet: networking.serviceSubnet ?? '10.96.0.0/16',
    apiServerPort: networking.apiServerPort ?? 0,
    disableDefaultCNI: networking.disableDefaultCNI ?? false,
    kubeProxyMode: String(networking.kubeProxyMode ?? 'iptables'),
  };
}

/** What kind refuses before any container starts, told together. @param {ReturnType<typeof withDefaults>} config @param {readonly string[]} proxyModes @returns {string | undefined} */
export function invalid(config, proxyModes) {
  const problems = [
    /^[a-z0-9.-]+$/.test(config.name)
      ? []
      : [`'${config.name}' is not a valid cluster name, cluster names must match \`^[a-z0-9.-]+$\``],
    config.apiServerPort < -1 || config.apiServerPort > 65535
      ? [`invalid apiServerPort: invalid port number: ${config.apiServerPort}`]
      : [],
    badSubnet('pod', config.podSubnet),
    badSubnet('service', config.serviceSubnet),
    proxyModes.includes(config.kubeProxyMode) ? [] : [`invalid kubeProxyMode: ${config.kubeProxyMode}`],
    config.nodes.flatMap((/** @type {{ role: string }} */ { role }, /** @type {number} */ index) =>
      ['control-plane', 'worker'].includes(role)
        ? []
        : [`invalid configuration for node ${index}: "${role}" is not a valid node role`],
    ),
    config.nodes.some((/** @type {{ role: string }} */ { role }) => role === 'control-plane')
      ? []
      : ['must have at least one control-plane node'],
  ].flat();
  if (problems.length === 0) return undefined;
  return problems.length === 1 ? problems[0] : `[${problems.join(', ')}]`;
}

/** @param {string} what @param {string} subnet */
function badSubnet(what, subnet) {
  if (subnet.includes(',')) return [`invalid ${what} subnet only one CIDR allowed for single-stack networking`];
  const bad = `invalid ${what} subnet failed to parse cidr value:${JSON.stringify(subnet)} with error: invalid CIDR address: ${subnet}`;
  return cidrRange(subnet) === undefined ? [bad] : [];
}

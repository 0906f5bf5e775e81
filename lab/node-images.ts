/** Digests of kind's node images by kind release and Kubernetes version, from the notes of each kind release. */
const digests: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'v0.20.0': {
    'v1.29.0': 'eaa1450915475849a73a9227b8f201df25e55e268e5d619312131292e324d570',
    'v1.28.0': 'b7a4cad12c197af3ba43202d3efe03246b3f0793f162afb40a33c923952d5b31',
    'v1.27.3': '3966ac761ae0136263ffdb6cfd4db23ef8a83cba8a463690e98317add2c9ba72',
    'v1.26.6': '6e2d8b28a5b601defe327b98bd1c2d1930b49e5d8c512e1895099e4504007adb',
    'v1.25.11': '227fa11ce74ea76a0474eeefb84cb75d8dad1b08638371ecf0e86259b35be0c8',
    'v1.24.15': '7db4f8bea3e14b82d12e044e25e34bd53754b7f2b0e9d56df21774e6f66a70ab',
  },
  'v0.32.0': {
    'v1.36.1': '3489c7674813ba5d8b1a9977baea8a6e553784dab7b84759d1014dbd78f7ebd5',
    'v1.35.5': 'ce977ae6d65918d0b58a5f8b5e940429c2ce42fa3a5619ec2bbc60b949c0ac95',
    'v1.34.8': '02722c2dedddcfc00febf5d27fbeb9b7b2c14294c82109ff4a85d89ac9ba3256',
    'v1.33.12': '3f5c8443c620245e4d355cfe09e96a91ead32ceaa569d3f1ca9edf0cb2fe2ff4',
  },
};

/** What kind puts before several control planes, by its release (kind pkg/cluster/internal/loadbalancer/const.go). */
const loadBalancers: Readonly<Record<string, string>> = {
  'v0.20.0': 'kindest/haproxy:v20230606-42a2262b',
  'v0.32.0': 'envoyproxy/envoy:v1.36.2',
};

/** Undefined for a release that is not known here. @param kind `v0.20.0` */
export const loadBalancerImage = (kind: string): string | undefined => loadBalancers[kind];

/** kind's node image of a Kubernetes version: by digest where the one built for that kind release is known, else by tag. */
export function nodeImage(kind: string, kubernetes: string): string {
  const digest = digests[kind]?.[kubernetes];
  return `kindest/node:${kubernetes}${digest === undefined ? '' : `@sha256:${digest}`}`;
}

import { describe, expect, it } from 'vitest';
import { recognise } from '../../../scripts/events/failures.ts';
import { knownFailures } from '../../../scripts/events/known-failures.ts';

/** What the programs really say, by the code of the failure that is meant. */
const messages: readonly (readonly [code: string, text: string])[] = [
  [
    'docker-down',
    `ERROR: failed to create cluster: failed to get docker info: command "docker info --format '{{json .}}'" failed with error: exit status 1\nCommand Output: Cannot connect to the Docker daemon at unix:///nonexistent.sock. Is the docker daemon running?`,
  ],
  [
    'docker-down', // Docker 29
    'failed to connect to the docker API at unix:///var/run/docker.sock; check if the path is correct and if the daemon is running: dial unix /var/run/docker.sock: connect: no such file or directory',
  ],
  [
    'docker-permission',
    'permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: Get "http://%2Fvar%2Frun%2Fdocker.sock/v1.50/info": dial unix /var/run/docker.sock: connect: permission denied',
  ],
  [
    'docker-permission', // Docker 29
    'permission denied while trying to connect to the docker API at unix:///var/run/docker.sock',
  ],
  [
    'node-start',
    'ERROR: failed to create cluster: failed to generate kubeadm config content: failed to get kubernetes version from node: failed to get file: command "docker exec --privileged region-athens-control-plane cat /kind/version" failed with error: exit status 1\nCommand Output: Error response from daemon: Container 9dec1f8399d60f2d41456f9f711484a156d1a0fa8af731a7673a729169344e4e is not running',
  ],
  [
    'kubeadm',
    '[control-plane-check] kube-controller-manager is not healthy after 4m0.000911s\nA control plane component may have crashed or exited when started by the container runtime.\nerror: error execution phase wait-control-plane: failed while waiting for the control plane to start: [kube-apiserver check failed at https://172.19.0.2:6443/livez: Get "https://region-athens-control-plane:6443/livez?timeout=10s": dial tcp 172.19.0.2:6443: connect: connection refused, kube-scheduler check failed at https://127.0.0.1:10259/livez: Get "https://127.0.0.1:10259/livez": dial tcp 127.0.0.1:10259: connect: connection refused]',
  ],
  [
    'kubeadm',
    'ERROR: failed to create cluster: failed to init node with kubeadm: command "docker exec --privileged x kubeadm init" failed with error: exit status 1\n[kubelet-check] The HTTP call equal to \'curl -sSL http://localhost:10248/healthz\' failed with error: Get "http://localhost:10248/healthz": dial tcp [::1]:10248: connect: connection refused.\ncouldn\'t initialize a Kubernetes cluster',
  ],
  [
    'kubeadm',
    'ERROR: failed to create cluster: failed to init node with kubeadm: command "docker exec --privileged sample-control-plane kubeadm init --skip-phases=preflight --config=/kind/kubeadm.conf --skip-token-print --v=6" failed with error: exit status 137',
  ],
  [
    'kubeadm',
    'ERROR: failed to create cluster: failed to join node with kubeadm: exit status 1\nerror execution phase preflight: couldn\'t validate the identity of the API Server: Get "https://region-athens-control-plane:6443/api/v1/namespaces/kube-public/configmaps/cluster-info?timeout=10s": dial tcp: lookup region-athens-control-plane on 172.19.0.1:53: no such host',
  ],
  [
    'kubeadm',
    'error execution phase preflight: couldn\'t validate the identity of the API Server: failed to request the cluster-info ConfigMap: Get "https://region-athens-control-plane:6443/api/v1/namespaces/kube-public/configmaps/cluster-info?timeout=10s": dial tcp 172.19.0.3:6443: i/o timeout',
  ],
  [
    'host-port',
    'docker: Error response from daemon: driver failed programming external connectivity on endpoint region-athens-control-plane (0a): Bind for 127.0.0.1:34631 failed: port is already allocated.',
  ],
  [
    'host-port',
    'docker: Error response from daemon: failed to set up container networking: driver failed programming external connectivity on endpoint x: failed to bind host port for 127.0.0.1:34631:172.19.0.2:6443/tcp: address already in use',
  ],
  [
    'host-port',
    'docker: Error response from daemon: Ports are not available: exposing port TCP 127.0.0.1:53123 -> 0.0.0.0:0: listen tcp 127.0.0.1:53123: bind: An attempt was made to access a socket in a way forbidden by its access permissions.',
  ],
  [
    'cgroups',
    'docker: Error response from daemon: failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: unable to apply cgroup configuration: mkdir /sys/fs/cgroup/memory/docker/1a: no space left on device: unknown.',
  ],
  [
    'container-name',
    'docker: Error response from daemon: Conflict. The container name "/region-athens-worker" is already in use by container "ab". You have to remove (or rename) that container to be able to reuse that name.',
  ],
  [
    'rootless',
    'ERROR: failed to create cluster: running kind with rootless provider requires setting systemd property "Delegate=yes", see https://kind.sigs.k8s.io/docs/user/rootless/',
  ],
  [
    'docker-iptables',
    'Error response from daemon: Failed to Setup IP tables: Unable to enable SKIP DNAT rule:  (iptables failed: iptables --wait -t nat -I DOCKER -i br-1 -j RETURN: iptables: No chain/target/match by that name.',
  ],
  [
    'kubeconfig',
    'Error: Kubernetes cluster unreachable: Get "https://127.0.0.1:40001/version": tls: failed to verify certificate: x509: certificate signed by unknown authority (possibly because of "crypto/rsa: verification error" while trying to verify candidate authority certificate "kubernetes")',
  ],
  ['kubeconfig', 'Error: Kubernetes cluster unreachable: the server has asked for the client to provide credentials'],
  [
    'kubeconfig',
    'Unable to connect to the server: tls: failed to verify certificate: x509: certificate signed by unknown authority',
  ],
  ['api-server', 'Unable to connect to the server: unexpected EOF'],
  ['api-server', 'Unable to connect to the server: context deadline exceeded'],
  [
    'api-server',
    'Unable to connect to the server: net/http: request canceled (Client.Timeout exceeded while awaiting headers)',
  ],
  ['api-server', 'Error from server (ServiceUnavailable): the server is currently unable to handle the request'],
  ['disk-full', 'tar: write error: No space left on device'],
  [
    'unschedulable',
    'region-athens: kube-system/hubble-relay-x: Unschedulable: 0/2 nodes are available: 2 Insufficient memory.',
  ],
  [
    'registry-login',
    'Error response from daemon: Head "https://registry-1.docker.io/v2/kindest/node/manifests/v1.27.3": unauthorized: incorrect username or password',
  ],
  [
    'registry-login',
    'error getting credentials - err: exec: "docker-credential-desktop": executable file not found in $PATH, out: ',
  ],
  [
    'proxy-certificate',
    'Error response from daemon: Get "https://quay.io/v2/": tls: failed to verify certificate: x509: certificate signed by unknown authority',
  ],
  [
    'network-slow',
    'Error response from daemon: Get "https://registry-1.docker.io/v2/": read tcp 10.0.2.15:5->44.1.1.1:443: read: connection reset by peer',
  ],
  ['network-slow', 'Error response from daemon: Get "https://registry-1.docker.io/v2/": context deadline exceeded'],
  [
    'network-slow',
    'Error response from daemon: Get "https://registry-1.docker.io/v2/": net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)',
  ],
  [
    'network-slow',
    'ERROR: failed to create cluster: failed to pull image "kindest/node:v1.27.3": command "docker pull kindest/node:v1.27.3" failed with error: exit status 1\nCommand Output: Error response from daemon: Get "https://registry-1.docker.io/v2/": net/http: TLS handshake timeout',
  ],
  ['platform', 'no matching manifest for linux/arm64/v8 in the manifest list entries'],
  [
    'platform',
    'Error response from daemon: image with reference quay.io/x was found but does not provide the specified platform (linux/amd64)',
  ],
  [
    'containerd',
    'ERROR: failed to load image: command "docker exec --privileged -i region-athens-worker ctr --namespace=k8s.io images import --all-platforms --digests --snapshotter=overlayfs -" failed with error: exit status 1\nCommand Output: ctr: failed to dial "/run/containerd/containerd.sock": connection error: desc = "transport: error while dialing: dial unix /run/containerd/containerd.sock: connect: connection refused"',
  ],
  ['containerd', 'ERROR: failed to detect containerd snapshotter'],
  [
    'old-cgroup',
    'kubelet is configured to not run on a host using cgroup v1. cgroup v1 support is unsupported and will be removed in a future release',
  ],
  [
    'immutable',
    'Error: UPGRADE FAILED: cannot patch "cilium" with kind DaemonSet: DaemonSet.apps "cilium" is invalid: spec.selector: Invalid value: field is immutable',
  ],
  [
    'helm-ownership',
    'Error: Unable to continue with install: ServiceAccount "cilium" in namespace "kube-system" exists and cannot be imported into the current release: invalid ownership metadata',
  ],
  [
    'chart-schema',
    "Error: values don't meet the specifications of the schema(s) in the following chart(s):\ncilium:\n- at '/debug/enabled': got string, want boolean",
  ],
  [
    'runtime',
    "docker: Error response from daemon: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: getting the final child's pid from pipe caused: EOF: unknown.",
  ],
  [
    'pod-sandbox',
    'region-athens: kube-system/coredns-1: FailedCreatePodSandBox: Failed to create pod sandbox: plugin type="cilium-cni" failed (add): unable to connect to Cilium agent',
  ],
  ['disk-full', 'Error response from daemon: write /var/lib/docker/tmp/GetImageBlob2311: no space left on device'],
  [
    'rate-limit',
    'ERROR: failed to create cluster: failed to pull image "kindest/node:v1.27.3": command "docker pull kindest/node:v1.27.3" failed with error: exit status 1\nCommand Output: Error response from daemon: toomanyrequests: You have reached your pull rate limit.',
  ],
  ['inotify', 'E1122 21:03:11 run.go:74] "command failed" err="failed complete: too many open files"'],
  ['inotify', 'Failed to create control group inotify object: Too many open files'],
  ['pool-overlap', 'Error response from daemon: Pool overlaps with other one on this address space'],
  [
    'network-in-use',
    'Error response from daemon: error while removing network: network lab id 3f1a has active endpoints',
  ],
  ['address-taken', 'Error response from daemon: Address already in use\nError: failed to start containers: at-a'],
  ['no-netem', 'Error: Specified qdisc kind is unknown.\nCommand failed -:3'],
  ['qdisc-taken', 'Error: NLM_F_REPLACE needed to override.\nCommand failed -:1'],
  [
    'image-pull',
    'ERROR: failed to create cluster: failed to pull image "rs-nonexistent:v1": command "docker pull rs-nonexistent:v1" failed with error: exit status 1\n\nCommand Output: Error response from daemon: Get "https://registry-1.docker.io/v2/": dial tcp: lookup registry-1.docker.io on 10.255.255.53:53: no such host',
  ],
  [
    'image-pull',
    'kube-system/hubble-relay-1: ImagePullBackOff: Back-off pulling image "quay.io/cilium/hubble-relay:v9"',
  ],
  [
    'mesh-users', // CLI v0.18.4, chart 1.20.0
    'kube-system/clustermesh-apiserver-1: FailedMount: MountVolume.SetUp failed for volume "etcd-users-config" : configmap "clustermesh-remote-users" not found',
  ],
  [
    'mesh-certs',
    'kube-system/clustermesh-apiserver-1: FailedMount: MountVolume.SetUp failed for volume "etcd-server-secrets" : secret "clustermesh-apiserver-server-cert" not found',
  ],
  ['pod-crash', 'kube-system/cilium-1: CrashLoopBackOff: cilium-agent ended 3 times, last with exit code 1: fatal: no'],
  ['pod-mount', 'kube-system/a: FailedMount: MountVolume.SetUp failed for volume "a" : configmap "a" not found'],
  ['pod-mount', 'kube-system/a: CreateContainerConfigError: configmap "a" not found'],
  [
    'cluster-exists',
    'ERROR: failed to create cluster: node(s) already exist for a cluster with the name "region-athens"',
  ],
  ['kubeconfig-lock', 'ERROR: failed to create cluster: failed to lock config file: open kcD.lock: file exists'],
  [
    'node-start', // kind#2972
    'ERROR: failed to create cluster: could not find a log line that matches "Reached target .*Multi-User System.*|detected cgroup v1"',
  ],
  ['etcd', 'Error: query: failed to query with labels: etcdserver: request timed out'],
  ['etcd', 'Error from server: etcdserver: leader changed'],
  [
    'containerd-store', // kind#3845
    'ERROR: failed to load image: command "docker exec --privileged -i kind-control-plane ctr --namespace=k8s.io images import --all-platforms --digests --snapshotter=overlayfs -" failed with error: exit status 1\nCommand Output: ctr: content digest sha256:82014a3cbf22d2e03382cd9b123f4151d956986e727340a466406a206408b7a2: not found',
  ],
  [
    'cilium-crds',
    `still waiting for Cilium's CRDs after 900 s; last seen: error: resource mapping not found for name: "default-pool" namespace: "" from "F": no matches for kind "CiliumLoadBalancerIPPool" in version "cilium.io/v2"`,
  ],
  ['verify-workloads', 'region-athens: not up: daemonset/cilium 1/2'],
  ['verify-addresses', 'region-athens: kube-system/hubble-ui has no address'],
  [
    'verify-addresses',
    'region-athens: kube-system/hubble-ui has the address 172.19.255.150, outside the pool 172.19.255.1-172.19.255.100',
  ],
  ['verify-versions', "region-athens: MetalLB's speaker is v0.13.5, not v0.13.7"],
  ['verify-pool', 'region-athens: IPAddressPool/default-pool is not as in dist/: autoAssign, addresses'],
  ['verify-links', 'region-athens: does not reach region-hurup with all of its agents'],
  ['helm-pending', 'Error: UPGRADE FAILED: another operation (install/upgrade/rollback) is in progress'],
  [
    'image-pull',
    'Error response from daemon: manifest for kindest/node:v1.27.99 not found: manifest unknown: manifest unknown',
  ],
  ['image-pull', 'Error response from daemon: pull access denied for rs-nonexistent, repository does not exist'],
  ['download', 'https://helm.cilium.io/cilium-1.14.2.tgz could not be downloaded: the answer is 404 Not Found'],
  [
    'download',
    'https://helm.cilium.io/cilium-1.14.2.tgz could not be downloaded: getaddrinfo ENOTFOUND helm.cilium.io',
  ],
  [
    'other-bytes',
    'https://helm.cilium.io/cilium-1.14.2.tgz has other bytes than it must have: its SHA-256 is aa, wanted is bb',
  ],
  ['docker-version', "unknown flag: --platform\nSee 'docker save --help'."],
  [
    'docker-version', // from Docker 28 on
    "unknown flag: --platform\n\nUsage:  docker save [OPTIONS] IMAGE [IMAGE...]\n\nRun 'docker save --help' for more information",
  ],
  ['chart-missing', 'Error: path "/home/me/lab/cilium-1.14.2.tgz" not found'],
  ['chart-missing', 'Error: repo cilium not found'],
  [
    'metallb-webhook',
    'Error from server (InternalError): error when creating "pool.yaml": Internal error occurred: failed calling webhook "ipaddresspoolvalidationwebhook.metallb.io": failed to call webhook: Post "https://webhook-service.metallb-system.svc:443/validate-metallb-io-v1beta1-ipaddresspool?timeout=10s": dial tcp 10.1.5.9:443: connect: connection refused',
  ],
  [
    'metallb-refused',
    'Error from server (CIDR "172.18.255.50/31" in pool "bad" overlaps with already defined CIDR "172.18.255.32/27"): error when creating "badpool.yaml": admission webhook "ipaddresspoolvalidationwebhook.metallb.io" denied the request: CIDR "172.18.255.50/31" in pool "bad" overlaps with already defined CIDR "172.18.255.32/27"',
  ],
  ['mesh-address', 'Error: Unable to connect cluster: unable to derive service IPs automatically'],
  [
    'ca-mismatch',
    'Error: Unable to connect cluster: Cilium CA certificates do not match between clusters region-athens and region-hurup. Use --allow-mismatching-ca to proceed',
  ],
  [
    'mesh-identity',
    'Error: Unable to connect cluster: remote and local cluster have the same, non-unique name: region-athens',
  ],
  ['mesh-identity', 'Error: Unable to connect cluster: remote and local cluster have the same, non-unique ID: 1'],
  [
    'mesh-not-enabled',
    'Error: Unable to determine status:  timeout while waiting for condition, last error: unable to get clustermesh service "clustermesh-apiserver": services "clustermesh-apiserver" not found',
  ],
  [
    'mesh-not-connected', // the CLI's pkg clustermesh.go
    '⚠️  2/2 nodes are not connected to all clusters [min:0 / avg:0.0 / max:0]',
  ],
  [
    'mesh-not-connected',
    'agent not connected: those of e2e-hurup are connected to e2e-athens 1/2: e2e-hurup → e2e-athens: service name; seen: answered by probe-cpnjj of e2e-hurup; look: cilium clustermesh status --context kind-e2e-hurup',
  ],
  ['mesh-not-connected', '  ❌ cilium-x7k2p is not connected to cluster region-hurup: not ready'],
  [
    'test-egress',
    '  ❌ command "curl -w %{local_ip} --silent --fail --connect-timeout 2 https://one.one.one.one:443" failed: command failed: error with exec request (pod=cilium-test/client-1, container=client): command terminated with exit code 28',
  ],
  [
    'test-crds',
    'policy application failed: failed to create typed patch object (cilium-test-1/echo-ingress; cilium.io/v2, Kind=CiliumNetworkPolicy): .spec.enableDefaultDeny: field not declared in schema',
  ],
  ['no-tests', 'cilium connectivity test ran 0 tests: test.only [^no-policies$] matches none'],
  ['cli-version', 'unknown flag: --connection-mode'],
  [
    'no-network',
    'Unable to connect to the server: dial tcp: lookup raw.githubusercontent.com on 10.255.255.53:53: no such host',
  ],
  ['network-slow', 'Error response from daemon: Get "https://quay.io/v2/": net/http: TLS handshake timeout'],
  ['network-slow', 'Get "https://quay.io/v2/": dial tcp 34.225.41.113:443: i/o timeout'],
  ['network-slow', 'error pulling image configuration: download failed after attempts=6: unexpected EOF'],
  ['docker-down', 'error during connect: Get "http://%2Fvar%2Frun%2Fdocker.sock/v1.50/info": EOF'],
  ['docker-down', 'region-athens: Docker does not answer'],
  ['inotify', 'inotify_add_watch /etc/kubernetes: no space left on device'],
  ['node-stopped', 'Error response from daemon: container 7f1a is not running'],
  ['node-stopped', 'region-athens-worker2 does not run: gone'],
  // etcd, as it goes down under an API server
  ['api-server', 'Error from server: rpc error: code = Unknown desc = malformed header: missing HTTP content-type'],
  ['api-server', 'Error from server: error dialing backend: dial tcp 172.19.0.3:10250: connect: no route to host'],
  ['node-stopped', 'region-athens-worker does not run: stopped'],
  ['node-stopped', 'region-athens: region-athens-worker does not run: paused'],
  ['api-server', 'The connection to the server 127.0.0.1:40001 was refused - did you specify the right host or port?'],
  ['api-server', 'Unable to connect to the server: net/http: TLS handshake timeout'],
  ['api-server', 'Unable to connect to the server: EOF'],
  ['api-server', 'Unable to connect to the server: dial tcp 127.0.0.1:40001: i/o timeout'],
  [
    'api-server', // Helm
    'Error: Kubernetes cluster unreachable: Get "https://127.0.0.1:40001/version": dial tcp 127.0.0.1:40001: connect: connection refused',
  ],
  [
    'api-server', // the Cilium CLI
    'Error: Unable to enable ClusterMesh: Get "https://127.0.0.1:40001/api/v1/namespaces/kube-system/secrets/cilium-ca": dial tcp 127.0.0.1:40001: connect: connection refused',
  ],
];

describe('the catalogue of known failures', () => {
  it.each(messages)('GIVEN %s WHEN a program says so THEN it is recognised', (code, text) => {
    expect(recognise(text)?.code).toBe(code);
  });

  it('GIVEN what a mesh says while its certificates are being made WHEN read THEN it is no failure', () => {
    const text = `Trying to get secret clustermesh-apiserver-remote-cert by deprecated name clustermesh-apiserver-client-cert
⌛ Waiting (32s) for access information: unable to get client secret to access clustermesh service: unable to get secret "clustermesh-apiserver-client-certs" and no deprecated names to try`;

    expect(recognise(text)).toBeUndefined();
  });

  it('GIVEN the catalogue WHEN it grows THEN each entry has a real message above', () => {
    expect(new Set(messages.map(([code]) => code))).toEqual(new Set(knownFailures.map(({ code }) => code)));
  });

  it('GIVEN the codes WHEN compared THEN they are unique, short and stable words', () => {
    const codes = knownFailures.map(({ code }) => code);

    expect(new Set(codes).size).toBe(codes.length);
    for (const code of codes) expect(code).toMatch(/^[a-z]+(-[a-z]+)*$/);
  });

  it.each(knownFailures)(
    'GIVEN $code WHEN told THEN with a cause and a remedy, in one line each',
    ({ cause, remedy }) => {
      expect(cause).toMatch(/^\S.{15,}$/);
      expect(remedy).toMatch(/^\S.{15,}$/);
    },
  );
});

describe('what a deploy does once by itself', () => {
  const byItself = knownFailures.filter(({ again }) => again === true);

  it('GIVEN a failure that it tries again THEN a person would have nothing to do but that', () => {
    const others = byItself.filter(({ remedy }) => !remedy.startsWith('deploy again')).map(({ code }) => code);

    // its engine is waited for
    expect(others).toEqual(['docker-down']);
  });

  it('GIVEN a failure that another try cannot mend THEN it is none of them', () => {
    const codes = byItself.map(({ code }) => code);

    for (const code of [
      'disk-full',
      'rate-limit',
      'image-pull',
      'pod-crash',
      'pod-mount',
      'cli-version',
      'other-bytes',
    ])
      expect(codes).not.toContain(code);
  });
});

describe('messages that say two things: the more particular is told', () => {
  it.each([
    {
      text: 'failed to pull image "kindest/node:v1.27.3": no space left on device',
      code: 'disk-full',
      not: 'image-pull',
    },
    {
      text: 'failed to pull image "kindest/node:v1.27.3": toomanyrequests: You have reached your pull rate limit',
      code: 'rate-limit',
      not: 'image-pull',
    },
    {
      text: 'failed to pull image "kindest/node:v1.27.3": dial tcp: lookup registry-1.docker.io: no such host',
      code: 'image-pull',
      not: 'no-network',
    },
    {
      text: "unknown flag: --platform\nSee 'docker save --help'.",
      code: 'docker-version',
      not: 'cli-version',
    },
    {
      text: 'could not find a log line that matches "Reached target .*Multi-User System.*|detected cgroup v1"\nFailed to allocate directory watch: too many open files',
      code: 'inotify',
      not: 'node-start',
    },
  ])('GIVEN $code and $not WHEN both fit THEN $code', ({ text, code, not }) => {
    expect(knownFailures.filter(({ pattern }) => pattern.test(text)).map((known) => known.code)).toEqual([code, not]);
    expect(recognise(text)?.code).toBe(code);
  });
});

describe('what looks like a slow network and is none', () => {
  it.each([
    [
      'pod-crash',
      'kube-system/cilium-1: CrashLoopBackOff: config ended 3 times, last with exit code 1: Get "https://192.0.2.1:6443/version": dial tcp 192.0.2.1:6443: i/o timeout',
    ],
    [
      'image-pull',
      'kube-system/a: ImagePullBackOff: Head "https://quay.io/v2/a": dial tcp: lookup quay.io: i/o timeout',
    ],
    [
      'metallb-webhook',
      'failed calling webhook "ipaddresspoolvalidationwebhook.metallb.io": Post "https://webhook-service.metallb-system.svc:443/a": dial tcp 10.1.0.9:443: i/o timeout',
    ],
    [undefined, 'Error: failed to load chart: gzip: unexpected EOF'],
    ['cgroups', 'mkdir /sys/fs/cgroup/kubelet: no space left on device'],
    [
      undefined,
      'level=fatal msg="failed to load object: program cil_from_netdev: load program: no space left on device (log truncated)"',
    ],
  ])('GIVEN %s WHEN read THEN it is told as that', (code, text) => {
    expect(recognise(text)?.code).toBe(code);
  });
});

describe('messages that are no known failure', () => {
  it.each([
    [
      'an older CLI that only warns and goes on',
      '⚠️ Cilium CA certificates do not match between clusters. Multicluster features will be limited!',
    ],
    ['an answer of no meaning here', 'Error: context deadline exceeded'],
    ['silence', ''],
  ])('GIVEN %s WHEN read THEN nothing is made up', (_given, text) => {
    expect(recognise(text)).toBeUndefined();
  });
});

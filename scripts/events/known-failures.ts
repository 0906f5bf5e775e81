/** A failure that users of such labs meet, recognised by what the program says. */
export interface KnownFailure {
  /** Short and stable: `helm-pending`. */
  readonly code: string;
  readonly pattern: RegExp;
  readonly cause: string;
  readonly remedy: string;
  /**
   * The same deploy once more mends it, and nobody has to do anything before: a deploy does that by itself, once.
   * @default - it helps when the remedy is done
   */
  readonly again?: true;
}

/** First match wins: the more particular stand first. */
export const knownFailures: readonly KnownFailure[] = [
  {
    code: 'docker-down',
    // the second since Docker 29
    pattern:
      /Cannot connect to the Docker daemon|failed to connect to the docker API|error during connect: |Docker does not answer/,
    cause: 'no Docker Engine answers',
    remedy: 'start Docker (Linux: sudo systemctl start docker), then run this again',
    // it may be on its way back
    again: true,
  },
  {
    code: 'docker-permission',
    pattern: /permission denied while trying to connect to the (?:Docker daemon socket|docker API)/,
    cause: 'this user may not talk to the Docker Engine',
    remedy: 'sudo usermod -aG docker $USER, log in again, then run this again',
  },
  {
    code: 'inotify',
    pattern: /too many open files|inotify.*no space left on device/i,
    cause: "the kernel's inotify limits are too low for this many nodes (kind's known issues, kind#904)",
    remedy: 'sudo sysctl fs.inotify.max_user_watches=524288 fs.inotify.max_user_instances=512, then deploy again',
  },
  {
    code: 'disk-full',
    // a cgroup that cannot be made says so too, and a map of eBPF
    pattern: /^(?!.*(?:\/sys\/fs\/cgroup|load program)).*no space left on device/im,
    cause: 'the disk that holds Docker is full',
    remedy: 'make room (docker system df shows what takes it), then run this again',
  },
  {
    code: 'rate-limit',
    pattern: /toomanyrequests/,
    cause: 'the registry lets nobody pull that often (Docker Hub counts anonymous pulls)',
    remedy:
      'docker login, wait, or use a mirror (registry-mirrors of the Docker Engine, sources.nodeImage of lab.yaml); then deploy again',
  },
  {
    code: 'pool-overlap',
    pattern: /Pool overlaps with other one on this address space/,
    cause: 'another docker network holds part of network.subnet',
    remedy: 'deploy again: it names the network and proposes a free subnet',
    again: true,
  },
  {
    code: 'network-in-use',
    pattern: /network .* has active endpoints/,
    cause: "containers that are none of the lab's are on its docker network",
    remedy:
      'docker network inspect NAME shows them; take them off (docker network disconnect NAME CONTAINER), then destroy again',
  },
  {
    code: 'address-taken',
    pattern: /Address already in use/,
    cause: "another container on the lab's docker network has taken the address of a node meanwhile",
    remedy:
      'docker network inspect NAME shows which one; take it off (docker network disconnect NAME CONTAINER), then run the same command again',
  },
  {
    code: 'no-netem',
    pattern: /Specified qdisc kind is unknown|TC classifier not found/,
    cause:
      'the kernel under the Docker Engine has not all that a worse network needs: netem (delay, jitter, loss), htb (rate), u32',
    remedy:
      'sudo modprobe --all sch_netem sch_htb cls_u32, then run this again; on a kernel that lacks netem alone, profiles of rate alone work',
  },
  {
    code: 'qdisc-taken',
    // a root with another handle; one with the lab's own is "Exclusivity flag on, cannot modify" (iproute2 6.1, tried)
    pattern: /NLM_F_REPLACE needed to override/,
    cause: "something else shapes what leaves the node, as Cilium's bandwidth manager does",
    remedy: 'leave that off in cilium.values (bandwidthManager), deploy, then run this again',
  },
  {
    code: 'mesh-users',
    pattern: /configmap "clustermesh-remote-users" not found/,
    cause: 'the Cilium CLI is older than the chart: its `clustermesh enable` leaves out what the API server mounts',
    remedy:
      'use the CLI of the stack (plan names it), or mesh.method: install, or cilium.values: { clustermesh: { config: { enabled: true } } }',
  },
  {
    code: 'cgroups',
    pattern: /\/sys\/fs\/cgroup\S*: no space left on device|unable to apply cgroup configuration/,
    cause: 'the kernel has no room for another cgroup, or the runtime under Docker may not make one',
    remedy: 'stop containers that nobody needs, or start Docker or the machine anew; then deploy again',
  },
  {
    code: 'old-cgroup',
    pattern: /configured to not run on a host using cgroup v1|cgroup v1 support is unsupported/,
    cause: 'this Kubernetes does not run on cgroup v1, which the machine has',
    remedy:
      'start the machine with cgroup v2 (systemd.unified_cgroup_hierarchy=1), or choose an older Kubernetes: versions.kubernetes, or stack: article',
  },
  {
    code: 'rootless',
    pattern: /requires setting systemd property "Delegate=yes"/,
    cause: 'Docker runs without root, and its user may not make the cgroups that nodes need',
    remedy: 'delegate them: kind.sigs.k8s.io/docs/user/rootless; then deploy again',
  },
  {
    code: 'host-port',
    pattern:
      /port is already allocated|failed to bind host port|Error starting userland proxy|[Pp]orts are not available/,
    cause: 'a port of this machine that was free a moment ago is taken',
    remedy: 'deploy again: kind chooses another one',
    again: true,
  },
  {
    code: 'container-name',
    pattern: /Conflict\. The container name "\/?\S+" is already in use/,
    cause: 'a container that is none of the lab has the name of one of its nodes',
    remedy: 'docker ps --all shows it; rename or remove it, or give the region another name; then deploy again',
  },
  {
    code: 'docker-iptables',
    pattern: /iptables: No chain\/target\/match by that name|Failed to Setup IP tables/i,
    cause: 'the rules of the Docker Engine are gone from iptables, as after a firewall was started anew',
    remedy: 'start Docker anew (Linux: sudo systemctl restart docker), then deploy again',
  },
  {
    code: 'kubeadm',
    // what it says beside may be anything: addresses that do not answer, and a container that has ended
    pattern: /failed to (?:init|join) node with kubeadm|couldn't initialize a Kubernetes cluster|error execution phase/,
    cause:
      'Kubernetes did not come up in a node: too little memory (exit status 137), inotify or cgroups, or a machine that is too busy',
    remedy:
      'look at what its kubelet wrote (docker exec NODE journalctl -u kubelet; the evidence has it), run npm run doctor, use fewer workers or a smaller --concurrency; then deploy again. See docs/troubleshooting.md#nodes-do-not-start',
  },
  {
    code: 'node-start',
    pattern:
      /could not find a log line that matches "Reached target|failed to get kubernetes version from node|failed to generate kubeadm config content/,
    cause:
      'systemd did not start inside a node: inotify limits or memory are too low, or the host lacks the cgroups that kind needs',
    remedy:
      'raise the limits, give Docker more memory or use fewer workers; see docs/troubleshooting.md#nodes-do-not-start',
  },
  {
    code: 'containerd',
    pattern: /failed to detect containerd snapshotter|containerd\.sock.*(?:connection refused|no such file)/,
    cause: 'containerd did not answer in a node: it was started a moment ago, or has too little memory',
    remedy: 'deploy again; where it happens every time, give Docker more memory',
    again: true,
  },
  {
    code: 'runtime',
    pattern: /failed to create (?:shim|task|runc)|OCI runtime (?:create|exec|start) failed/,
    cause: 'the runtime under Docker could not start a program: memory, the kernel, or a version that does not fit',
    remedy: 'free some memory, start Docker anew or update it; then deploy again',
  },
  {
    code: 'node-stopped',
    pattern: /^(?:\S+: )?\S+ does not run: (?:stopped|paused|gone)$|\bcontainer \S+ is not running\b/im,
    cause: 'a node was stopped or killed while the deploy ran, or Docker was restarted',
    remedy: 'deploy again: it starts what does not run, waits until it is up, and goes on from there',
    again: true,
  },
  {
    code: 'registry-login',
    pattern:
      /unauthorized: |docker-credential-\S+.*(?:not found|no such file)|denied: requested access to the resource/,
    cause: 'a registry takes nobody without a login, or the program that keeps the logins of Docker is not there',
    remedy: 'docker login, or take the entry out of ~/.docker/config.json (credsStore); then deploy again',
  },
  {
    code: 'platform',
    pattern: /no matching manifest for \S+|does not provide the specified platform|exec format error/,
    cause: 'an image is not built for the processor of this machine',
    remedy: 'name one that is, in lab.yaml: sources.nodeImage, cilium.values.image, sources.images.probe',
  },
  {
    code: 'proxy-certificate',
    pattern: /(?:pull|download|registry|https:\/\/[^\s"]*\/v2\/).*x509: /i,
    cause: 'somebody on the way to a registry answers with a certificate of their own, as proxies of companies do',
    remedy:
      'make its CA known to the machine and to the Docker Engine, which takes it up when it is started anew; then deploy again',
  },
  {
    code: 'image-pull',
    // where the network is slow that is told
    pattern:
      /^(?![\s\S]*(?:TLS handshake timeout|unexpected EOF|Client\.Timeout exceeded|connection reset by peer)).*(?:ImagePullBackOff|ErrImagePull|InvalidImageName|failed to pull image|manifest (?:for .* )?(?:not found|unknown)|pull access denied)/m,
    cause: 'an image cannot be pulled: no network, or no such image',
    remedy:
      'check the network, or name another image or a mirror in lab.yaml: sources.nodeImage for the nodes, cilium.values.image for the agent',
  },
  {
    code: 'cluster-exists',
    pattern: /node\(s\) already exist for a cluster with the name/,
    cause: 'a kind cluster of this name came up meanwhile',
    remedy: 'deploy again: it looks at what exists first',
    again: true,
  },
  {
    code: 'kubeconfig-lock',
    pattern: /failed to lock config file/,
    cause: 'a kind that was killed has left its lock on the kubeconfig file',
    remedy: 'deploy again: it removes the lock and makes the cluster anew',
    again: true,
  },
  {
    code: 'etcd',
    pattern: /etcdserver: (?:request timed out|leader changed|no leader)/,
    cause:
      "the region's etcd did not answer: its members have just elected a leader (a control plane stopped or started), or disk and CPU are too busy",
    remedy: 'deploy again, when the machine is calmer: it goes on from here',
    again: true,
  },
  {
    code: 'containerd-store',
    pattern: /content digest sha256:\w+: not found/,
    cause: "the archive lacks layers: Docker's containerd image store saved other platforms too (kind#3795)",
    remedy: 'remove .lab/*/images and deploy again; it needs Docker 28 or later to save one platform alone',
  },
  {
    code: 'helm-pending',
    pattern: /another operation \(install\/upgrade\/rollback\) is in progress/,
    cause: 'a Helm run of this release was cut off, or another one is going on',
    remedy: 'wait for the other one to end, then deploy again: it removes the revision that was cut off',
  },
  {
    code: 'other-bytes',
    pattern: /has other bytes than it must have/,
    cause:
      'what was downloaded is not what the lab pins: somebody has changed it on the way, or at its place; nothing of it was applied',
    remedy:
      'deploy again, from another network or a mirror; where the new bytes are wanted, give their digest in lab.yaml: sources.ciliumChart or sources.metallbManifest as URL#sha256=HEX',
  },
  {
    code: 'download',
    pattern: /https?:\/\/\S+ could not be downloaded/,
    cause: 'the Cilium chart or the MetalLB manifest cannot be downloaded',
    remedy:
      'check the network and the proxy (HTTPS_PROXY), or name a mirror: CLUSTERMESH_LAB_MIRROR, or mirrors: in lab.yaml; or download it by other means, and name that file in sources.ciliumChart or sources.metallbManifest',
  },
  {
    code: 'helm-ownership',
    pattern: /invalid ownership metadata/,
    cause: 'objects of these names are there already, and are none of the release: somebody applied them by hand',
    remedy: 'delete those that its last lines name, then deploy again',
  },
  {
    code: 'immutable',
    pattern: /field is immutable/,
    cause: 'a value of lab.yaml changes what Kubernetes does not let anybody change in place',
    remedy: 'take the value back, or delete the object that its last lines name; then deploy again',
  },
  {
    code: 'chart-schema',
    pattern: /values don't meet the specifications of the schema/,
    cause: 'a value of cilium.values in lab.yaml is of a kind that the chart does not take',
    remedy: 'correct what its last lines name; synthesize, then deploy again',
  },
  {
    code: 'unschedulable',
    pattern: /Unschedulable: .*(?:Insufficient|didn't match)/,
    cause: 'no node has room for a pod, or none has the labels that it wants',
    remedy:
      'ask for less, or other labels, in cilium.values of lab.yaml; or use fewer regions, or give Docker more memory',
  },
  {
    code: 'pod-sandbox',
    pattern: /FailedCreatePodSandBox/,
    cause: 'a node cannot set up the network of a pod: its agent of Cilium does not answer, or another CNI is there',
    remedy: 'look at kubectl -n kube-system logs daemonset/cilium; then deploy again',
  },
  {
    code: 'chart-missing',
    pattern: /path ".*" not found|repo .* not found/,
    cause: 'there is no chart at sources.ciliumChart',
    remedy: 'correct the path in lab.yaml; it is relative to that file',
  },
  {
    code: 'mesh-certs',
    pattern: /FailedMount: .*secret "clustermesh-apiserver-[\w-]+" not found/,
    cause:
      'the ClusterMesh API server has no certificate: the Job that makes it did not come to its end, or somebody deleted the Secret',
    remedy:
      'kubectl -n kube-system get jobs,pods shows what became of clustermesh-apiserver-generate-certs; then deploy again',
  },
  {
    code: 'pod-crash',
    pattern: /CrashLoopBackOff/,
    cause: 'a program of the lab ends again and again in its pod, most often by a value that it does not take',
    remedy: 'put right what its last words say, as in cilium.values of lab.yaml; synthesize, then deploy again',
  },
  {
    code: 'pod-mount',
    pattern: /FailedMount|CreateContainerConfigError/,
    cause: 'a pod waits for a ConfigMap or a Secret that nobody makes',
    remedy:
      'deploy again: it applies what is missing; where cilium.values of lab.yaml name it, make it or take that out',
  },
  {
    code: 'metallb-webhook',
    pattern: /failed calling webhook "\w+validationwebhook\.metallb\.io"/,
    cause: "MetalLB's webhook did not answer until the deadline (metallb#1597)",
    remedy: 'look at kubectl -n metallb-system get pods; then deploy again, with a longer --timeout on a slow machine',
  },
  {
    code: 'metallb-refused',
    pattern: /admission webhook "\w+validationwebhook\.metallb\.io" denied the request/,
    cause: 'MetalLB refuses the pool: another pool in this cluster holds some of its addresses',
    remedy: 'kubectl get ipaddresspools -A shows them; remove the other one, or give this region another pool',
  },
  {
    code: 'cilium-crds',
    pattern: /still waiting for Cilium's CRDs/,
    cause: "Cilium's operator had not registered the kinds of address pools, in this version, until the deadline",
    remedy:
      'look at kubectl -n kube-system logs deployment/cilium-operator; then deploy again, with a longer --timeout on a slow machine',
  },
  {
    code: 'mesh-address',
    pattern: /unable to derive service IPs automatically/,
    cause: 'the ClusterMesh API server has no LoadBalancer address yet (cilium-cli#755)',
    remedy:
      'look at kubectl -n kube-system get service clustermesh-apiserver and at the pods that give it one (MetalLB, or cilium-operator); then deploy again',
  },
  {
    code: 'verify-workloads',
    pattern: /^\S+: not up: /m,
    cause: 'something that the deploy had seen ready is not, at the last look',
    remedy: 'kubectl get pods --all-namespaces shows which, kubectl describe why; then deploy again',
  },
  {
    code: 'verify-versions',
    pattern: /^\S+: MetalLB's \S+ is \S+, not \S+$/m,
    cause:
      'somebody changed MetalLB while the deploy ran, or its manifest (sources.metallbManifest) is of another version',
    remedy:
      'deploy again: it applies the manifest; where that is your own, say its version in lab.yaml: `versions: { metallb: … }`',
  },
  {
    code: 'verify-addresses',
    pattern: /^\S+: \S+ has (?:no address|the address \S+, outside the pool)/m,
    cause: "a Service of the lab's own has no LoadBalancer address of its region's pool",
    remedy:
      'kubectl -n metallb-system logs deployment/controller says why, or with loadBalancer.by: cilium kubectl -n kube-system logs deployment/cilium-operator; then deploy again',
  },
  {
    code: 'verify-pool',
    pattern: /^\S+: \S+ is not as in dist\/: /m,
    cause: "somebody changed the region's address pool or its announcement while the deploy ran",
    remedy: 'deploy again: it puts them back',
    again: true,
  },
  {
    code: 'verify-links',
    pattern: /^\S+: does not reach \S+ with all of its agents$/m,
    cause: 'a region is not connected to another one with every agent, or dials an address that is no longer its',
    remedy: 'deploy again: it connects what is missing; status shows the links',
    again: true,
  },
  {
    code: 'ca-mismatch',
    pattern: /Cilium CA certificates do not match between clusters .* and/,
    cause: 'two regions were installed with different CAs',
    remedy: 'deploy again: it gives every region the shared CA',
    again: true,
  },
  {
    code: 'mesh-identity',
    pattern: /remote and local cluster have the same, non-unique (?:name|ID)/i,
    cause: 'two regions live with the same cluster name or id',
    remedy: 'plan names them; destroy one (destroy --region NAME) and deploy again',
  },
  {
    code: 'mesh-not-connected',
    pattern: /agent not connected: those of |is not connected to cluster \S+: |nodes are not connected to all clusters/,
    cause:
      'agents of one region did not reach the ClusterMesh API server of another until the deadline (a first connect may take minutes: cilium#45417)',
    remedy:
      'verify tells which paths fail and why; kubectl -n kube-system rollout restart daemonset/cilium makes the agents dial anew; then deploy again',
  },
  {
    code: 'mesh-not-enabled',
    pattern: /services "clustermesh-apiserver" not found/,
    cause: 'ClusterMesh is not enabled there: a helm upgrade by hand without the mesh values removes it',
    remedy: 'deploy again: it enables what is missing',
    again: true,
  },
  {
    code: 'test-crds',
    pattern: /failed to create typed patch object/,
    cause: "the Cilium CLI is newer than Cilium: its tests write policy fields that this version's CRDs refuse",
    remedy: 'use the CLI of the stack (plan names it), or choose tests by test.only in lab.yaml',
  },
  {
    code: 'test-egress',
    pattern: /command "curl [^"]*(?:one\.one\.one\.one|k8s\.io|1\.[01]\.[01]\.[01])[^"]*" failed/,
    cause: "tests of Cilium's connectivity test call addresses on the internet, which this network does not reach",
    remedy: 'choose others by test.only in lab.yaml, such as no-policies/pod-to-pod; then deploy again',
  },
  {
    code: 'no-tests',
    pattern: /ran 0 tests/,
    cause: 'no test of the Cilium CLI matches; it matches `test/scenario`, so `^name$` never does',
    remedy: 'correct test.only in lab.yaml, such as no-policies/pod-to-pod',
  },
  {
    code: 'docker-version',
    pattern: /unknown (?:shorthand )?flag: .*\s+(?:See 'docker |Usage: +docker )/,
    cause: 'the docker command does not know this option: it is too old, whatever the engine is',
    remedy: 'update Docker to 28 or later (docker version shows command and engine), then deploy again',
  },
  {
    code: 'cli-version',
    pattern: /unknown (?:flag|shorthand flag|command)/,
    cause: 'the program does not know this option: it is not of the version that the stack pins',
    remedy: 'install the version that plan names, or pin yours under versions: in lab.yaml',
  },
  {
    code: 'kubeconfig',
    pattern:
      /(?:cluster unreachable|Unable to connect to the server): .*x509: |the server has asked for the client to provide credentials|must be logged in to the server/,
    cause: 'the kubeconfig of the region is of another cluster, or of one that had its name before',
    remedy: 'remove .lab/NAME/kubeconfig/REGION and deploy again: it asks kind for it anew',
  },
  {
    code: 'api-server',
    pattern:
      /Kubernetes cluster unreachable|Error from server \(ServiceUnavailable\)|malformed header: missing HTTP content-type|apiserver is shutting down|transport is closing|error dialing backend|The connection to the server \S+ was refused|Unable to connect to the server: (?:net\/http: (?:TLS handshake timeout|request canceled)|(?:unexpected )?EOF|context deadline exceeded|http2: client connection lost|dial tcp [\d.:[\]]+: )|Get "https:\/\/(?:127\.0\.0\.1|localhost|\[::1\]):\d+\S*": (?:dial tcp |read tcp |EOF|net\/http: TLS|http2: )/,
    cause: "the region's API server does not answer: its node was stopped or restarted, or the machine is too busy",
    remedy: 'deploy again: it starts what does not run, and goes on from there',
    again: true,
  },
  {
    code: 'network-slow',
    // of a host that is neither this machine, nor in a cluster
    pattern:
      /https?:\/\/(?!(?:127|10|192\.168|172\.(?:1[6-9]|2\d|3[01]))\.|localhost|\[|[^/"\s.]+[:/]|[^/"\s]*\.svc\b)[^"\s]+"?: (?:net\/http: (?:TLS handshake timeout|request canceled.*Client\.Timeout)|context deadline exceeded|.*(?:i\/o timeout|connection reset by peer))|(?:pull|download|Get "https:).*unexpected EOF/,
    cause: 'the network is slow, or was cut off in the middle of a download',
    remedy: 'deploy again: what has come stays; where it happens every time, name a mirror under sources: in lab.yaml',
    again: true,
  },
  {
    code: 'no-network',
    pattern: /no such host|Temporary failure in name resolution|TLS handshake timeout|i\/o timeout/,
    cause: 'something could not be downloaded',
    remedy: 'check the network and the proxy settings, or name a mirror under sources: in lab.yaml',
  },
];

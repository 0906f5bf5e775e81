import { ApiObject, JsonPatch, Size } from 'cdk8s';
import {
  type ContainerProps,
  Cpu,
  EnvFieldPaths,
  EnvValue,
  ImagePullPolicy,
  LabelSelector,
  Pod,
  type PodSelectorConfig,
  type Workload,
} from 'cdk8s-plus-27';

/** User and group of no name: whatever the image says, nothing runs as root. */
const NOBODY = 65532;

/** Pods of the lab's own run as nobody. */
export const podSecurity = { user: NOBODY, group: NOBODY, ensureNonRoot: true } as const;

/** What Pod Security `restricted` asks of containers, and a root file system that nobody writes to. */
export const hardened = (user: number) =>
  ({ user, group: user, ensureNonRoot: true, readOnlyRootFilesystem: true }) as const;

/**
 * A container of the probe's image that knows where it runs, by REGION, POD and NODE, and writes nowhere.
 * @param region in which it runs
 */
export function ownContainer(region: string, image: string): ContainerProps {
  return {
    image,
    imagePullPolicy: ImagePullPolicy.IF_NOT_PRESENT,
    envVariables: {
      REGION: EnvValue.fromValue(region),
      POD: EnvValue.fromFieldRef(EnvFieldPaths.POD_NAME),
      NODE: EnvValue.fromFieldRef(EnvFieldPaths.NODE_NAME),
    },
    resources: {
      cpu: { request: Cpu.millis(10), limit: Cpu.millis(500) },
      memory: { request: Size.mebibytes(64), limit: Size.mebibytes(256) },
    },
    securityContext: hardened(NOBODY),
  };
}

/** The rest of what the Pod Security Standard `restricted` asks of the pods of a workload with one container. */
export function restrict(workload: Workload): void {
  const [template, security] = ['/spec/template', 'securityContext'];
  ApiObject.of(workload).addJsonPatch(
    // cdk8s-plus has no word for these two
    JsonPatch.add(`${template}/spec/${security}/seccompProfile`, { type: 'RuntimeDefault' }),
    JsonPatch.add(`${template}/spec/containers/0/${security}/capabilities`, { drop: ['ALL'] }),
    // of no use beside labels that people can read
    JsonPatch.remove(`${template}/metadata/labels/${Pod.ADDRESS_LABEL.replace('/', '~1')}`),
  );
}

/** How pods are found that have this label `app`. */
export function byApp(app: string, namespace: string): PodSelectorConfig {
  return { labelSelector: LabelSelector.of({ labels: { app } }), namespaces: { names: [namespace] } };
}

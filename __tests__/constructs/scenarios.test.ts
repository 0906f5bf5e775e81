import { App, Chart, Yaml } from 'cdk8s';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { addScenarios } from '../../constructs/scenarios/index.ts';
import { synthesize } from '../../constructs/lab-app.ts';
import { probeProgram } from '../../lab/probe-program.ts';
import type { Region } from '../../lab/lab.ts';
import type { Scenarios } from '../../lab/scenarios.ts';
import { articleLab, athens, hurup } from './article-lab.ts';

const highAvailability = { affinity: 'none', unshared: [], replicas: 2 } as const;

/** YAML of a region's part of these scenarios, all in one; the server's program left out. */
function yamlOf(scenarios: Scenarios, region = athens()): string {
  const chart = new Chart(new App(), 'chart');
  addScenarios(articleLab({ scenarios }), region, () => chart);
  const yaml = Yaml.stringify(...(chart.toJson() as readonly unknown[]));
  return (['serve.mjs', 'front.mjs'] as const).reduce(
    (text, name) => text.replace(probeProgram(name).replaceAll(/^(?=.)/gm, '    '), '    PROGRAM\n'),
    yaml,
  );
}

interface Pod {
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly containers: readonly {
    readonly image: string;
    readonly resources: { readonly requests: object; readonly limits: object };
    readonly securityContext: Readonly<Record<string, unknown>>;
  }[];
  readonly hostNetwork?: boolean;
  readonly volumes?: readonly object[];
}

interface Document {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels: Record<string, string> };
  readonly spec?: { readonly template?: { readonly spec: Pod } };
}

const split = { region: 'region-athens', image: 'docker.io/library/postgres:17.6-alpine' };

/** Every scenario, with its options as lab.yaml leaves them. */
const all: Required<Scenarios> = {
  'high-availability': highAvailability,
  policy: { allow: ['region-athens'] },
  'shared-services': { hub: 'region-athens' },
  'stateful-split': split,
};

const documents = [...synthesize(articleLab({ scenarios: all }))]
  .filter(([path]) => path.includes('/scenarios/'))
  .map(([path, text]) => ({
    path,
    objects: parseAllDocuments(text).map((document) => document.toJS() as Document),
  }));
const pods = documents.flatMap(({ path, objects }) =>
  objects.flatMap(({ kind, metadata, spec }) =>
    spec?.template === undefined ? [] : [{ pod: `${path} ${kind}/${metadata.name}`, ...spec.template.spec }],
  ),
);

describe('every scenario', () => {
  it('has a file of its own in every region, and a namespace of its name in it, marked as the lab’s', () => {
    expect(documents.map(({ path }) => path).toSorted()).toEqual(
      ['region-athens', 'region-hurup'].flatMap((region) =>
        Object.keys(all).map((name) => `${region}/scenarios/${name}.yaml`),
      ),
    );
    for (const { path, objects } of documents) {
      const [, name = ''] = /([\w-]+)\.yaml$/.exec(path) ?? [];
      const [namespace, ...others] = objects;
      expect(namespace).toMatchObject({ kind: 'Namespace', metadata: { name } });
      expect(namespace?.metadata.labels['pod-security.kubernetes.io/enforce']).toBe('restricted');
      for (const { metadata } of others) expect(metadata.namespace).toBe(name);
      for (const { metadata } of objects) {
        expect(metadata.labels).toMatchObject({
          'app.kubernetes.io/managed-by': 'clustermesh-lab',
          'clustermesh-lab/scenario': name,
        });
      }
    }
  });

  it.each(pods)(
    'is let in by Pod Security `restricted`: $pod',
    ({ securityContext, containers, hostNetwork, volumes = [] }) => {
      expect(securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
      expect(hostNetwork ?? false).toBe(false);
      const kinds = volumes.flatMap((volume) => Object.keys(volume)).filter((key) => key !== 'name');
      expect(kinds.filter((kind) => !['configMap', 'emptyDir', 'persistentVolumeClaim'].includes(kind))).toEqual([]);
      for (const container of containers) {
        expect(container.securityContext).toMatchObject({
          allowPrivilegeEscalation: false,
          capabilities: { drop: ['ALL'] },
          privileged: false,
          runAsNonRoot: true,
          readOnlyRootFilesystem: true,
        });
        expect(container.securityContext.runAsUser).toBeGreaterThan(0);
        expect(container.resources).toMatchObject({ requests: { memory: /./ }, limits: { memory: /./ } });
      }
    },
  );
});

describe('high-availability', () => {
  it('GIVEN the defaults THEN two servers and a client in a region, the Service global', async () => {
    await expect(yamlOf({ 'high-availability': highAvailability })).toMatchFileSnapshot(
      'golden/high-availability.yaml',
    );
  });

  it('GIVEN affinity, replicas and a region that does not share THEN that region alone keeps its servers', () => {
    const options = { affinity: 'local', unshared: ['region-hurup'], replicas: 3 } as const;
    const [one, other] = [athens(), hurup()].map((region) => yamlOf({ 'high-availability': options }, region));

    for (const yaml of [one, other]) {
      expect(yaml).toContain('service.cilium.io/affinity: local\n');
      expect(yaml).toContain('replicas: 3\n');
    }
    expect(one).toContain('service.cilium.io/shared: "true"\n');
    expect(other).toContain('service.cilium.io/shared: "false"\n');
  });
});

describe('policy', () => {
  it('GIVEN a region that is not allowed THEN its servers let in its own region, and clients of the allowed', async () => {
    await expect(yamlOf({ policy: { allow: ['region-athens'] } }, hurup())).toMatchFileSnapshot('golden/policy.yaml');
  });

  it('GIVEN the allowed region, and no other THEN its servers let in its own region alone', () => {
    const yaml = yamlOf({ policy: { allow: ['region-athens'] } });

    expect(yaml).toContain('  ingress:\n    - fromEntities:\n        - cluster\n---\n');
    expect(yaml).not.toContain('io.cilium.k8s.policy.cluster');
  });
});

describe('shared-services', () => {
  const yamlIn = (region: Region) => yamlOf({ 'shared-services': { hub: 'region-athens' } }, region);

  it('GIVEN a tenant THEN its servers are behind a Service of its own, and the hub’s has nothing behind it', async () => {
    await expect(yamlIn(hurup())).toMatchFileSnapshot('golden/shared-services.yaml');
  });

  it('GIVEN the hub THEN the same Services, and its servers are behind the shared one', () => {
    const servicesOf = (yaml: string) => yaml.split('---\n').filter((text) => text.includes('kind: Service\n'));

    expect(servicesOf(yamlIn(athens()))).toEqual(servicesOf(yamlIn(hurup())));
    expect(yamlIn(athens())).toContain('        app: server\n        region: region-athens\n');
  });
});

describe('stateful-split', () => {
  it('GIVEN the region of the database THEN PostgreSQL with a volume, behind a global Service', async () => {
    await expect(yamlOf({ 'stateful-split': split })).toMatchFileSnapshot('golden/stateful-split-database.yaml');
  });

  it('GIVEN another region THEN front ends, and the same Service with nothing behind it', async () => {
    const yaml = yamlOf({ 'stateful-split': split }, hurup());
    await expect(yaml).toMatchFileSnapshot('golden/stateful-split-front.yaml');
  });
});

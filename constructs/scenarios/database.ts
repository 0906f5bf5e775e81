import { Duration, Size } from 'cdk8s';
import {
  ConfigMap,
  Cpu,
  EnvValue,
  ImagePullPolicy,
  type IPersistentVolumeClaim,
  LabelSelector,
  PersistentVolumeAccessMode,
  PersistentVolumeClaim,
  type PodSelectorConfig,
  Probe,
  type Service,
  StatefulSet,
  Volume,
} from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { byApp, hardened, restrict } from '../restricted.ts';
import type { Space } from './space.ts';

/** PostgreSQL's own. */
export const DATABASE_PORT = 5432;

/** The user `postgres` of the official image on Alpine. */
const POSTGRES = 70;

/** What is in the database before anybody comes: one row a visit. Its user needs no password: it holds nothing else. */
const SCHEMA = 'CREATE TABLE visits (region text NOT NULL, at timestamptz NOT NULL DEFAULT now());\n';

/** What a database is made from. */
export interface DatabaseProps {
  readonly space: Space;
  /** PostgreSQL, as the official image has it. */
  readonly image: string;
  /** The Service that leads to it. */
  readonly service: Service;
}

/** One PostgreSQL with a volume, which stays when its pod goes. */
export class Database extends StatefulSet {
  private readonly space: string;

  constructor(scope: Construct, id: string, { space, image, service }: DatabaseProps) {
    const name = 'database';
    super(scope, id, {
      metadata: space.holds(name),
      podMetadata: { labels: { app: name } },
      select: false,
      service,
      replicas: 1,
      securityContext: { user: POSTGRES, group: POSTGRES, fsGroup: POSTGRES, ensureNonRoot: true },
      terminationGracePeriod: Duration.seconds(30),
    });
    this.space = space.name;
    this.select(LabelSelector.of({ labels: { app: name } }));
    // by TCP: while the image sets the database up it listens on its socket alone
    const isReady = ['pg_isready', '--host=127.0.0.1', '--username=lab'];
    const patience = { periodSeconds: Duration.seconds(2), timeoutSeconds: Duration.seconds(5) };
    const container = this.addContainer({
      image,
      imagePullPolicy: ImagePullPolicy.IF_NOT_PRESENT,
      portNumber: DATABASE_PORT,
      envVariables: {
        POSTGRES_USER: EnvValue.fromValue('lab'),
        POSTGRES_DB: EnvValue.fromValue('lab'),
        POSTGRES_HOST_AUTH_METHOD: EnvValue.fromValue('trust'),
        // a folder of its own: the volume may hold lost+found
        PGDATA: EnvValue.fromValue('/var/lib/postgresql/data/pgdata'),
      },
      startup: Probe.fromCommand(isReady, { ...patience, failureThreshold: 150 }),
      readiness: Probe.fromCommand(isReady, patience),
      resources: {
        cpu: { request: Cpu.millis(50), limit: Cpu.millis(900) },
        memory: { request: Size.mebibytes(128), limit: Size.mebibytes(512) },
      },
      securityContext: hardened(POSTGRES),
    });
    const volume = (key: string): string => `${id}-${key}`;
    new PersistentVolumeClaim(scope, volume('claim'), {
      metadata: space.holds(name),
      accessModes: [PersistentVolumeAccessMode.READ_WRITE_ONCE],
      storage: Size.gibibytes(1),
    });
    const claim: IPersistentVolumeClaim = PersistentVolumeClaim.fromClaimName(scope, volume('claimed'), name);
    container.mount('/var/lib/postgresql/data', Volume.fromPersistentVolumeClaim(scope, volume('data'), claim));
    // it writes nothing else
    for (const path of ['/var/run/postgresql', '/tmp']) {
      const key = path.replaceAll('/', '-').slice(1);
      container.mount(path, Volume.fromEmptyDir(scope, volume(key), key));
    }
    new ConfigMap(scope, volume('schema'), { metadata: space.holds(name), data: { 'visits.sql': SCHEMA } });
    const files = ConfigMap.fromConfigMapName(scope, volume('files'), name);
    container.mount('/docker-entrypoint-initdb.d', Volume.fromConfigMap(scope, volume('init'), files), {
      readOnly: true,
    });
    restrict(this);
  }

  public override toPodSelectorConfig(): PodSelectorConfig {
    return byApp('database', this.space);
  }
}

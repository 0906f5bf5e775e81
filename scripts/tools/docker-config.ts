import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { readJson } from './json.ts';
import { runProcess } from './process.ts';

/** Who a registry takes somebody for. */
export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** What is odd in it counts as not there: the rest of it still holds. */
const entry = z
  .object({ auth: z.string().optional(), username: z.string().optional(), password: z.string().optional() })
  .catch({});
const configFile = z.object({
  auths: z.record(z.string(), entry).catch({}).default({}),
  credHelpers: z.record(z.string(), z.string()).catch({}).default({}),
  credsStore: z.string().optional().catch(undefined),
});
const helperAnswer = z.object({ Username: z.string(), Secret: z.string() });

/** Seconds for a helper, which may ask a keychain. */
const SECONDS = 20;

/** Docker's own configuration of the user: what `docker login` has kept. */
export class DockerConfig {
  readonly #file: string;
  readonly #env: Readonly<Record<string, string>>;
  readonly #signal: AbortSignal;

  /** @param env in which helpers run: their programs are looked for on its PATH, and DOCKER_CONFIG names another folder than `~/.docker` */
  constructor(env: Readonly<Record<string, string>>, home: string, signal: AbortSignal) {
    const { DOCKER_CONFIG: folder = '' } = env;
    this.#file = join(folder === '' ? join(home, '.docker') : folder, 'config.json');
    this.#env = env;
    this.#signal = signal;
  }

  /** The credentials for a registry; undefined where nobody has logged in there. @param url `https://quay.example` */
  async credentialsOf(url: string): Promise<Credentials | undefined> {
    const kept = keptFor(new URL(url).host, this.#read());
    if (kept === undefined || 'user' in kept) return kept;
    const { stdout, exitCode } = await runProcess(`docker-credential-${kept.helper}`, ['get'], {
      ...{ env: this.#env, signal: this.#signal, timeoutSeconds: SECONDS, input: kept.server },
    });
    const answer = exitCode === 0 ? readJson(helperAnswer, stdout) : undefined;
    // a token is nothing that a registry that asks another could use (docker/docker-credential-helpers)
    return answer === undefined || answer.Username === '<token>'
      ? undefined
      : { user: answer.Username, password: answer.Secret };
  }

  #read(): z.infer<typeof configFile> | undefined {
    try {
      return readJson(configFile, readFileSync(this.#file, 'utf8'));
    } catch {
      return undefined;
    }
  }
}

/** What `docker login` has kept for a host: itself, or the name of a helper and what that knows it by. Pure. */
function keptFor(
  host: string,
  config: z.infer<typeof configFile> | undefined,
): Credentials | { readonly helper: string; readonly server: string } | undefined {
  if (config === undefined) return undefined;
  const { auths, credHelpers, credsStore } = config;
  // Docker writes hosts, and did write URLs (docker/cli, cli/config/credentials/file_store.go)
  const [server, kept] = Object.entries(auths).find(([name]) => hostIn(name) === hostIn(host)) ?? [];
  const [, own] = Object.entries(credHelpers).find(([name]) => hostIn(name) === hostIn(host)) ?? [];
  const helper = own ?? credsStore;
  // one that is named is asked, whatever else is there (native_store.go)
  if (helper !== undefined && helper !== '') return { helper, server: server ?? host };
  const { auth = '', username: user = '', password = '' } = kept ?? {};
  if (auth !== '') return decoded(auth);
  return user === '' || password === '' ? undefined : { user, password };
}

/** As URLs have it: in small letters, without the port of HTTPS. */
const hostIn = (server: string): string =>
  server
    .replace(/^https?:\/\//, '')
    .replace(/\/.*$/, '')
    .replace(/:443$/, '')
    .toLowerCase();

function decoded(auth: string): Credentials | undefined {
  const [, user, password] = /^([^:]+):(.+)$/s.exec(Buffer.from(auth, 'base64').toString('utf8')) ?? [];
  // Docker pads it by zero bytes
  return user === undefined || password === undefined ? undefined : { user, password: password.replace(/\0+$/, '') };
}

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

const configFile = z.object({
  auths: z.record(z.string(), z.object({ auth: z.string().optional() })).default({}),
  credHelpers: z.record(z.string(), z.string()).default({}),
  credsStore: z.string().optional(),
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
    if (kept === undefined) return undefined;
    if ('auth' in kept) return decoded(kept.auth);
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
): { readonly auth: string } | { readonly helper: string; readonly server: string } | undefined {
  if (config === undefined) return undefined;
  const { auths, credHelpers, credsStore } = config;
  const own = credHelpers[host];
  if (own !== undefined) return { helper: own, server: host };
  // Docker writes hosts, and did write URLs (docker/cli, cli/config/credentials/file_store.go)
  const [server, entry] = Object.entries(auths).find(([name]) => hostIn(name) === host) ?? [];
  if (server === undefined) return undefined;
  if (entry?.auth !== undefined && entry.auth !== '') return { auth: entry.auth };
  return credsStore === undefined ? undefined : { helper: credsStore, server };
}

const hostIn = (server: string): string => server.replace(/^https?:\/\//, '').replace(/\/.*$/, '');

function decoded(auth: string): Credentials | undefined {
  const [, user, password] = /^([^:]+):(.+)$/s.exec(Buffer.from(auth, 'base64').toString('utf8')) ?? [];
  // Docker pads it by zero bytes
  return user === undefined || password === undefined ? undefined : { user, password: password.replace(/\0+$/, '') };
}

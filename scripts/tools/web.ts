import { createReadStream } from 'node:fs';
import { STATUS_CODES } from 'node:http';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { DownloadError } from './download-error.ts';

/** What a site answers; of redirects the last one. */
export interface Answer {
  readonly status: number;
  /** `Not Found` */
  readonly statusText: string;
  /** By names in small letters. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Bytes as they lie there, unpacked by nobody. To be destroyed where they are not read to their end. */
  readonly body: PassThrough;
}

/** Asks for a URL. */
export type Web = (
  url: string,
  options: { readonly signal: AbortSignal; readonly headers: Readonly<Record<string, string>> },
) => Promise<Answer>;

type Env = Readonly<Record<string, string | undefined>>;

/** Names of the variables by which a user points programs at a proxy; the small ones win, as with curl. */
const proxyOf = (env: Env, name: string): string | undefined => env[name.toLowerCase()] ?? env[name.toUpperCase()];

/** More than any file has: a body that is read more slowly than it comes waits in memory. */
const unlimited = 2 ** 40;

const mostRedirections = 10;

/** Sites refuse who says nothing of the kind (thought-machine/please#1231), and undici says nothing. */
const userAgent = 'clustermesh-lab';

/**
 * The web by way of the user's proxy, where the environment names one: HTTPS_PROXY, HTTP_PROXY, NO_PROXY. Not Node's own `fetch`, which
 * heeds them from 22.21 and 24 on alone, and only where NODE_USE_ENV_PROXY was set at its start; and which ends the process where a site
 * closes its connection before a body was read (nodejs/undici#5360): here none is ever held up.
 * @throws DownloadError where the proxy is no URL
 */
export async function webOf(env: Env): Promise<Web> {
  const { default: undici } = await import('undici');
  const [httpProxy, httpsProxy, noProxy] = ['http_proxy', 'https_proxy', 'no_proxy'].map((name) => proxyOf(env, name));
  const options = {
    httpProxy: withScheme(httpProxy ?? ''),
    httpsProxy: withScheme(httpsProxy ?? httpProxy ?? ''),
    noProxy: noProxy ?? '',
  };
  const openAgent = () => {
    try {
      return new undici.EnvHttpProxyAgent(options);
    } catch {
      // its own words may hold the password
      throw new DownloadError('HTTPS_PROXY or HTTP_PROXY is not a proxy: write it as http://HOST:PORT', 'elsewhere');
    }
  };
  // before anybody is asked
  openAgent();
  const redirect = undici.interceptors.redirect({ maxRedirections: mostRedirections });
  return (url, { signal, headers }) =>
    new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const agent = openAgent();
      // undici heeds a signal from the moment it is connected: a proxy may keep it waiting before that
      const stop = (): void => {
        reject(signal.reason as Error);
        void agent.destroy();
      };
      signal.addEventListener('abort', stop, { once: true });
      undici
        .stream(
          url,
          {
            dispatcher: agent.compose(redirect),
            method: 'GET',
            signal,
            headers: { 'user-agent': userAgent, ...headers },
          },
          ({ statusCode: status, headers: answered }) => {
            const body = new PassThrough({ highWaterMark: unlimited });
            // who reads it hears of it; who does not is not ended by it
            body.on('error', () => undefined);
            resolve({ status, statusText: STATUS_CODES[status] ?? '', headers: answered, body });
            return body;
          },
        )
        .catch(reject)
        .finally(() => {
          signal.removeEventListener('abort', stop);
          void agent.destroy();
        });
    });
}

/** A site that has one file, and gives it for any URL. */
export const fromFile =
  (file: string): Web =>
  (_, { signal }) => {
    const body = new PassThrough();
    // who reads it hears of it
    pipeline(createReadStream(file), body, { signal }).catch(() => undefined);
    return Promise.resolve({ status: 200, statusText: 'OK', headers: {}, body });
  };

/** `proxy.example:3128` is a proxy too for curl, and for what is written in Go. */
const withScheme = (proxy: string): string => (proxy === '' || proxy.includes('://') ? proxy : `http://${proxy}`);

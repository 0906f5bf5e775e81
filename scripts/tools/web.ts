import { DownloadError } from './download.ts';

/** Names of the variables by which a user points programs at a proxy; the small ones win, as with curl. */
const proxyOf = (env: Readonly<Record<string, string | undefined>>, name: string): string | undefined =>
  env[name.toLowerCase()] ?? env[name.toUpperCase()];

/**
 * `fetch` by way of the user's proxy, where the environment names one: HTTPS_PROXY, HTTP_PROXY, NO_PROXY. Node's own heeds them from
 * 22.21 and 24 on, and only where NODE_USE_ENV_PROXY was set when it started.
 * @throws DownloadError where the proxy is no URL
 */
export async function webOf(env: Readonly<Record<string, string | undefined>>): Promise<typeof fetch> {
  const [httpProxy, httpsProxy, noProxy] = ['http_proxy', 'https_proxy', 'no_proxy'].map((name) => proxyOf(env, name));
  if ((httpProxy ?? '') === '' && (httpsProxy ?? '') === '') return fetch;
  // most machines have none
  const { default: undici } = await import('undici');
  const options = {
    httpProxy: withScheme(httpProxy ?? ''),
    httpsProxy: withScheme(httpsProxy ?? httpProxy ?? ''),
    noProxy: noProxy ?? '',
  };
  const dispatcher = (() => {
    try {
      return new undici.EnvHttpProxyAgent(options);
    } catch {
      // its own words may hold the password
      throw new DownloadError('HTTPS_PROXY or HTTP_PROXY is not a proxy: write it as http://HOST:PORT', 'elsewhere');
    }
  })();
  return ((url: string, init: object) => undici.fetch(url, { ...init, dispatcher })) as unknown as typeof fetch;
}

/** `proxy.example:3128` is a proxy too for curl, and for what is written in Go. */
const withScheme = (proxy: string): string => (proxy === '' || proxy.includes('://') ? proxy : `http://${proxy}`);

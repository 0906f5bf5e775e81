import { describe, expect, it } from 'vitest';
import { programEnvironment as environment } from '../../../scripts/commands/environment.ts';
import { registriesOf } from '../../../lab/registries.ts';
import { articleLab } from '../fixtures.ts';

const programEnvironment = (env: Record<string, string | undefined>) => environment(env, articleLab());

/** Plain text, no `kuberc`, which is kubectl's preferences of the user, and none of Helm's plugins. */
const settings = { NO_COLOR: '1', TERM: 'dumb', KUBERC: 'off', HELM_NO_PLUGINS: '1' };

describe('the environment that programs run in', () => {
  it.each([
    'KUBECONFIG',
    'KIND_CLUSTER_NAME',
    'KIND_EXPERIMENTAL_PROVIDER',
    'KIND_EXPERIMENTAL_DOCKER_NETWORK',
    'HELM_NAMESPACE',
    'HELM_KUBECONTEXT',
    'HELM_DRIVER',
    'HELM_DEBUG',
    'CILIUM_NAMESPACE',
    'CILIUM_CLI_MODE',
    'DOCKER_DEFAULT_PLATFORM',
    'KUBERC',
    'HELM_NO_PLUGINS',
    'FORCE_COLOR',
  ])('GIVEN %s, which would steer a program elsewhere WHEN it runs THEN it does not get it', (name) => {
    expect(programEnvironment({ [name]: 'x' })).toEqual(settings);
  });

  it.each([
    'PATH',
    'HOME',
    'DOCKER_HOST',
    'NO_PROXY',
    'HELM_CACHE_HOME',
    'HELM_REPOSITORY_CONFIG',
    'MY_KUBECONFIG',
    'KUBECONFIG_OLD',
  ])('GIVEN %s WHEN a program runs THEN it gets it', (name) => {
    expect(programEnvironment({ [name]: 'x' })).toEqual({ [name]: 'x', ...settings });
  });

  it.each([
    { env: { HTTPS_PROXY: 'http://proxy:3128' }, given: '' },
    { env: { http_proxy: 'http://proxy:3128', no_proxy: '.example,10.0.0.1' }, given: '.example,10.0.0.1,' },
    { env: { ALL_PROXY: 'socks5://proxy', NO_PROXY: 'host,' }, given: 'host,' },
  ])('GIVEN the proxy of $env WHEN a program runs THEN the addresses of the lab go around it', ({ env, given }) => {
    const around = `${given}localhost,127.0.0.1,172.19.0.0/16,10.0.0.0/8`;

    expect(programEnvironment(env)).toEqual({ ...env, ...settings, NO_PROXY: around, no_proxy: around });
  });

  it('GIVEN a proxy, and images that come through caches THEN the caches are asked by their names, and no proxy is', () => {
    const cached = articleLab({ imagesBy: 'cache', registries: registriesOf({}) });

    expect(environment({ HTTP_PROXY: 'http://proxy:3128' }, cached).NO_PROXY).toBe(
      'localhost,127.0.0.1,172.19.0.0/16,10.0.0.0/8,clustermesh-lab-cache-docker-io,clustermesh-lab-cache-quay-io,clustermesh-lab-cache-registry-k8s-io',
    );
  });

  it('GIVEN a colourful terminal WHEN a program runs THEN plain text all the same, and nothing that is not set', () => {
    expect(programEnvironment({ TERM: 'xterm-256color', NO_COLOR: undefined, EMPTY: '' })).toEqual({
      EMPTY: '',
      ...settings,
    });
  });
});

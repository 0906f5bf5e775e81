import { describe, expect, it } from 'vitest';
import { programEnvironment } from '../../../scripts/commands/environment.ts';

/** Plain text, and no `kuberc`: kubectl's own preferences of the user. */
const settings = { NO_COLOR: '1', TERM: 'dumb', KUBERC: 'off' };

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
    'FORCE_COLOR',
  ])('GIVEN %s, which would steer a program elsewhere WHEN it runs THEN it does not get it', (name) => {
    expect(programEnvironment({ [name]: 'x' })).toEqual(settings);
  });

  it.each([
    'PATH',
    'HOME',
    'DOCKER_HOST',
    'HTTPS_PROXY',
    'NO_PROXY',
    'HELM_CACHE_HOME',
    'HELM_REPOSITORY_CONFIG',
    'MY_KUBECONFIG',
    'KUBECONFIG_OLD',
  ])('GIVEN %s WHEN a program runs THEN it gets it', (name) => {
    expect(programEnvironment({ [name]: 'x' })).toEqual({ [name]: 'x', ...settings });
  });

  it('GIVEN a colourful terminal WHEN a program runs THEN plain text all the same, and nothing that is not set', () => {
    expect(programEnvironment({ TERM: 'xterm-256color', NO_COLOR: undefined, EMPTY: '' })).toEqual({
      EMPTY: '',
      ...settings,
    });
  });
});

import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { DockerConfig } from '../../../scripts/tools/docker-config.ts';

/** A user's home with this configuration, and a helper that knows one server. */
function home(config: unknown): DockerConfig {
  const folder = mkdtempSync(join(tmpdir(), 'home-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
  });
  mkdirSync(join(folder, '.docker'));
  writeFileSync(join(folder, '.docker', 'config.json'), typeof config === 'string' ? config : JSON.stringify(config));
  const helper = join(folder, 'docker-credential-keychain');
  const answer = '{"ServerURL":"x","Username":"ann","Secret":"from the keychain"}';
  writeFileSync(
    helper,
    `#!/bin/sh\nread server\ncase "$server" in quay.example|https://quay.example/v1/) echo '${answer}';; token.example) echo '{"Username":"<token>","Secret":"t"}';; *) echo 'credentials not found in native keychain'; exit 1;; esac\n`,
  );
  chmodSync(helper, 0o755);
  writeFileSync(join(folder, 'docker-credential-empty'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
  return new DockerConfig({ PATH: `${folder}:/usr/bin:/bin` }, folder, new AbortController().signal);
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const url = 'https://quay.example';

describe('credentials out of Docker’s configuration', () => {
  it.each([
    ['its host', { auths: { 'quay.example': { auth: base64('ann:se:cret') } } }, 'se:cret'],
    [
      'its URL, as Docker once wrote it',
      { auths: { 'https://quay.example/v1/': { auth: base64('ann:secret') } } },
      'secret',
    ],
    ['a helper of its own', { credHelpers: { 'quay.example': 'keychain' } }, 'from the keychain'],
    ['the helper of all', { auths: { 'quay.example': {} }, credsStore: 'keychain' }, 'from the keychain'],
    [
      'the helper of all, by its URL',
      { auths: { 'https://quay.example/v1/': {} }, credsStore: 'keychain' },
      'from the keychain',
    ],
    [
      'its host, and nonsense beside',
      { auths: { x: null, 'quay.example': { auth: base64('ann:secret') } }, credsStore: null },
      'secret',
    ],
    [
      'its host, in other letters, with the port',
      { auths: { 'Quay.Example:443': { auth: base64('ann:secret') } } },
      'secret',
    ],
    ['two words', { auths: { 'quay.example': { username: 'ann', password: 'secret' } } }, 'secret'],
    ['the helper of all, which alone knows it', { credsStore: 'keychain' }, 'from the keychain'],
  ])('GIVEN them by %s THEN they are found', async (_, config, password) => {
    expect(await home(config).credentialsOf(url)).toEqual({ user: 'ann', password });
  });

  it.each([
    [
      'a store that has it, and an old password beside',
      { auths: { 'quay.example': { auth: base64('ann:old') } }, credsStore: 'nowhere' },
    ],
    ['another host', { auths: { 'hub.example': { auth: base64('ann:secret') } } }],
    ['no word', {}],
    ['nonsense', 'not JSON'],
    ['half of them', { auths: { 'quay.example': { auth: base64('ann') } } }],
    ['a helper that is not there', { credHelpers: { 'quay.example': 'nowhere' } }],
    ['a helper that knows none', { credHelpers: { 'quay.example': 'empty' } }],
  ])('GIVEN %s THEN there are none', async (_, config) => {
    expect(await home(config).credentialsOf(url)).toBe(undefined);
  });

  it('GIVEN a token THEN that is none: a cache could not use it', async () => {
    expect(await home({ credHelpers: { 'token.example': 'keychain' } }).credentialsOf('https://token.example')).toBe(
      undefined,
    );
  });
});

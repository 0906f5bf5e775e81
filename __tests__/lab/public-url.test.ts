import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NO_USER, publicUrl } from '../../lab/public-url.ts';

describe('a URL as it is shown', () => {
  it.each([
    ['https://bob:hunter2@charts.example/c.tgz', 'https://…@charts.example/c.tgz'],
    [`https://bob:it's@charts.example/c.tgz`, 'https://…@charts.example/c.tgz'],
    ['https://token@charts.example', 'https://…@charts.example'],
    ['OCI://bob:p@ss@charts.example/c', 'OCI://…@charts.example/c'],
    ['https://s3.example/c.tgz?X-Signature=5ec2e7&e=1', 'https://s3.example/c.tgz?…'],
    ['https://s3.example/c.tgz?token=5ec2e7#sha256=aa', 'https://s3.example/c.tgz?…#sha256=aa'],
    ['"https://a:b@one/x?y" or https://c:d@two/x', '"https://…@one/x?…" or https://…@two/x'],
    ['https://charts.example/@scope/c.tgz', 'https://charts.example/@scope/c.tgz'],
    ['./charts/c@1.14.2.tgz?x', './charts/c@1.14.2.tgz?x'],
    ['quay.io/cilium/cilium:v1.14.2@sha256:aa', 'quay.io/cilium/cilium:v1.14.2@sha256:aa'],
  ])('GIVEN %s THEN %s', (text, shown) => {
    expect(publicUrl(text)).toBe(shown);
    expect(publicUrl(shown)).toBe(shown);
  });

  it('GIVEN any user, password and query THEN none of them is shown, and a user is seen', () => {
    const secret = fc.stringMatching(/^s3cret[\w~!$&'()*+,;=%-]{0,20}$/);
    fc.assert(
      fc.property(secret, secret, secret, (user, password, token) => {
        const url = `https://${user}:${password}@charts.example/c.tgz?token=${encodeURIComponent(token).replaceAll("'", '%27')}`;

        expect(publicUrl(`${url} could not be downloaded`)).not.toContain('s3cret');
        expect(NO_USER.test(url)).toBe(false);
        expect(NO_USER.test(publicUrl(`https://charts.example/c.tgz?token=${token}@x`))).toBe(true);
      }),
    );
  });

  it.each(['a-', 'a://', 'a://b@', '?', 'a://?'])('GIVEN a long text of %s THEN it takes no time', (part) => {
    const started = process.cpuUsage();
    publicUrl(part.repeat(200_000));
    expect(process.cpuUsage(started).user).toBeLessThan(2_000_000);
  });
});

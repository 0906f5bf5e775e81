import { describe, expect, it } from 'vitest';
import { type Command, toShell } from '../../../scripts/tools/command.ts';

const kubectl = (...args: string[]): Command => ({ program: 'kubectl', args });

describe('a command as a line to paste into a shell', () => {
  it.each([
    { args: ['get', 'nodes', '--output=json'], line: 'kubectl get nodes --output=json' },
    { args: ['apply', '--filename', '/tmp/a-b_c.yaml'], line: 'kubectl apply --filename /tmp/a-b_c.yaml' },
    { args: ['get', 'a,b', 'user@host', '50%', 'x+y'], line: 'kubectl get a,b user@host 50% x+y' },
    { args: ['--filename', 'my lab/pool.yaml'], line: "kubectl --filename 'my lab/pool.yaml'" },
    { args: ['--format', '{{json .}}'], line: "kubectl --format '{{json .}}'" },
    { args: ['--filter', '^cilium$'], line: "kubectl --filter '^cilium$'" },
    { args: ['echo', '$(rm -rf ~)', '`id`', 'a;b'], line: "kubectl echo '$(rm -rf ~)' '`id`' 'a;b'" },
    { args: ["it's"], line: `kubectl 'it'\\''s'` },
    { args: ['', 'two\nlines'], line: "kubectl '' 'two\nlines'" },
  ])('GIVEN $args WHEN shown THEN only words that a shell would change are quoted', ({ args, line }) => {
    expect(toShell(kubectl(...args))).toBe(line);
  });

  it('GIVEN variables WHEN shown THEN they stand first, their values quoted where needed', () => {
    const command: Command = { program: 'cilium', args: ['status'], env: { KUBECONFIG: '/a:/b', NAME: 'my lab' } };

    expect(toShell(command)).toBe("KUBECONFIG=/a:/b NAME='my lab' cilium status");
  });
});

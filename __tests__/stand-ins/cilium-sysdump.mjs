// @ts-check
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { zipSync } from 'fflate';
import { kubernetes } from './cilium-cli.mjs';
import { look } from './cluster.mjs';
import { objects } from './objects.mjs';

/** `cilium sysdump --quick`: a zip file with what the API server holds, and with Helm's values, keys and all. What it collects lies in a folder of $TMPDIR until then. @param {import('./program.mjs').Program} program @param {import('./args.mjs').Parsed} parsed */
export function sysdump(program, parsed) {
  const name = kubernetes(parsed, parsed.get('context')).cluster();
  const now = look();
  const all = objects(now, name);
  const list = (/** @type {string} */ kind) =>
    JSON.stringify({ kind: `${kind}List`, items: all.filter((each) => each.kind === kind) });
  const file = `${parsed.get('output-filename') ?? 'cilium-sysdump'}.zip`;
  const folder = mkdtempSync(join(process.env.TMPDIR ?? tmpdir(), 'sysdump-'));
  for (const [entry, text] of Object.entries({
    'cilium-helm-values.yaml': JSON.stringify(now.clusters[name].releases.at(-1)?.config ?? {}),
    'k8s-nodes.yaml': list('Node'),
    'k8s-pods.yaml': list('Pod'),
    'cilium-daemonset.yaml': list('DaemonSet'),
    'hubble-flows.json.gz': '\x1f\x8b',
  }))
    writeFileSync(join(folder, entry), text);
  program.reached();
  mkdirSync(dirname(file), { recursive: true });
  const packed = readdirSync(folder).map((entry) => [`cilium-sysdump-out/${entry}`, readFileSync(join(folder, entry))]);
  writeFileSync(file, zipSync(Object.fromEntries(packed)));
  rmSync(folder, { recursive: true });
  process.stderr.write(`🗳 Compiling sysdump\n✅ The sysdump has been saved to ${file}\n`);
}

// @ts-check
import { writeFileSync } from 'node:fs';
import { strToU8, zipSync } from 'fflate';
import { kubernetes } from './cilium-cli.mjs';
import { look } from './cluster.mjs';
import { objects } from './objects.mjs';

/** `cilium sysdump --quick`: a zip file with what the API server holds, and with Helm's values, keys and all. @param {import('./program.mjs').Program} program @param {import('./args.mjs').Parsed} parsed */
export function sysdump(program, parsed) {
  const name = kubernetes(parsed, parsed.get('context')).cluster();
  const now = look();
  const all = objects(now, name);
  const list = (/** @type {string} */ kind) =>
    strToU8(JSON.stringify({ kind: `${kind}List`, items: all.filter((each) => each.kind === kind) }));
  const values = now.clusters[name].releases.at(-1)?.config ?? {};
  const file = `${parsed.get('output-filename') ?? 'cilium-sysdump'}.zip`;
  const top = 'cilium-sysdump-out';
  writeFileSync(
    file,
    zipSync({
      [`${top}/k8s-nodes.yaml`]: list('Node'),
      [`${top}/k8s-pods.yaml`]: list('Pod'),
      [`${top}/cilium-daemonset.yaml`]: list('DaemonSet'),
      [`${top}/cilium-helm-values.yaml`]: strToU8(JSON.stringify(values)),
      [`${top}/hubble-flows.json.gz`]: new Uint8Array([31, 139, 8, 0]),
    }),
  );
  process.stderr.write(`🗳 Compiling sysdump\n✅ The sysdump has been saved to ${file}\n`);
}

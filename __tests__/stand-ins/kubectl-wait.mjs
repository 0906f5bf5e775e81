// @ts-check
import { look } from './cluster.mjs';
import { objectName } from './kinds.mjs';
import { lookups, matches, notFound } from './kubectl-lookup.mjs';
import { objects } from './objects.mjs';
import { Failure } from './program.mjs';

const CONDITION = /^condition=([^=]+)(?:=(.+))?$/;

/** @param {string[]} words @param {string} condition */
export function checkWait(words, condition) {
  if (!CONDITION.test(condition) && condition !== 'delete')
    throw new Failure(`error: unrecognized condition: ${JSON.stringify(condition)}`);
  if (words.length > 0) return;
  const examples = ["'-f rsrc.yaml'", "'--filename=rsrc.json'", "'<resource> <name>'", "'<resource>'"];
  throw new Failure(
    [
      'error: You must provide one or more resources by argument or filename.',
      'Example resource specifications include:',
      ...examples.map((example) => `   ${example}`),
    ].join('\n'),
  );
}

/** Deadlines count simulated seconds: one look at the cluster each. @param {import('./program.mjs').Program} program @param {string} cluster @param {string} namespace @param {import('./args.mjs').Parsed} parsed */
export function wait(program, cluster, namespace, { words, get, seconds }) {
  const condition = get('for') ?? '';
  const [, type = '', wanted = 'true'] = CONDITION.exec(condition) ?? [];
  const timeout = seconds('timeout', 30);
  const asked = lookups(look().clusters[cluster], words);
  const errors = asked.flatMap(({ kind, name }) => {
    for (let second = 0; ; second += 1) {
      const found = objects(look(), cluster).find((object) => matches(object, kind, namespace, name));
      if (condition === 'delete' ? found === undefined : hasCondition(found, type, wanted)) {
        program.out(`${objectName(kind, name ?? '')} condition met`);
        return [];
      }
      if (found === undefined) return [notFound(kind, name)];
      if (second >= timeout) return [`error: timed out waiting for the condition on ${kind.plural}/${name}`];
      program.tick();
    }
  });
  if (errors.length > 0) throw new Failure(errors.join('\n'));
}

/** @param {any} object @param {string} type @param {string} wanted */
function hasCondition(object, type, wanted) {
  const conditions = /** @type {{ type: string, status: string }[]} */ (object?.status?.conditions ?? []);
  return conditions.some(
    (each) => each.type.toLowerCase() === type.toLowerCase() && each.status.toLowerCase() === wanted.toLowerCase(),
  );
}

/** `kubectl rollout status daemonset/NAME`. @param {import('./program.mjs').Program} program @param {string} cluster @param {string} namespace @param {import('./args.mjs').Parsed} parsed */
export function rolloutStatus(program, cluster, namespace, { words, seconds }) {
  const [asked] = lookups(look().clusters[cluster], words);
  if (asked?.name === undefined) throw new Failure('error: required resource not specified');
  const { kind, name } = asked;
  const what = kind.kind === 'DaemonSet' ? 'daemon set' : kind.kind.toLowerCase();
  if (!['DaemonSet', 'Deployment'].includes(kind.kind))
    throw new Failure(`error: no status viewer has been implemented for ${kind.kind}`);
  // of the pre-flight check of a chart
  if (name === 'cilium-pre-flight-check' && look().clusters[cluster].preflight === true)
    return program.out(`${what} "${name}" successfully rolled out`);
  const timeout = seconds('timeout', 600);
  let said = '';
  for (let second = 0; ; second += 1) {
    const found = objects(look(), cluster).find((object) => matches(object, kind, namespace, name));
    if (found === undefined) throw new Failure(notFound(kind, name));
    const { desiredNumberScheduled, numberAvailable = 0, replicas, availableReplicas = 0 } = found.status;
    const [desired, available] =
      kind.kind === 'DaemonSet' ? [desiredNumberScheduled, numberAvailable] : [replicas, availableReplicas];
    if (available >= desired) return program.out(`${what} "${name}" successfully rolled out`);
    const line = `Waiting for ${what} "${name}" rollout to finish: ${available} of ${desired} updated ${kind.kind === 'DaemonSet' ? 'pods' : 'replicas'} are available...`;
    if (line !== said) program.out(line);
    said = line;
    if (second >= timeout) throw new Failure('error: timed out waiting for the condition');
    program.tick();
  }
}

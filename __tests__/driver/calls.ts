import type { Call, Tool } from '../stand-ins/lab-bench.ts';
import type { Site } from './drive.ts';

/** Calls that only ask, as by the probes, or hold the lock (`docker volume`); `kind export` into a folder of its own is how the driver looks at a region without kubeconfig. */
const questions: Readonly<Record<Tool, RegExp>> = {
  docker:
    /^(--version$|(info|network ls|network inspect|ps|image inspect|container inspect|exec|volume|run (--cap-add NET_ADMIN )?--rm) )/,
  kind: /^(version|export kubeconfig .*\/clustermesh-lab-\w+\/kubeconfig)$/,
  helm: /^version /,
  kubectl:
    /^(version |.*--context \S+ (get |exec |rollout status --namespace clustermesh-lab-probes |apply --validate=false --filename \S+\/probes\.yaml$|delete namespace clustermesh-lab-probes ))/,
  cilium: /^(version|clustermesh status .*--output json)/,
};

const isQuestion = ({ tool, args }: Call): boolean => questions[tool].test(args.join(' '));

/** The calls that do something, in the order in which they started. */
export function changes(site: Site): Call[] {
  return site.bench.calls().filter((call) => !isQuestion(call));
}

/** A call as a line: `KUBECONFIG=LAB/… cilium status …`; an argument with blanks in quotes. */
export function shown(site: Site, { tool, args, env }: Call): string {
  const words = [...Object.entries(env).map((pair) => pair.join('=')), tool, ...args.map(quoted)];
  return site.plain(words.join(' '));
}

const quoted = (arg: string): string => (/\s/.test(arg) ? JSON.stringify(arg) : arg);

/** The region that a call is about; undefined for the lab's, `both` for two of them. */
export function regionOf({ args, env }: Call): string | undefined {
  const names = [...new Set([...args, ...Object.values(env)].join(' ').match(/region-[a-z]+/g))].filter(
    (name) => name !== 'region-athens-mesh',
  );
  return names.length > 1 ? 'both' : names[0]?.replace(/-(mesh|control|worker)$/, '');
}

/** Did the two run at the same time? */
export function overlaps(one: Call, other: Call): boolean {
  return one.started < (other.ended ?? Infinity) && other.started < (one.ended ?? Infinity);
}

/** @param match as of a `Fault` */
export const find = (calls: readonly Call[], tool: Tool, match: string): Call[] =>
  calls.filter((call) => {
    let from = 0;
    const line = call.args.join(' ');
    return call.tool === tool && match.split(' … ').every((part) => (from = line.indexOf(part, from)) >= 0);
  });

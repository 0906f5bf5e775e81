import { mkdirSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Region } from '../../lab/lab.ts';
import { connectivityTest, parseTestCount, testNamespaces } from '../tools/cilium.ts';
import { deleteObjects } from '../tools/kubectl.ts';
import { testedState } from '../observe/tested.ts';
import { neighbours, pairName } from './pairs.ts';
import { type LabStep, run, skip, type Work } from './step.ts';
import { span } from './wait.ts';

/** The Cilium CLI's connectivity test for each pair of neighbours, one after the other: pairs share regions and namespaces. */
export const test: LabStep = {
  name: 'test',
  title: 'test each pair of neighbours',
  needsNodes: true,
  scope: 'lab',
  after: ['paths', 'scenario'],
  decide({ regions, tested, skipTest, runs }) {
    if (skipTest) return skip('--skip-test');
    const pairs = neighbours(regions);
    if (pairs.length === 0) return skip('one region, no other to be tested with');
    const before = (['upgrade', 'cilium', 'enable', 'connect'] as const).find((step) => runs(step));
    if (before !== undefined) return run(`${before} runs before`);
    const open = pairs.filter(([one, other]) => !tested.has(pairName(one, other)));
    return open.length === 0
      ? skip('passed, and nothing changed since')
      : run(`${open.length} of ${pairs.length} pairs not tested since the last change`);
  },
  async run(work) {
    for (const [one, other] of neighbours(work.regions)) await testPair(work, one, other);
  },
};

async function testPair(work: Work, one: Region, other: Region): Promise<void> {
  const { lab, paths } = work;
  work.progress(`testing ${one.name} with ${other.name}, up to ${span(work.timeoutSeconds)}`);
  const junit = paths.junit(one.name, other.name);
  mkdirSync(dirname(junit), { recursive: true });
  const targets = [one, other].map((region) => paths.target(region));
  const namespaces = testNamespaces.map((name) => `namespace/${name}`);
  const clear = () => Promise.all(targets.map((target) => work.attempt(deleteObjects(target, 'default', namespaces))));
  // what a test that failed has left: its pods were the evidence until now
  await clear();
  const properties = await testedState(work.queries, paths, lab, one, other);
  const command = connectivityTest(paths.target(one), paths.target(other), {
    junit: `${junit}.partial`,
    properties,
    only: lab.testOnly,
  });
  const { stdout } = await work.run(command);
  if (parseTestCount(stdout) === 0) throw new NoTestsError(lab.testOnly);
  await clear();
  renameSync(`${junit}.partial`, junit);
}

/** The CLI calls a run of nothing a success. */
export class NoTestsError extends Error {
  constructor(only: readonly string[]) {
    super(`cilium connectivity test ran 0 tests: test.only [${only.join(', ')}] matches none`);
    this.name = 'NoTestsError';
  }
}

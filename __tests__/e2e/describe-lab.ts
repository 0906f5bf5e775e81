import { afterAll, beforeAll, describe } from 'vitest';
import type { StackName } from '../../lab/stacks.ts';
import { findKit } from './kit.ts';
import { RealLab } from './real-lab.ts';

export interface LabOfTests {
  /** Of the lab and its docker network. */
  readonly name: string;
  readonly stack: StackName;
  /** Every region that the lab ever has. */
  readonly regions: readonly string[];
  /** What else the Docker Engine must hold, where nothing can be pulled. */
  readonly images?: readonly string[];
}

/** Tests of a real lab, which is destroyed after them. They skip by name where the kit lacks what they need. */
export function describeLab(
  what: string,
  { name, stack, regions, images }: LabOfTests,
  tests: (lab: RealLab) => void,
): void {
  const kit = findKit(process.env, stack, images);
  const isMissing = typeof kit === 'string';
  describe.skipIf(isMissing)(`the stack ${stack}: ${what}${isMissing ? ` (skipped: ${kit})` : ''}`, () => {
    const lab = new RealLab(name, isMissing ? { labYaml: '', path: '', given: {}, nodeImage: undefined } : kit);

    beforeAll(async () => {
      await lab.open(regions, [name]);
    });

    afterAll(async () => {
      await lab.close();
    });

    tests(lab);
  });
}

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';
import { synthesize } from '../../../constructs/lab-app.ts';
import { readDesired } from '../../../scripts/files/desired.ts';
import { Paths } from '../../../scripts/files/paths.ts';
import { articleLab } from '../fixtures.ts';

const folder = mkdtempSync(join(tmpdir(), 'desired-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** What is read back of `extraConfig` of the first region, when synth has written it. */
function readBack(extraConfig: object): unknown {
  const [first, ...others] = articleLab().regions;
  if (first === undefined) throw new Error('a lab has a region');
  const lab = articleLab({ regions: [{ ...first, values: { extraConfig } }, ...others] });
  for (const [path, text] of synthesize(lab)) {
    mkdirSync(dirname(join(folder, 'dist', path)), { recursive: true });
    writeFileSync(join(folder, 'dist', path), text);
  }
  const paths = new Paths({ labFile: join(folder, 'lab.yaml'), dist: undefined, lab: lab.name, cwd: folder });
  return readDesired(lab, paths).get(first.name)?.values.extraConfig;
}

it('GIVEN texts that YAML 1.1 and 1.2 read differently THEN they are what lab.yaml says, as for Helm', () => {
  const extraConfig = { a: '0o14', b: '0b11', c: '1_000', d: '12:30:45', e: 'yes', f: '2001-12-14', g: '010', h: '~' };

  expect(readBack(extraConfig)).toEqual(extraConfig);
});

it('GIVEN any values THEN they are read as they were given', () => {
  const scalar = fc.oneof(
    fc.string(),
    fc.stringMatching(/^[-+0-9oxb_.:eEny~=]{1,6}$/),
    fc.stringMatching(/^0o[0-7]{1,3}$/),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
  );
  fc.assert(
    fc.property(fc.dictionary(fc.stringMatching(/^[a-z0-9.]{1,6}$/), scalar), (extraConfig) => {
      expect(readBack(extraConfig)).toEqual({ ...extraConfig });
    }),
    { numRuns: 60 },
  );
});

import { describe, expect, it } from 'vitest';
import { synthesize } from '../../constructs/lab-app.ts';
import { articleLab, athens, hurup } from './article-lab.ts';

describe('synthesize', () => {
  it('GIVEN two regions THEN each has its folder of five files', () => {
    expect([...synthesize(articleLab()).keys()]).toEqual([
      'region-athens/kind.yaml',
      'region-athens/cilium-values.yaml',
      'region-athens/ipaddresspool.yaml',
      'region-athens/l2advertisement.yaml',
      'region-athens/probes.yaml',
      'region-hurup/kind.yaml',
      'region-hurup/cilium-values.yaml',
      'region-hurup/ipaddresspool.yaml',
      'region-hurup/l2advertisement.yaml',
      'region-hurup/probes.yaml',
    ]);
  });

  it('GIVEN the same lab twice THEN the same bytes', () => {
    expect([...synthesize(articleLab())]).toEqual([...synthesize(articleLab())]);
  });

  it('GIVEN a region more WHEN the mesh is made by the CLI THEN no file of the others changes', () => {
    const before = synthesize(articleLab({ regions: [athens()] }));

    const after = synthesize(articleLab({ regions: [athens(), hurup()] }));

    expect(before.size).toBe(5);
    for (const [path, text] of before) expect(after.get(path)).toBe(text);
  });

  it('GIVEN a region more WHEN the mesh is part of the install THEN the others change in their values alone', () => {
    const before = synthesize(articleLab({ meshMethod: 'install', regions: [athens()] }));

    const after = synthesize(articleLab({ meshMethod: 'install', regions: [athens(), hurup()] }));

    const changed = [...before.keys()].filter((path) => after.get(path) !== before.get(path));
    expect(changed).toEqual(['region-athens/cilium-values.yaml']);
  });
});

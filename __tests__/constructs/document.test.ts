import { describe, expect, it } from 'vitest';
import { Document } from '../../constructs/document.ts';
import { yamlOf } from './yaml.ts';

describe('Document', () => {
  it('GIVEN any content WHEN emitted THEN there is no metadata, the order is kept and null stays', () => {
    const yaml = yamlOf((chart) => new Document(chart, 'any', { beta: 1, alpha: { zeta: null, list: [] } }));

    expect(yaml).toBe('beta: 1\nalpha:\n  zeta: null\n  list: []\n');
  });

  it('GIVEN two documents in one chart WHEN emitted THEN both are there, in the order of their making', () => {
    const yaml = yamlOf((chart) => {
      new Document(chart, 'first', { number: 1 });
      new Document(chart, 'second', { number: 2 });
    });

    expect(yaml).toBe('number: 1\n---\nnumber: 2\n');
  });
});

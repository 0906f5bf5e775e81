import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineBuffer } from '../../../scripts/tools/line-buffer.ts';

describe('whole lines of a stream', () => {
  it('GIVEN a line and a character in two chunks WHEN they come THEN one line, when it is whole', () => {
    const buffer = new LineBuffer();
    const bytes = Buffer.from('one\nzwölf\n');
    const cut = bytes.indexOf(0xc3) + 1;

    expect(buffer.add(bytes.subarray(0, cut))).toBe('one\n');
    expect(buffer.add(bytes.subarray(cut))).toBe('zwölf\n');
    expect(buffer.end()).toBe('');
  });

  it('GIVEN a last line without an end WHEN the stream ends THEN it is one', () => {
    const buffer = new LineBuffer();

    expect(buffer.add(Buffer.from('10 %\r20 %'))).toBe('10 %\r');
    expect(buffer.end()).toBe('20 %\n');
  });

  it('GIVEN a line that has no end WHEN it grows THEN it is handed on in parts', () => {
    expect(new LineBuffer().add(Buffer.from('x'.repeat(70_000)))).toHaveLength(70_000);
  });

  it('GIVEN any text in any chunks WHEN put together THEN the text, and each part but the last ends a line', () => {
    const lines = fc.array(fc.string({ unit: 'grapheme', maxLength: 12 }), { maxLength: 12 });
    fc.assert(
      fc.property(lines, fc.array(fc.nat({ max: 9 }), { maxLength: 40 }), (texts, sizes) => {
        const bytes = Buffer.from(texts.join('\n'));
        const buffer = new LineBuffer();
        const parts: string[] = [];
        let from = 0;
        for (const size of [...sizes, bytes.length]) {
          parts.push(buffer.add(bytes.subarray(from, from + size)));
          from += size;
        }
        const rest = buffer.end();

        expect(parts.join('') + rest.slice(0, -1)).toBe(bytes.toString());
        for (const part of parts.filter((text) => text !== '')) expect(part).toMatch(/[\r\n]$/);
      }),
    );
  });
});

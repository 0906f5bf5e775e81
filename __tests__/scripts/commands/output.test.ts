import { expect, it } from 'vitest';
import { columnsOf } from '../../../scripts/commands/output.ts';

it.each([
  { given: 'a terminal', stream: { columns: 80 }, columns: 80 },
  { given: 'one that says no width', stream: { columns: 0 }, columns: Infinity },
  { given: 'a file', stream: {}, columns: Infinity },
])('GIVEN $given WHEN asked for its columns THEN $columns', ({ stream, columns }) => {
  expect(columnsOf(stream)).toBe(columns);
});

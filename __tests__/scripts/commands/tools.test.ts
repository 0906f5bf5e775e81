import { expect, it } from 'vitest';
import { toolLines } from '../../../scripts/commands/tools.ts';
import { makeStyle } from '../../../scripts/events/reporters/text.ts';

const sha256 = '596e992ed9a7'.padEnd(64, '0');
const tools = [
  { program: 'docker', found: '28.2.2', from: 'PATH', file: '/usr/bin/docker' },
  { program: 'kind', wanted: 'v0.20.0', found: 'v0.20.0', from: 'store', file: '/cache/kind', sha256 },
  { program: 'helm', wanted: 'v3.17.3', found: 'v3.12.1', from: 'given', file: '/opt/helm' },
] as const;
const lines = (columns?: number): string[] =>
  toolLines(tools, makeStyle(false), (path) => path.replace('/cache', 'CACHE'), columns);

it('GIVEN programs WHEN there is room THEN one row each, with its file', () => {
  expect(lines()).toEqual([
    'program  wanted   found    from          sha256        file',
    'docker   any      28.2.2   on the PATH   -             /usr/bin/docker',
    'kind     v0.20.0  v0.20.0  in the store  596e992ed9a7  CACHE/kind',
    'helm     v3.17.3  v3.12.1  given         -             /opt/helm',
  ]);
});

it('GIVEN a terminal that is too narrow WHEN shown THEN files go unsaid', () => {
  expect(lines(70)).toEqual(lines());
  expect(lines(69)).toEqual([
    'program  wanted   found    from          sha256',
    'docker   any      28.2.2   on the PATH   -',
    'kind     v0.20.0  v0.20.0  in the store  596e992ed9a7',
    'helm     v3.17.3  v3.12.1  given         -',
  ]);
});

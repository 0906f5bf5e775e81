import { describe, expect, it } from 'vitest';
import { Paths } from '../../../scripts/files/paths.ts';

const at = (cwd: string, dist?: string): Paths =>
  new Paths({ labFile: '/home/me/lab/lab.yaml', dist, lab: 'my-lab', cwd });
const paths = at('/home/me/lab');

describe('where everything of a lab lies', () => {
  it.each([
    ['dist/', paths.dist, '/home/me/lab/dist'],
    ['a file of dist/', paths.manifest('region-athens', 'kind.yaml'), '/home/me/lab/dist/region-athens/kind.yaml'],
    ['the state', paths.state, '/home/me/lab/.lab/my-lab'],
    ['a kubeconfig', paths.kubeconfig('region-athens'), '/home/me/lab/.lab/my-lab/kubeconfig/region-athens'],
    [
      'the log of a region',
      paths.log('cilium', 'region-athens'),
      '/home/me/lab/.lab/my-lab/logs/region-athens-cilium.log',
    ],
    ['the log of the lab', paths.log('network'), '/home/me/lab/.lab/my-lab/logs/network.log'],
    ['the CA', paths.ca('key'), '/home/me/lab/.lab/my-lab/ca/ca.key'],
    ['secret values', paths.secretValues('shared-ca'), '/home/me/lab/.lab/my-lab/ca/shared-ca.yaml'],
    [
      'an archive',
      paths.archive('quay.io/cilium/cilium:v1.14.2'),
      '/home/me/lab/.lab/my-lab/images/quay.io_cilium_cilium_v1.14.2.tar',
    ],
    [
      'a test',
      paths.junit('region-athens', 'region-hurup'),
      '/home/me/lab/.lab/my-lab/test/region-athens--region-hurup.xml',
    ],
    ['running programs', paths.running, '/home/me/lab/.lab/my-lab/running'],
    ['the owner', paths.owner, '/home/me/lab/.lab/my-lab/owner'],
  ])('GIVEN a lab file WHEN asked for %s THEN %s', (_what, path, expected) => {
    expect(path).toBe(expected);
  });

  it('GIVEN --dist WHEN asked THEN that folder, and the state stays beside the lab file', () => {
    const other = at('/home/me/lab', '/tmp/out');

    expect(other.manifest('region-athens', 'kind.yaml')).toBe('/tmp/out/region-athens/kind.yaml');
    expect(other.state).toBe('/home/me/lab/.lab/my-lab');
  });

  it('GIVEN a region WHEN a program is to reach it THEN by its own kubeconfig and context', () => {
    expect(paths.target({ name: 'region-athens', context: 'kind-region-athens' })).toEqual({
      kubeconfig: '/home/me/lab/.lab/my-lab/kubeconfig/region-athens',
      context: 'kind-region-athens',
    });
  });

  it.each([
    { cwd: '/home/me/lab', option: '' },
    { cwd: '/home/me', option: ' -- --lab lab/lab.yaml' },
    { cwd: '/home/me/lab/sub', option: ' -- --lab ../lab.yaml' },
    { cwd: '/a/folder/deep/below', option: ' -- --lab /home/me/lab/lab.yaml' },
  ])('GIVEN a user in $cwd WHEN told how to go on THEN npm run deploy$option', ({ cwd, option }) => {
    expect(at(cwd).command('deploy')).toBe(`npm run deploy${option}`);
  });

  it('GIVEN another folder of YAML, and options WHEN told THEN all are said, and synth calls the folder --out', () => {
    const other = at('/home/me', '/tmp/my out');

    expect(other.command('destroy', '--region', 'a')).toBe(
      "npm run destroy -- --lab lab/lab.yaml --dist '/tmp/my out' --region a",
    );
    expect(other.command('synth')).toBe("npm run synth -- --lab lab/lab.yaml --out '/tmp/my out'");
  });

  it.each([
    { path: '/home/me/lab/.lab/my-lab/logs/network.log', shown: '.lab/my-lab/logs/network.log' },
    { path: '/home/me/lab', shown: '.' },
    { path: '/tmp/x', shown: '/tmp/x' },
  ])('GIVEN $path WHEN shown THEN $shown, the shorter', ({ path, shown }) => {
    expect(paths.show(path)).toBe(shown);
  });
});

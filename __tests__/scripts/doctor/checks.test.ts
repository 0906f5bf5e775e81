import { describe, expect, it } from 'vitest';
import { checks, examine, isFatal, refused, stopping, told } from '../../../scripts/doctor/checks.ts';
import { plainCommand } from '../../../scripts/files/paths.ts';
import { allThere } from '../fixtures.ts';
import { facts, host, lab } from './facts.ts';

const tight = facts({ freeDisk: 0, ...host({ inotify: { max_user_instances: 128 } }) });
const goOn = (name: string): string => plainCommand('deploy', '--ignore', name);

describe('the checks', () => {
  it('have names of their own, in kebab-case', () => {
    const names = checks.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => !/^[a-z]+(-[a-z]+)*$/.test(name))).toEqual([]);
  });

  it('GIVEN a good machine, with the lab or without THEN all is well', () => {
    for (const observed of [facts().observed, allThere(lab)]) {
      expect(examine(lab, facts({ observed })).filter(({ level }) => level !== 'ok')).toEqual([]);
    }
  });

  it('GIVEN a machine of which nothing is known THEN nothing is found that stops', () => {
    const nothing = facts({
      observed: undefined,
      containers: undefined,
      freeDisk: undefined,
      kernel: { config: undefined, vxlan: undefined, wireguard: undefined, esp: undefined },
      ...host({ platform: 'darwin', memory: undefined, inotify: {} }),
    });
    expect(examine(lab, nothing).map(({ name, level }) => `${name} ${level}`)).toEqual([
      'docker-host ok',
      'proxy ok',
      'container-proxy ok',
      'environment ok',
    ]);
  });
});

describe('what comes of findings', () => {
  const inotify = `fs.inotify.max_user_instances=128; 8 nodes may run out of inotify handles ("too many open files"): sudo sysctl fs.inotify.max_user_instances=512`;
  const seen = '0.0 GB of disk are free for Docker; 8 nodes take about 10.2 GB';
  const remedy = 'docker system df shows what takes it, docker image prune removes images without a name';

  it('GIVEN a fatal one THEN it stops, with the command that goes on all the same; warnings are told', () => {
    const findings = examine(lab, tight);
    expect(stopping(findings, goOn)).toEqual([
      { cause: seen, remedy: `${remedy}; to go on all the same: npm run deploy -- --ignore disk` },
    ]);
    expect(told(findings, true)).toEqual([inotify]);
  });

  it('GIVEN a fatal one that is ignored THEN it is told and stops nothing; an ignored warning is told no more', () => {
    const findings = examine(lab, tight, ['disk', 'inotify', 'cpu']);
    expect(stopping(findings, goOn)).toEqual([]);
    expect(told(findings, true)).toEqual([`${seen}: ${remedy}`]);
    expect(findings.filter(({ ignored }) => ignored === true).map(({ name }) => name)).toEqual(['disk', 'inotify']);
    expect(findings.some(isFatal)).toBe(false);
  });

  it('GIVEN one about what is typed by hand THEN a deploy that makes clusters tells it, and no other', () => {
    const findings = examine(lab, facts(host({ steering: ['HELM_DRIVER'] })));
    const text =
      "HELM_DRIVER is set; the driver's programs run without, but what you type by hand may go past the lab: unset HELM_DRIVER";
    expect([told(findings, true), told(findings, false)]).toEqual([[text], []]);
  });

  it('GIVEN a fatal one without remedy of its own THEN there is still the way to go on', () => {
    expect(stopping([{ name: 'clock', level: 'fatal', seen: 'no time' }], goOn)).toEqual([
      { cause: 'no time', remedy: 'to go on all the same: npm run deploy -- --ignore clock' },
    ]);
  });

  it('GIVEN what a deploy refuses anyway THEN it is told as it is refused; GIVEN nothing THEN it is well', () => {
    expect(refused('lab', [{ cause: 'not ours', remedy: 'rename it' }], 'fine')).toEqual([
      { name: 'lab', level: 'fatal', seen: 'not ours', remedy: 'rename it' },
    ]);
    expect(refused('lab', [], 'fine')).toEqual([{ name: 'lab', level: 'ok', seen: 'fine' }]);
  });
});

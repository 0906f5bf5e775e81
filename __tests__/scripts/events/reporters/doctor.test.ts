import { expect, it } from 'vitest';
import type { Finding } from '../../../../scripts/events/doctor-event.ts';
import { doctorLines } from '../../../../scripts/events/reporters/doctor.ts';
import { makeStyle } from '../../../../scripts/events/reporters/text.ts';

const style = makeStyle(false);
const good: Finding = { name: 'docker', level: 'ok', seen: 'it answers' };
const odd: Finding = {
  name: 'inotify',
  level: 'warning',
  seen: '128 instances',
  needed: 'too few',
  remedy: 'sudo sysctl',
};
const bad: Finding = { name: 'disk', level: 'fatal', seen: 'full', remedy: 'make room' };

it('GIVEN findings of all kinds WHEN shown THEN what is well has one line, the rest what is needed and what to type', () => {
  expect(doctorLines([good, odd, bad, bad], style).join('\n')).toBe(`✓ docker   it answers
! inotify  128 instances
           too few
           → sudo sysctl
✗ disk     full
           → make room
✗ disk     full
           → make room

✗ a deploy stops here: disk`);
});

it('GIVEN nothing that stops WHEN shown THEN so it is said, and what is ignored is marked and not counted', () => {
  expect(doctorLines([good], style).at(-1)).toBe('nothing is in the way');
  expect(doctorLines([good, odd], style).at(-1)).toBe('nothing stops a deploy; 1 warning');
  expect(doctorLines([{ ...bad, ignored: true }], style).join('\n')).toBe(`! disk  full (ignored)
        → make room

nothing is in the way`);
});

it('GIVEN a narrow terminal WHEN shown THEN lines are folded in their column', () => {
  expect(doctorLines([{ ...good, seen: 'it answers from a virtual machine' }], style, 28)).toEqual([
    '✓ docker  it answers from a',
    '          virtual machine',
    '',
    'nothing is in the way',
  ]);
});

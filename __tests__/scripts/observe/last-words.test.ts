import { describe, expect, it } from 'vitest';
import { lastWords } from '../../../scripts/observe/lab-pods.ts';

describe('the last words of a container', () => {
  it.each([
    [
      "Go's own flags",
      'flag provided but not defined: -x\nUsage of /a:\n  -b string\n',
      ['flag provided but not defined: -x'],
    ],
    [
      'a program that prints its options after the error',
      'Error: unknown flag: --x\nUsage:\n  a [flags]\n\nUse "a --help"\n',
      ['Error: unknown flag: --x'],
    ],
    ['logrus', 'level=info msg=a\nlevel=fatal msg="no"\nlevel=info msg=bye\n', ['level=fatal msg="no"']],
    ['zap', '{"level":"info"}\n{"level":"error","msg":"no"}\n', ['{"level":"error","msg":"no"}']],
    ['klog', 'I1130 12:00:00.1 1 a\nF1130 12:00:00.2 1 no\n', ['F1130 12:00:00.2 1 no']],
    ['a panic', 'panic: no\n\ngoroutine 1 [running]:\nmain.main()\n', ['panic: no']],
    ['no error', 'one\ntwo\n\nthree\nfour\n', ['two', 'three', 'four']],
    ['nothing', '\n', []],
  ])('GIVEN %s THEN what tells why it ended', (_given, log, words) => {
    expect(lastWords(log)).toEqual(words);
  });
});

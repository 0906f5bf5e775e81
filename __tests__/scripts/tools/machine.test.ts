import { describe, expect, it } from 'vitest';
import { userName } from '../../../scripts/tools/machine.ts';

describe('who runs it', () => {
  it('GIVEN a user WHEN named THEN the name', () => {
    expect(userName(() => ({ username: 'anna' }))).toBe('anna');
  });

  it('GIVEN a user id without a name, as in a container WHEN named THEN the id', () => {
    const noName = (): never => {
      throw new Error('uv_os_get_passwd returned ENOENT');
    };

    expect(userName(noName)).toBe(`uid ${process.getuid?.() ?? '?'}`);
  });
});

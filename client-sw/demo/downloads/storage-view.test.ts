import { describe, expect, it } from 'vitest';
import { describeRoom } from './storage-view.ts';

describe('describeRoom', () => {
  const plain = (text: string): string => text.replaceAll('\u00a0', ' ');

  it('says what is used and what is free', () => {
    expect(plain(describeRoom({ usage: 4_000_000, quota: 10_000_000 }))).toBe(
      '4 MB used, 6 MB free for this site',
    );
  });

  it('promises no negative room where more is used than allowed', () => {
    expect(plain(describeRoom({ usage: 10, quota: 5 }))).toBe('10 bytes used, 0 bytes free for this site');
  });

  it('says so where the browser does not tell', () => {
    expect(describeRoom({})).toMatch(/does not tell/);
  });
});

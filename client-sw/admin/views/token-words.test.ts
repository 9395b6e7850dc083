import { describe, expect, it } from 'vitest';
import { scopeOf, scopeWords, tokenState } from './token-words.ts';

describe('tokens in words', () => {
  it('say what they may', () => {
    expect(scopeWords('admin')).toBe('administers everything');
    expect(scopeWords('publish:')).toBe('publishes all tags');
    expect(scopeWords(scopeOf('publish', 'my-'))).toBe('publishes tags that begin with my-');
    expect(scopeWords(scopeOf('read', 'a'))).toBe('looks at tags that begin with a');
    expect(scopeOf('admin', 'ignored')).toBe('admin');
    expect(scopeWords('of-a-later-version')).toBe('of-a-later-version');
  });

  it('say how they stand', () => {
    const token = { id: 'a', name: 'a', scopes: ['admin'], created: '2026-01-01T00:00:00Z' };
    const now = Date.parse('2026-06-01T00:00:00Z');
    expect(tokenState(token, now)).toBe('good');
    expect(tokenState({ ...token, expires: '2026-06-01T00:00:01Z' }, now)).toBe('good');
    expect(tokenState({ ...token, expires: '2026-06-01T00:00:00Z' }, now)).toBe('expired');
    expect(
      tokenState({ ...token, expires: '2026-01-02T00:00:00Z', revoked: '2026-01-01T00:00:00Z' }, now),
    ).toBe('revoked');
  });
});

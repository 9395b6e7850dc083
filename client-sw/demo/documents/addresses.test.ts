import { describe, expect, it } from 'vitest';
import { manifestHref, playerHref, resolveHref } from './addresses.ts';

describe('addresses', () => {
  it('survive any path a file can have', () => {
    const href = playerHref('field-recording', '01 a&b/ü?#.mp4');
    const query = new URL(href, 'http://example.org').searchParams;
    expect(query.get('tag')).toBe('field-recording');
    expect(query.get('item')).toBe('01 a&b/ü?#.mp4');
  });

  it('cannot leave the folder of tags', () => {
    expect(manifestHref('../x')).toBe('/tags/..%2Fx/manifest.json');
  });
});

describe('resolveHref', () => {
  const base = 'http://example.org/tags/t/manifest.json';

  it('resolves against the manifest', () => {
    expect(resolveHref('/blobs/ab/a.mp4', base)).toBe('http://example.org/blobs/ab/a.mp4');
  });

  it.each(['javascript:alert(1)', 'data:text/html,x', 'http://', 7, undefined])('refuses %s', (href) => {
    expect(resolveHref(href, base)).toBeUndefined();
  });
});

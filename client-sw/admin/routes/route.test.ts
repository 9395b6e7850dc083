import { describe, expect, it } from 'vitest';
import { formatRoute, parseRoute, type Route } from './route.ts';

const places: [string, Route][] = [
  ['#/tags', { view: 'tags', prefix: '', after: undefined }],
  ['#/tags?prefix=my-&after=my-course', { view: 'tags', prefix: 'my-', after: 'my-course' }],
  ['#/tags/my-course', { view: 'tag', tag: 'my-course' }],
  ['#/tags/my-course/diff/1/12', { view: 'diff', tag: 'my-course', from: 1, to: 12 }],
  ['#/publish', { view: 'publish', tag: '' }],
  ['#/publish/my-course', { view: 'publish', tag: 'my-course' }],
  ['#/tokens', { view: 'tokens', after: undefined }],
  ['#/tokens?after=50', { view: 'tokens', after: 50 }],
  ['#/storage', { view: 'storage', after: undefined }],
  ['#/storage?after=my-course', { view: 'storage', after: 'my-course' }],
  ['#/jobs', { view: 'jobs', after: undefined }],
  ['#/jobs?after=0193', { view: 'jobs', after: '0193' }],
];

describe('places in the console', () => {
  it.each(places)('%s is read and written alike', (hash, route) => {
    expect(parseRoute(hash)).toEqual(route);
    expect(formatRoute(route)).toBe(hash);
  });

  it.each(['', '#', '#/', '#/nothing', '#/tags/..%2Fx', '#/tags/%', '#/tags/Big'])(
    '%s leads to the list of tags',
    (hash) => {
      expect(parseRoute(hash)).toEqual({ view: 'tags', prefix: '', after: undefined });
    },
  );

  it.each(['#/tags/a/diff/0/1', '#/tags/a/diff/1/x', '#/tags/a/diff/1', '#/tags/a/other'])(
    '%s leads to the tag',
    (hash) => {
      expect(parseRoute(hash)).toEqual({ view: 'tag', tag: 'a' });
    },
  );

  it('has no tag in it that could not be one', () => {
    expect(parseRoute('#/publish/Not%20a%20tag')).toEqual({ view: 'publish', tag: '' });
    expect(parseRoute('#/tokens?after=-3')).toEqual({ view: 'tokens', after: undefined });
  });
});

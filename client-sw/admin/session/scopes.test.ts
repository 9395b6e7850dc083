import { describe, expect, it } from 'vitest';
import { Scopes } from './scopes.ts';

const ALL = { publications: true, stats: true, jobs: true };

describe('scopes', () => {
  it.each([
    // held, publish course-1, read course-1, publish other, read other, admin
    ['admin', true, true, true, true, true],
    ['publish:', true, true, true, true, false],
    ['publish:course', true, true, false, false, false],
    ['read:', false, true, false, true, false],
    ['read:course-1', false, true, false, false, false],
    ['read:course-11', false, false, false, false, false],
    ['publish:other read:course', false, true, true, true, false],
  ])('%s allows what it says and no more', (held, publish, read, publishOther, readOther, admin) => {
    const scopes = new Scopes(held.split(' '), ALL);
    expect([
      scopes.mayPublish('course-1'),
      scopes.mayRead('course-1'),
      scopes.mayPublish('other'),
      scopes.mayRead('other'),
      scopes.isAdmin,
    ]).toEqual([publish, read, publishOther, readOther, admin]);
  });

  it('says how a tag has to begin, where that matters', () => {
    expect(new Scopes(['publish:a-', 'publish:b-'], ALL).publishHint).toContain('a- or b-');
    expect(new Scopes(['publish:'], ALL).publishHint).toBeUndefined();
    expect(new Scopes(['admin', 'publish:a'], ALL).publishHint).toBeUndefined();
    expect(new Scopes(['read:'], ALL).mayPublishSomething).toBe(false);
  });

  it('offer jobs to administrators of servers that have them', () => {
    expect(new Scopes(['admin'], ALL).mayKeepHouse).toBe(true);
    expect(new Scopes(['admin'], { ...ALL, jobs: false }).mayKeepHouse).toBe(false);
    expect(new Scopes(['publish:'], ALL).mayKeepHouse).toBe(false);
  });

  it('offer no publishing where the server takes none', () => {
    const scopes = new Scopes(['admin'], { ...ALL, publications: false, stats: false });
    expect([scopes.mayPublishSomething, scopes.mayPublish('a'), scopes.mayMove('a')]).toEqual([
      false,
      false,
      true,
    ]);
  });
});

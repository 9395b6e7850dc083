import { describe, expect, it } from 'vitest';
import { decideKeyAction, keyName, type PressedKey, SHORTCUTS } from './keys.ts';

const pressed = (key: string, tagName = 'BODY', more: Partial<PressedKey> = {}): PressedKey => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  target: { tagName },
  ...more,
});

describe('decideKeyAction', () => {
  it('does what the page lists', () => {
    for (const { keys, action } of SHORTCUTS) {
      for (const key of keys) expect(decideKeyAction(pressed(key))).toBe(action);
    }
  });

  it('works with capitals', () => {
    expect(decideKeyAction(pressed('K'))).toBe('toggle');
  });

  it('leaves the keys of its own controls to the media element', () => {
    expect(decideKeyAction(pressed(' ', 'VIDEO'))).toBeUndefined();
    expect(decideKeyAction(pressed('ArrowRight', 'AUDIO'))).toBeUndefined();
    expect(decideKeyAction(pressed('k', 'VIDEO'))).toBe('toggle');
  });

  it('leaves Space to buttons and links, and every key to fields', () => {
    expect(decideKeyAction(pressed(' ', 'BUTTON'))).toBeUndefined();
    expect(decideKeyAction(pressed(' ', 'A'))).toBeUndefined();
    expect(decideKeyAction(pressed('ArrowLeft', 'SELECT'))).toBeUndefined();
    expect(decideKeyAction(pressed('k', 'INPUT'))).toBeUndefined();
    expect(decideKeyAction(pressed('ArrowLeft', 'A'))).toBe('back');
  });

  it('leaves combinations to the browser', () => {
    expect(decideKeyAction(pressed('f', 'BODY', { ctrlKey: true }))).toBeUndefined();
    expect(decideKeyAction(pressed('ArrowLeft', 'BODY', { altKey: true }))).toBeUndefined();
  });

  it('knows no other keys', () => {
    expect(decideKeyAction(pressed('Home'))).toBeUndefined();
    expect(decideKeyAction(pressed('x'))).toBeUndefined();
  });
});

describe('keyName', () => {
  it('writes keys as keyboards do', () => {
    expect([' ', 'ArrowLeft', 'k'].map(keyName)).toEqual(['Space', '←', 'K']);
  });
});

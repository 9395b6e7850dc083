import { describe, expect, it, vi } from 'vitest';
import { readTransportChoice } from './transport-choice.ts';

function tab(): Storage {
  const entries = new Map<string, string>();
  return {
    getItem: (key: string) => entries.get(key) ?? null,
    setItem: (key: string, value: string) => void entries.set(key, value),
  } as Storage;
}

describe('readTransportChoice', () => {
  it('leaves it to the library where nobody asks', () => {
    expect(readTransportChoice('', tab())).toBe('auto');
  });

  it('keeps what was asked for on later pages of the tab, until auto is asked for', () => {
    const storage = tab();
    expect(readTransportChoice('?tag=t&transport=pieces', storage)).toBe('pieces');
    expect(readTransportChoice('', storage)).toBe('pieces');
    expect(readTransportChoice('?transport=background-fetch', storage)).toBe('background-fetch');
    expect(readTransportChoice('?transport=auto', storage)).toBe('auto');
    expect(readTransportChoice('', storage)).toBe('auto');
  });

  it('says which transports there are when asked for another, and leaves it to the library', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    expect(readTransportChoice('?transport=pigeon', tab())).toBe('auto');
    expect(warn).toHaveBeenCalledWith(
      expect.stringMatching(/pigeon.*auto, background-fetch, pieces, progressive/),
    );
    warn.mockRestore();
  });
});

import { describe, expect, it, vi } from 'vitest';
import {
  decideResume,
  fractionOf,
  isFinished,
  loadPositions,
  savePosition,
  withPosition,
} from './positions.ts';

const position = (seconds: number, duration = 100, leftAtMs = 1) => ({ seconds, duration, leftAtMs });

function memoryStorage(): Storage {
  const entries = new Map<string, string>();
  return {
    get length() {
      return entries.size;
    },
    clear: () => entries.clear(),
    getItem: (key) => entries.get(key) ?? null,
    key: (index) => [...entries.keys()][index] ?? null,
    removeItem: (key) => void entries.delete(key),
    setItem: (key, value) => void entries.set(key, value),
  };
}

describe('decideResume', () => {
  it('goes on where a lesson was left', () => {
    expect(decideResume(position(40))).toBe(40);
  });

  it('begins again where hardly anything or everything was heard', () => {
    expect(decideResume(undefined)).toBe(0);
    expect(decideResume(position(2.9))).toBe(0);
    expect(decideResume(position(98))).toBe(0);
  });

  it('does not call the last ten seconds of a twelve-second lesson its end', () => {
    expect(isFinished(position(3, 12))).toBe(false);
    expect(isFinished(position(11.9, 12))).toBe(true);
  });

  it('knows no progress in a lesson of unknown duration', () => {
    expect(fractionOf(position(5, 0))).toBe(0);
    expect(isFinished(position(5, 0))).toBe(false);
  });
});

describe('positions in storage', () => {
  it('are read back as they were saved', () => {
    const storage = memoryStorage();
    savePosition('urn:uuid:a', position(12), storage);
    savePosition('urn:uuid:b', position(34), storage);
    expect(loadPositions(storage)).toEqual({ 'urn:uuid:a': position(12), 'urn:uuid:b': position(34) });
  });

  it('survive a broken or foreign entry', () => {
    const storage = memoryStorage();
    storage.setItem('stowaway.positions', '{"a":{"seconds":"x"},"b":3}');
    expect(loadPositions(storage)).toEqual({});
    storage.setItem('stowaway.positions', '{"cut');
    savePosition('c', position(1), storage);
    expect(Object.keys(loadPositions(storage))).toEqual(['c']);
  });

  it('forget the oldest beyond their number', () => {
    const many = Object.fromEntries(
      Array.from({ length: 500 }, (_, index) => [`old-${index}`, position(1, 100, index + 1)]),
    );
    const kept = withPosition(many, 'new', position(1, 100, 9999));
    expect(Object.keys(kept)).toHaveLength(500);
    expect(kept).toHaveProperty('new');
    expect(kept).not.toHaveProperty('old-0');
  });

  it('are given up with a warning where the storage is full', () => {
    const full = {
      ...memoryStorage(),
      getItem: () => null,
      setItem: () => {
        throw new Error('QuotaExceededError');
      },
    } as Storage;
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    expect(() => savePosition('a', position(1), full)).not.toThrow();
    expect(warn).toHaveBeenCalledOnce();
    warn.mockRestore();
  });
});

import { describe, expect, it } from 'vitest';
import type { Item } from '../documents/outline.ts';
import { audioAlternateOf, decideSource } from './media-source.ts';

const audio = { href: 'http://example.org/a.m4a', type: 'audio/mp4', path: 'a.m4a' };
const small = { href: 'http://example.org/a.480p.mp4', type: 'video/mp4', path: 'a.480p.mp4' };
const video: Item = {
  href: 'http://example.org/a.mp4',
  type: 'video/mp4',
  path: 'a.mp4',
  title: 'A',
  identifier: 'urn:uuid:a',
  medium: 'video',
  alternates: [small, audio],
};

describe('decideSource', () => {
  it('plays the audio alternate where only listening is wanted', () => {
    expect(decideSource(video, true)).toEqual({ asset: audio, medium: 'audio' });
    expect(decideSource(video, false)).toEqual({ asset: video, medium: 'video' });
  });

  it('plays the video where there is no audio to it', () => {
    expect(decideSource({ ...video, alternates: [small] }, true).medium).toBe('video');
  });

  it('offers no alternate to what is audio already', () => {
    expect(audioAlternateOf({ ...video, medium: 'audio' })).toBeUndefined();
  });
});

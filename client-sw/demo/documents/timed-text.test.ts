import { describe, expect, it } from 'vitest';
import { parseTimedText } from './timed-text.ts';

const WEBVTT = `\uFEFFWEBVTT - a title

NOTE
not spoken

STYLE
::cue { color: red }

intro
00:01.500 --> 00:04.000 align:start
<v Ada>Hello <b>there</b> &amp; welcome

01:00:00.000 --> 01:00:02.000
Two lines
of one cue
`;

describe('parseTimedText', () => {
  it('reads cues, speakers and entities and passes over notes and styles', () => {
    expect(parseTimedText(WEBVTT)).toEqual([
      { start: 1.5, end: 4, text: 'Hello there & welcome', speaker: 'Ada' },
      { start: 3600, end: 3602, text: 'Two lines of one cue' },
    ]);
  });

  it('reads SubRip with its numbers, commas and Windows line ends', () => {
    const source =
      '1\r\n00:00:00,000 --> 00:00:02,500\r\nFirst\r\n\r\n2\r\n00:00:02,500 --> 00:00:05,000\r\nSecond\r\n';
    expect(parseTimedText(source)).toEqual([
      { start: 0, end: 2.5, text: 'First' },
      { start: 2.5, end: 5, text: 'Second' },
    ]);
  });

  it('orders cues by time and drops empty and backward ones', () => {
    const source =
      'WEBVTT\n\n00:05.000 --> 00:06.000\nlater\n\n00:01.000 --> 00:02.000\nsooner\n\n00:03.000 --> 00:02.000\nbackward\n\n00:04.000 --> 00:05.000\n<i></i>';
    expect(parseTimedText(source).map((cue) => cue.text)).toEqual(['sooner', 'later']);
  });

  it('keeps markup that an entity spells as text', () => {
    expect(parseTimedText('WEBVTT\n\n00:00.000 --> 00:01.000\n&lt;script&gt;')[0]?.text).toBe('<script>');
  });

  it('finds nothing in a text without timings', () => {
    expect(parseTimedText('just a page of words\n\nand another')).toEqual([]);
  });
});

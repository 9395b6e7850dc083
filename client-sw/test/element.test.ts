/** What the element shows and says, without a DOM. */
import { describe, expect, test } from 'vitest';
import { Announcer } from '../src/page/element/announcer.ts';
import { message, setMessages } from '../src/page/element/messages.ts';
import { viewOf } from '../src/page/element/view.ts';
import { formatBytes } from '../src/page/format-bytes.ts';
import type { Download } from '../src/protocol/download.ts';

const TOTAL = 12_345_678;

function download(change: Partial<Download>): Download {
  return {
    id: 't',
    tag: 't',
    selection: 'everything',
    title: 'Field Recording',
    release: 1,
    manifestUrl: 'https://example.org/tags/t/manifest.json',
    state: 'downloading',
    transport: 'pieces',
    bytesTotal: TOTAL,
    bytesStored: 0,
    bytesReceived: 0,
    createdAt: 0,
    updatedAt: 0,
    ...change,
  };
}

describe('the view', () => {
  const labels = (input: Parameters<typeof viewOf>[0]) => {
    const { primary, secondary } = viewOf({ locale: 'en', ...input });
    return [primary?.label, ...secondary.map((button) => button.label)].filter(
      (label) => label !== undefined,
    );
  };

  test('offers what fits the state, and nothing else', () => {
    expect(labels({})).toEqual(['Download']);
    expect(labels({ total: TOTAL })).toEqual(['Download 12.3 MB']);
    expect(labels({ starting: true })).toEqual([]);
    expect(labels({ download: download({}) })).toEqual(['Pause', 'Cancel']);
    expect(labels({ download: download({ state: 'verifying' }) })).toEqual(['Cancel']);
    expect(labels({ download: download({ state: 'paused', pauseReason: 'user' }) })).toEqual([
      'Resume',
      'Cancel',
    ]);
    expect(labels({ download: download({ state: 'complete' }) })).toEqual(['Remove']);
    expect(labels({ download: download({ state: 'complete' }), confirming: true })).toEqual([
      'Remove',
      'Keep',
    ]);
    expect(labels({ download: download({ state: 'failed' }) })).toEqual(['Retry', 'Cancel']);
    expect(labels({ error: 'network' })).toEqual(['Retry']);
  });

  test('shows bytes and per cent while bytes move', () => {
    const view = viewOf({ download: download({ bytesReceived: 4_567_890 }), locale: 'en' });
    expect(view).toMatchObject({ status: '4.6 MB of 12.3 MB', percent: '36%' });
    expect(view.progress).toBeCloseTo(0.37);
  });

  test('never shows 100 % before the end', () => {
    expect(viewOf({ download: download({ bytesReceived: TOTAL - 1 }), locale: 'en' }).percent).toBe('99%');
  });

  test('says why it waits and what went wrong', () => {
    const status = (pauseReason: Download['pauseReason'] & string) =>
      viewOf({ download: download({ state: 'paused', pauseReason }) }).status;
    expect(status('offline')).toBe('Waiting for the network');
    expect(status('browser')).toBe('Stopped in the browser');
    expect(viewOf({ error: 'quota-exceeded' }).error).toMatch(/not enough room/);
    const failed = download({ state: 'failed', error: { code: 'not-found', message: 'x' } });
    expect(viewOf({ download: failed }).error).toMatch(/no longer there/);
  });
});

describe('a fault of the last press', () => {
  test('is shown beside whatever the download is doing', () => {
    const paused = download({ state: 'paused', pauseReason: 'user' });
    expect(viewOf({ download: paused, error: 'quota-exceeded' })).toMatchObject({
      kind: 'paused',
      error: expect.stringMatching(/not enough room/),
    });
    const complete = download({ state: 'complete' });
    expect(viewOf({ download: complete, error: 'storage' }).error).toMatch(/could not store/);
    expect(viewOf({ error: 'unsupported' }).error).toMatch(/https/);
  });
});

describe('announcements', () => {
  test('are the start, each quarter and the end, once', () => {
    const announcer = new Announcer();
    const said: (string | undefined)[] = [announcer.next(undefined, 'en')];
    for (let i = 0; i <= 100; i += 1) {
      said.push(announcer.next(download({ bytesReceived: Math.round((TOTAL * i) / 100) }), 'en'));
    }
    said.push(announcer.next(download({ state: 'verifying', bytesReceived: 0 }), 'en'));
    said.push(announcer.next(download({ state: 'complete', bytesReceived: TOTAL }), 'en'));
    said.push(announcer.next(undefined, 'en'));
    expect(said.filter((sentence) => sentence !== undefined)).toEqual([
      'Downloading Field Recording, 12.3 MB.',
      'Field Recording: 25% downloaded.',
      'Field Recording: 50% downloaded.',
      'Field Recording: 75% downloaded.',
      'Field Recording is available offline.',
      'Field Recording was removed from this device.',
    ]);
  });

  test('say nothing of what was there when the page was opened', () => {
    expect(new Announcer().next(download({ state: 'complete' }))).toBeUndefined();
    expect(new Announcer().next(download({ bytesReceived: 9_000_000 }))).toBeUndefined();
  });

  test('say an error once', () => {
    const announcer = new Announcer();
    announcer.next(download({}));
    const failed = download({ state: 'failed', error: { code: 'damaged', message: 'x' } });
    expect(announcer.next(failed)).toMatch(/damaged/);
    expect(announcer.next(failed)).toBeUndefined();
  });
});

test('texts can be replaced one by one', () => {
  setMessages({ pause: 'Anhalten', progress: '{done} von {total}' });
  expect(message('pause')).toBe('Anhalten');
  expect(message('progress', { done: '1', total: '2' })).toBe('1 von 2');
  expect(message('resume')).toBe('Resume');
});

test.each([
  [0, '0 bytes'],
  [1, '1 byte'],
  [999, '999 bytes'],
  [1000, '1 kB'],
  [812_345, '812 kB'],
  [999_950, '1 MB'],
  [12_345_678, '12.3 MB'],
  [5_000_000_000, '5 GB'],
])('%d bytes read as %s', (bytes, text) => {
  expect(formatBytes(bytes, 'en')).toBe(text);
});

/** What the element shows and says, without a DOM. */
import { describe, expect, test } from 'vitest';
import { Announcer } from '../src/page/element/announcer.ts';
import { ARABIC } from '../src/page/element/messages/ar.ts';
import { GERMAN } from '../src/page/element/messages/de.ts';
import { ENGLISH } from '../src/page/element/messages/en.ts';
import { fill, loadMessages, messagesFor, setMessages } from '../src/page/element/messages.ts';
import { type ViewInput, viewOf as viewIn } from '../src/page/element/view.ts';
import { formatBytes } from '../src/page/format-bytes.ts';
import type { Download } from '../src/protocol/download.ts';

const TOTAL = 12_345_678;

const viewOf = (input: Omit<ViewInput, 'messages'>) => viewIn({ messages: ENGLISH, ...input });

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
    expect(labels({ starting: true, total: TOTAL })).toEqual([]);
    expect(labels({ starting: true, total: TOTAL, waiting: true })).toEqual(['Cancel']);
    expect(labels({ download: download({}) })).toEqual(['Pause', 'Cancel']);
    expect(labels({ download: download({ state: 'verifying' }) })).toEqual(['Cancel']);
    expect(labels({ download: download({ state: 'paused', pauseReason: 'user' }) })).toEqual([
      'Resume',
      'Cancel',
    ]);
    expect(labels({ download: download({ state: 'complete' }) })).toEqual(['Remove']);
    expect(labels({ download: download({ state: 'complete' }), updateBytes: 1_300_000 })).toEqual([
      'Update, 1.3 MB',
      'Remove',
    ]);
    expect(labels({ download: download({ state: 'complete' }), confirming: true })).toEqual([
      'Remove',
      'Keep',
    ]);
    expect(labels({ download: download({ state: 'failed' }) })).toEqual(['Retry', 'Cancel']);
    expect(labels({ error: 'network' })).toEqual(['Retry']);
    expect(labels({ download: download({ state: 'damaged' }) })).toEqual(['Remove']);
    expect(labels({ download: download({ state: 'stale' }) })).toEqual(['Renew', 'Remove']);
  });

  test('a start that waits for a person can be cancelled, where that deletes nothing that is kept', () => {
    const left = (change: Partial<Download>) =>
      labels({ starting: true, waiting: true, download: download(change), updateBytes: 1_300_000 });
    expect(left({ state: 'complete' })).toEqual(['Cancel']);
    expect(left({ state: 'paused', pauseReason: 'progressive' })).toEqual(['Cancel']);
    expect(left({ state: 'stale' })).toEqual([]);
    expect(labels({ starting: true, waiting: true }), 'it waits for the manifest').toEqual([]);
  });

  test('shows bytes and per cent while bytes move', () => {
    const view = viewOf({ download: download({ bytesReceived: 4_567_890 }), locale: 'en' });
    expect(view).toMatchObject({ status: '4.6 MB of 12.3 MB', percent: '36%' });
    expect(view.progress).toBeCloseTo(0.37);
  });

  test('never shows 100 % before the end', () => {
    expect(viewOf({ download: download({ bytesReceived: TOTAL - 1 }), locale: 'en' }).percent).toBe('99%');
  });

  test('says what to do about a download that stands still, and of no other', () => {
    expect(viewOf({ download: download({}), still: true })).toMatchObject({
      kind: 'running',
      hint: 'Nothing has come for a while. If this stays so, pause and resume.',
    });
    expect(viewOf({ download: download({}) }).hint).toBeUndefined();
    const paused = download({ state: 'paused', pauseReason: 'user' });
    expect(viewOf({ download: paused, still: true }).hint).toBeUndefined();
  });

  test('says why it waits and what went wrong', () => {
    const status = (pauseReason: Download['pauseReason'] & string) =>
      viewOf({ download: download({ state: 'paused', pauseReason }) }).status;
    expect(status('offline')).toBe('Waiting for the network');
    expect(status('browser')).toBe('Stopped in the browser');
    expect(status('metered')).toBe('Waiting for a network that costs nothing');
    expect(status('battery')).toBe('Waiting for the battery; goes on while this site is open');
    expect(viewOf({ download: download({ state: 'stale' }) }).error).toMatch(/has expired/);
    expect(viewOf({ download: download({ state: 'damaged' }) }).status).toMatch(/^Repairing, /);
    expect(viewOf({ error: 'quota-exceeded' }).error).toMatch(/not enough room/);
    const failed = download({ state: 'failed', error: { code: 'not-found', message: 'x' } });
    expect(viewOf({ download: failed }).error).toMatch(/no longer there/);
  });
});

test('what was complete once is removed only after a question', () => {
  for (const state of ['complete', 'damaged', 'stale'] as const)
    expect(viewOf({ download: download({ state }), confirming: true }).kind).toBe('confirm');
  expect(viewOf({ download: download({ state: 'failed' }), confirming: true }).kind).toBe('failed');
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
    const said: (string | undefined)[] = [announcer.next(undefined, ENGLISH, 'en')];
    for (let i = 0; i <= 100; i += 1) {
      said.push(announcer.next(download({ bytesReceived: Math.round((TOTAL * i) / 100) }), ENGLISH, 'en'));
    }
    said.push(announcer.next(download({ state: 'verifying', bytesReceived: 0 }), ENGLISH, 'en'));
    said.push(announcer.next(download({ state: 'complete', bytesReceived: TOTAL }), ENGLISH, 'en'));
    said.push(announcer.next(undefined, ENGLISH, 'en'));
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
    expect(new Announcer().next(download({ state: 'complete' }), ENGLISH)).toBeUndefined();
    expect(new Announcer().next(download({ bytesReceived: 9_000_000 }), ENGLISH)).toBeUndefined();
  });

  test('say an error once', () => {
    const announcer = new Announcer();
    announcer.next(download({}), ENGLISH);
    const failed = download({ state: 'failed', error: { code: 'damaged', message: 'x' } });
    expect(announcer.next(failed, ENGLISH)).toMatch(/damaged/);
    expect(announcer.next(failed, ENGLISH)).toBeUndefined();
  });
});

describe('texts', () => {
  test('are English until a shipped language is loaded, for every region of it', async () => {
    expect(messagesFor('de-AT').pause).toBe('Pause');
    await loadMessages('de-AT');
    expect(messagesFor('de-AT').pause).toBe('Anhalten');
    expect(messagesFor('de').pause).toBe('Anhalten');
    expect(loadMessages('de-CH')).toBeUndefined();
    expect(messagesFor('fr').pause).toBe('Pause');
    expect(loadMessages('fr')).toBeUndefined();
  });

  test('can be replaced one by one, for all languages or for one, the nearer before the general', () => {
    setMessages({ resume: 'Weiter', progress: '{done} / {total}' }, 'de');
    setMessages({ resume: 'Geht weiter' }, 'de-AT');
    expect(messagesFor('de-AT').resume).toBe('Geht weiter');
    expect(messagesFor('de-CH').resume).toBe('Weiter');
    expect(messagesFor('en').resume).toBe('Resume');
    expect(messagesFor('de').cancel).toBe('Abbrechen');
    setMessages({ cancel: 'X' });
    expect([messagesFor('de').cancel, messagesFor('en').cancel, messagesFor().cancel]).toEqual([
      'X',
      'X',
      'X',
    ]);
  });

  test('fill in what they name', () => {
    expect(fill('{done} of {total}, {other}', { done: '1', total: '2' })).toBe('1 of 2, {other}');
  });

  test.each([
    ['de', GERMAN],
    ['ar', ARABIC],
  ])('%s says everything that English says, with the same blanks', (_, translation) => {
    const blanks = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort();
    for (const [key, text] of Object.entries(ENGLISH)) {
      const translated = translation[key as keyof typeof ENGLISH];
      expect(translated, key).not.toBe('');
      expect(translated, key).not.toBe(text);
      expect(blanks(translated), key).toEqual(blanks(text));
    }
  });
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

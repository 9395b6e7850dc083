import { describe, expect, it } from 'vitest';
import type { Download, DownloadState } from '../../src/protocol/download.ts';
import { announcementFor, decideRow } from './row-state.ts';

const download = (state: DownloadState, more: Partial<Download> = {}): Download => ({
  id: 't',
  tag: 't',
  selection: 'everything',
  title: 'Field Recording',
  release: 1,
  manifestUrl: 'http://example.org/tags/t/manifest.json',
  state,
  transport: 'pieces',
  bytesTotal: 4_000_000,
  bytesStored: 1_000_000,
  bytesReceived: 1_500_000,
  createdAt: 1,
  updatedAt: 2,
  ...more,
});

const actionsIn = (state: DownloadState): string[] =>
  decideRow(download(state)).actions.map(({ action }) => action);

describe('decideRow', () => {
  it('offers what makes sense in each state', () => {
    expect(actionsIn('downloading')).toEqual(['pause', 'cancel']);
    expect(actionsIn('paused')).toEqual(['resume', 'cancel']);
    expect(actionsIn('failed')).toEqual(['resume', 'cancel']);
    expect(actionsIn('complete')).toEqual(['remove']);
  });

  it('says how much of how much has arrived', () => {
    expect(decideRow(download('downloading')).text).toBe('Downloading · 1.5\u00a0MB of 4\u00a0MB');
    expect(decideRow(download('complete'))).toMatchObject({
      text: 'Plays offline · 4\u00a0MB',
      tone: 'ready',
    });
    expect(decideRow(download('complete'))).not.toHaveProperty('progress');
  });

  it('tells a pause of the reader from one of the network', () => {
    expect(decideRow(download('paused', { pauseReason: 'user' })).text).toMatch(/^Paused ·/);
    expect(decideRow(download('paused', { pauseReason: 'offline' })).text).toMatch(
      /^Waiting for a connection ·/,
    );
  });

  it('tells why it failed and that what arrived is kept', () => {
    const failed = download('failed', { error: { code: 'not-found', message: 'A file is gone.' } });
    expect(decideRow(failed).text).toBe(
      'A file is gone. What has arrived is kept (1.5\u00a0MB of 4\u00a0MB).',
    );
    expect(decideRow({ ...failed, bytesStored: 0 }).text).toBe('A file is gone.');
  });
});

describe('announcementFor', () => {
  it('speaks of changes of state, not of progress', () => {
    expect(announcementFor(download('downloading'), download('complete'))).toBe(
      'Field Recording: Plays offline',
    );
    expect(
      announcementFor(download('downloading'), download('downloading', { bytesReceived: 2 })),
    ).toBeUndefined();
  });
});

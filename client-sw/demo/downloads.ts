// The downloads page: everything that this browser keeps, as it changes.

import type { Download } from 'stowaway-client';
import { coverOf, readOutline } from './documents/outline.ts';
import { DownloadRow, type RowCommands } from './downloads/download-row.ts';
import { reportView } from './downloads/report-view.ts';
import { announcementFor } from './downloads/row-state.ts';
import { showStorage } from './downloads/storage-view.ts';
import { findUpdate } from './downloads/update-check.ts';
import { openDownloads } from './session/open-downloads.ts';
import { watchConnection } from './views/connection.ts';
import { required } from './views/dom.ts';
import { formatCount } from './views/format.ts';
import { clearNotice, showNotice } from './views/notice.ts';

const downloads = openDownloads();
const list = required('rows');
const rows = new Map<string, DownloadRow>();

const commands: RowCommands = {
  run: (action, id) => downloads[action](id),
  update: ({ manifestUrl, selection }, { manifest }) => downloads.start(manifestUrl, { selection, manifest }),
};

watchConnection(() => {
  for (const row of rows.values()) void offerUpdate(row);
});
required('report').append(reportView(downloads));
void open();

async function open(): Promise<void> {
  downloads.subscribe((event) => {
    if (event.type === 'changed') showDownload(event.download);
    else removeRow(event.id);
  });
  try {
    for (const download of await downloads.list()) showDownload(download);
    renderFrame();
  } catch (cause) {
    const text = cause instanceof Error ? cause.message : String(cause);
    const action = { label: 'Load the page again', run: () => location.reload() };
    showNotice(required('notice'), { title: 'The downloads cannot be read', text, action, tone: 'problem' });
  }
  list.setAttribute('aria-busy', 'false');
}

function showDownload(download: Download): void {
  const row = rows.get(download.id);
  if (row === undefined) {
    addRow(download);
    return;
  }
  const before = row.download;
  row.show(download);
  announce(announcementFor(before, download));
  if (before.state === download.state && before.release === download.release) return;
  if (before.release !== download.release) row.showUpdate(undefined);
  renderFrame();
}

function addRow(download: Download): void {
  const row = new DownloadRow(download, commands);
  rows.set(download.id, row);
  list.append(row.view);
  renderFrame();
  void showCover(row);
  void offerUpdate(row);
}

function removeRow(id: string): void {
  const row = rows.get(id);
  if (row === undefined) return;
  const hadFocus = row.view.contains(document.activeElement);
  rows.delete(id);
  row.view.remove();
  announce(`${row.download.title}: removed`);
  renderFrame();
  // The focus would fall back to the top of the page.
  if (hadFocus) required('main').focus();
}

/** What depends on all rows: the count, the empty state, the room. */
function renderFrame(): void {
  required('summary').textContent =
    rows.size > 0 ? `${formatCount(rows.size, 'download')} in this browser` : '';
  void showStorage(required('storage'), downloads);
  if (rows.size > 0) {
    clearNotice(required('notice'));
    return;
  }
  showNotice(required('notice'), {
    title: 'Nothing downloaded yet',
    text: 'Choose something in the library and press its download button. It then plays here without a connection.',
    link: { label: 'Go to the library', href: '/' },
    tone: 'plain',
  });
}

async function showCover(row: DownloadRow): Promise<void> {
  try {
    const { tag, manifestUrl } = row.download;
    row.showCover(coverOf(readOutline(await downloads.load(tag), manifestUrl))?.href);
  } catch (cause) {
    // The row keeps the tile with its initial; what matters here are the bytes, not the picture.
    console.warn(`Stowaway: no cover for ${row.download.tag}.`, cause);
  }
}

async function offerUpdate(row: DownloadRow): Promise<void> {
  try {
    row.showUpdate(await findUpdate(row.download));
  } catch (cause) {
    // Offline, or unpublished: there is nothing to offer, and what is stored is not touched by it.
    console.info(`Stowaway: no word of a newer release of ${row.download.tag}.`, cause);
  }
}

function announce(text: string | undefined): void {
  if (text !== undefined) required('announcements').textContent = text;
}

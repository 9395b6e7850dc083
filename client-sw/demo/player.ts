// The player page: finds what the address asks for and plays it, from the server or from what this browser keeps.

import { manifestNotice, NOTHING_CHOSEN, noSuchItem } from './player/player-notices.ts';
import { parsePlayerRequest, selectItem } from './player/player-request.ts';
import { showPlayer } from './player/player-view.ts';
import { loadOutline } from './session/load-outline.ts';
import { openDownloads } from './session/open-downloads.ts';
import { watchConnection } from './views/connection.ts';
import { required } from './views/dom.ts';
import { clearNotice, type Notice, showNotice } from './views/notice.ts';

const downloads = openDownloads();
const place = required('player');
const noticePlace = required('notice');

let isPlaying = false;

watchConnection(() => {
  if (!isPlaying) void open();
});
void open();

async function open(): Promise<void> {
  place.setAttribute('aria-busy', 'true');
  clearNotice(noticePlace);
  const notice = await tryToPlay();
  isPlaying = notice === undefined;
  if (notice !== undefined) showNotice(noticePlace, { ...notice, isWholePage: true });
  place.setAttribute('aria-busy', 'false');
}

/** Gives the reason where it cannot. */
async function tryToPlay(): Promise<Notice | undefined> {
  const request = parsePlayerRequest(location.search, location.hash);
  if (request === undefined) return NOTHING_CHOSEN;
  const outline = await loadOutline(downloads, request.tag).catch((cause: unknown) => {
    return manifestNotice(request.tag, cause, () => void open());
  });
  if ('tone' in outline) return outline;
  const selected = selectItem(outline, request.path);
  if (selected === undefined) return noSuchItem(request.tag, request.path);
  document.title = `${selected.item.title} · ${outline.title}`;
  showPlayer(place, outline, selected, request.startSeconds);
  return undefined;
}

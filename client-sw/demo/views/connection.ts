// The banner that says that there is no connection and what still works. The browser's own word (`navigator.onLine`)
// is believed when it says "offline"; that the server is away although the browser is online, the pages find out
// by asking it.

import { required } from './dom.ts';

const OFFLINE_TEXT = 'You are offline. What this browser has downloaded plays as ever.';
const SERVER_AWAY_TEXT =
  'The server does not answer just now. What this browser has downloaded plays as ever.';

let isServerAway = false;

/** Keeps the banner up to date from now on; `onReturn` runs each time the connection comes back. */
export function watchConnection(onReturn?: () => void): void {
  addEventListener('offline', render);
  addEventListener('online', () => {
    isServerAway = false;
    render();
    onReturn?.();
  });
  render();
}

/** Notes that a request just found the server away, or there. */
export function reportServer(state: 'away' | 'there'): void {
  isServerAway = state === 'away';
  render();
}

function render(): void {
  const banner = required('connection');
  const text = navigator.onLine ? (isServerAway ? SERVER_AWAY_TEXT : '') : OFFLINE_TEXT;
  // A status is read out on every change: the same words are not set twice.
  if (banner.textContent !== text) banner.textContent = text;
  banner.hidden = text === '';
}

// Finds out why a lesson does not play, and says what to do about it.

import type { Notice } from '../views/notice.ts';

export type PlaybackProblem =
  | 'offline'
  | 'unreachable'
  | 'refused'
  | 'server'
  | 'missing'
  | 'interrupted'
  | 'damaged'
  | 'unsupported';

/** What a `MediaError` says, by its numbers. */
const BROKEN_OFF = 2;
const NOT_DECODED = 3;

/** Asks for one byte of the media: the media element itself tells only how far it came. */
export async function findPlaybackProblem(href: string, fault: MediaError | null): Promise<PlaybackProblem> {
  try {
    const answer = await fetch(href, { headers: { range: 'bytes=0-0' }, cache: 'no-store' });
    await answer.body?.cancel();
    return decidePlaybackProblem(navigator.onLine, answer.status, fault?.code);
  } catch {
    // No answer at all, which is what we wanted to know.
    return decidePlaybackProblem(navigator.onLine, undefined, fault?.code);
  }
}

/** `status` is undefined where nobody answered, `fault` the code of a `MediaError`. Pure. */
export function decidePlaybackProblem(
  isOnline: boolean,
  status: number | undefined,
  fault: number | undefined,
): PlaybackProblem {
  if (status === undefined || status === 504) return isOnline ? 'unreachable' : 'offline';
  if (status === 401 || status === 403) return 'refused';
  if (status === 404 || status === 410) return 'missing';
  if (status >= 400) return 'server';
  // The bytes are to be had: what was wrong with those that the element got?
  if (fault === BROKEN_OFF) return 'interrupted';
  return fault === NOT_DECODED ? 'damaged' : 'unsupported';
}

/** `listen` is offered where there is an audio that may play instead. */
export function playbackNotice(problem: PlaybackProblem, retry: () => void, listen?: () => void): Notice {
  const again = { label: 'Try again', run: retry };
  const action = listen === undefined ? again : { label: 'Listen only', run: listen };
  const tone = 'problem';
  switch (problem) {
    case 'offline':
    case 'unreachable':
      return {
        title:
          problem === 'offline' ? 'Not in this browser, and you are offline' : 'The server does not answer',
        text: 'This one has not been downloaded here. Go online and try again, or play something from your downloads. Next time, download it before you go.',
        action,
        link: { label: 'Your downloads', href: '/downloads' },
        tone,
      };
    case 'refused':
      return {
        title: 'The server refuses this file',
        text: 'Your access to it has ended, or its address has expired. Sign in again, and load the page again.',
        action: { label: 'Load the page again', run: () => location.reload() },
        tone,
      };
    case 'server':
      return { title: 'The server has a problem', text: 'Try again in a while.', action: again, tone };
    case 'missing':
      return {
        title: 'This file is gone',
        text: 'The server no longer has it; a newer release may have replaced it. Load the page again to get the current list.',
        action: { label: 'Load the page again', run: () => location.reload() },
        tone,
      };
    case 'interrupted':
      return {
        title: 'The connection broke off',
        text: 'The file is there and began to play. Going on takes it up where it stopped.',
        action: again,
        tone,
      };
    case 'damaged':
      return {
        title: 'The file cannot be decoded',
        text: 'It began to play, and then made no sense to this browser: it is damaged, or made in a way that this browser does not take. Try another browser, or tell the publisher.',
        action,
        tone,
      };
    case 'unsupported':
      return {
        title: 'This browser does not play this format',
        text: 'The bytes are there, in a format that this browser does not know. Try another browser, or tell the publisher.',
        action,
        tone,
      };
  }
}

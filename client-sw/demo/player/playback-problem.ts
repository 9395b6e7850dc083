// Finds out why a lesson does not play, and says what to do about it.

import type { Notice } from '../views/notice.ts';

export type PlaybackProblem = 'offline' | 'unreachable' | 'missing' | 'unplayable';

/** Asks for one byte of the media: the media element itself does not tell why it gave up. */
export async function findPlaybackProblem(href: string): Promise<PlaybackProblem> {
  try {
    const answer = await fetch(href, { headers: { range: 'bytes=0-0' }, cache: 'no-store' });
    await answer.body?.cancel();
    return decidePlaybackProblem(navigator.onLine, answer.status);
  } catch {
    // No answer at all, which is what we wanted to know.
    return decidePlaybackProblem(navigator.onLine, undefined);
  }
}

/** `status` is undefined where nobody answered. Pure. */
export function decidePlaybackProblem(isOnline: boolean, status: number | undefined): PlaybackProblem {
  if (status !== undefined && status >= 200 && status < 300) return 'unplayable';
  if (status === 404 || status === 410) return 'missing';
  return isOnline ? 'unreachable' : 'offline';
}

/** `listen` is offered where there is an audio that may play instead. */
export function playbackNotice(problem: PlaybackProblem, retry: () => void, listen?: () => void): Notice {
  const action =
    listen === undefined ? { label: 'Try again', run: retry } : { label: 'Listen only', run: listen };
  switch (problem) {
    case 'offline':
    case 'unreachable':
      return {
        title:
          problem === 'offline' ? 'Not in this browser, and you are offline' : 'The server does not answer',
        text: 'This one has not been downloaded here. Go online and try again, or play something from your downloads. Next time, download it before you go.',
        action,
        link: { label: 'Your downloads', href: '/downloads' },
        tone: 'problem',
      };
    case 'missing':
      return {
        title: 'This file is gone',
        text: 'The server no longer has it; a newer release may have replaced it. Load the page again to get the current list.',
        action: { label: 'Load the page again', run: () => location.reload() },
        tone: 'problem',
      };
    case 'unplayable':
      return {
        title: 'This browser cannot play the file',
        text: 'The bytes are there, but they are in a format that this browser does not play, or they are damaged. Try another browser, or tell the publisher.',
        action,
        tone: 'problem',
      };
  }
}

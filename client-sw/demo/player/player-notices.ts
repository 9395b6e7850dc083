// What the player says when there is nothing to play.

import { StowawayError } from 'stowaway-client';
import type { Notice } from '../views/notice.ts';

const TO_LIBRARY = { label: 'Go to the library', href: '/' };

export const NOTHING_CHOSEN: Notice = {
  title: 'Nothing chosen yet',
  text: 'Choose a lesson or an episode in the library, and it plays here.',
  link: TO_LIBRARY,
  tone: 'plain',
};

export function noSuchItem(tag: string, path: string | undefined): Notice {
  return {
    title: 'Not in this release',
    text:
      path === undefined
        ? `“${tag}” has nothing to play.`
        : `The current release of “${tag}” has no “${path}”. It may have been renamed or withdrawn.`,
    link: {
      label: 'See what there is',
      href: path === undefined ? '/' : `/play?${new URLSearchParams({ tag })}`,
    },
    tone: 'problem',
  };
}

/** For an error of loading the manifest. */
export function manifestNotice(tag: string, cause: unknown, retry: () => void): Notice {
  const code = cause instanceof StowawayError ? cause.code : undefined;
  const action = { label: 'Try again', run: retry };
  if (code === 'not-found') {
    return {
      title: `There is no “${tag}”`,
      text: 'It may have been unpublished.',
      link: TO_LIBRARY,
      tone: 'problem',
    };
  }
  if (code === 'network' || code === 'not-downloaded') {
    return {
      title: 'Not in this browser, and no connection',
      text: `“${tag}” has not been downloaded here, and the server does not answer. Go online and try again, or play something from your downloads.`,
      action,
      link: { label: 'Your downloads', href: '/downloads' },
      tone: 'problem',
    };
  }
  const text = cause instanceof Error ? cause.message : String(cause);
  return { title: `“${tag}” could not be opened`, text, action, link: TO_LIBRARY, tone: 'problem' };
}

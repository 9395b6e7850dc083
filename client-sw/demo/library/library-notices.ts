// What the library says when it has no cards to show.

import { type Notice, showNotice } from '../views/notice.ts';
import type { LibraryState } from './library-state.ts';

type StateWithoutCards = Extract<LibraryState, { name: 'empty' | 'unreachable' | 'failed' }>;

export function showLibraryNotice(place: HTMLElement, state: StateWithoutCards, retry: () => void): void {
  showNotice(place, noticeFor(state, retry));
}

function noticeFor(state: StateWithoutCards, retry: () => void): Notice {
  const action = { label: 'Try again', run: retry };
  switch (state.name) {
    case 'empty':
      return {
        title: 'Nothing published yet',
        text: 'Give the server a folder of lessons or episodes, and it appears here:',
        command: 'stowaway publish FOLDER --tag my-course',
        tone: 'plain',
      };
    case 'unreachable':
      return {
        title: 'The library cannot be reached',
        text: 'The server does not answer, and nothing has been downloaded to this browser yet. Check your connection, then try again.',
        action,
        tone: 'problem',
      };
    case 'failed':
      return { title: 'The library could not be loaded', text: state.message, action, tone: 'problem' };
  }
}

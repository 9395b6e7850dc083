// How far a publish is, and how it ended.

import { append, element } from '../../demo/views/dom.ts';
import { formatCount, formatSize } from '../../demo/views/format.ts';
import { button } from '../parts/controls.ts';
import { isRunning, type PublishState, percentOf } from '../publish/publish-state.ts';
import { formatRoute } from '../routes/route.ts';
import type { Surroundings } from './view.ts';

/** Follows the publish that runs, or shows how the last one ended. */
export function progressView({ publishing, announce, signal }: Surroundings): HTMLElement {
  const title = element('h2', { tabindex: '-1' });
  const line = element('p', { class: 'facts', 'data-testid': 'publish-state' });
  const bar = element('progress', { max: 100, 'aria-label': 'Published' });
  const more = element('div', {});
  const actions = element('p', { class: 'actions' });
  const panel = element('section', { class: 'panel progress-panel' }, title, bar, line, more, actions);
  let shown: PublishState['step'] | undefined;
  const show = (): void => {
    const { state, tag } = publishing;
    title.textContent = titleOf(state, tag);
    line.textContent = lineOf(state);
    bar.hidden = !isRunning(state);
    bar.value = percentOf(state) ?? 0;
    panel.dataset.step = state.step;
    if (shown === state.step) return;
    shown = state.step;
    // The buttons change: the focus must not be lost with them.
    const hadFocus = panel.contains(document.activeElement);
    more.replaceChildren(...moreOf(state));
    actions.replaceChildren();
    append(actions, actionsOf(state, tag, publishing));
    if (hadFocus) title.focus();
    announce(`${title.textContent} ${isRunning(state) ? '' : line.textContent}`);
  };
  const unsubscribe = publishing.subscribe(show);
  signal.addEventListener('abort', unsubscribe);
  show();
  return panel;
}

function titleOf(state: PublishState, tag: string): string {
  switch (state.step) {
    case 'reading':
      return `Reading the files for ${tag}`;
    case 'asking':
      return 'Asking what is missing';
    case 'sending':
      return `Sending to ${tag}`;
    case 'making':
      return 'Making the release';
    case 'done':
      return state.isNew ? `Release ${state.release} of ${tag} is out` : 'Nothing changed';
    case 'failed':
      return state.title;
    case 'stopped':
      return 'Stopped';
    default:
      return '';
  }
}

function lineOf(state: PublishState): string {
  switch (state.step) {
    case 'reading':
      return `${formatSize(state.bytes)} of ${formatSize(state.totalBytes)}`;
    case 'asking':
      return 'The server compares digests with what it has.';
    case 'sending': {
      const { bytes, totalBytes, files, totalFiles, waiting } = state;
      const far = `${formatSize(bytes)} of ${formatSize(totalBytes)}, ${files} of ${formatCount(totalFiles, 'file')}`;
      return waiting === undefined ? far : `${far}. Waiting: ${waiting}`;
    }
    case 'making':
      return 'All files are there. Readers see the release when it is complete.';
    case 'done':
      return state.isNew
        ? `${formatSize(state.bytesSent)} were sent; the rest was there already.`
        : `Release ${state.release} has these files already.`;
    case 'failed':
      return state.text;
    case 'stopped':
      return 'What was sent stays at the server for a while: publish the same folder again, and only the rest travels.';
    default:
      return '';
  }
}

function moreOf(state: PublishState): Node[] {
  if (state.step !== 'failed' || state.files.length === 0) return [];
  const lines = state.files.map((path) => element('li', { class: 'change change-bad' }, path));
  return [
    element('h3', {}, 'Files that this is about'),
    element('ul', { class: 'changes', role: 'list', 'data-testid': 'problem-files' }, ...lines),
  ];
}

function actionsOf(
  state: PublishState,
  tag: string,
  publishing: Surroundings['publishing'],
): (Node | false)[] {
  if (isRunning(state)) return [button('Stop', () => publishing.stop())];
  const again = button(state.step === 'done' ? 'Publish another' : 'Choose the folder again', () =>
    publishing.reset(),
  );
  const isDone = state.step === 'done';
  return [
    isDone &&
      element(
        'a',
        { class: 'button button-accent', href: formatRoute({ view: 'tag', tag }) },
        'Show the tag',
      ),
    again,
  ];
}

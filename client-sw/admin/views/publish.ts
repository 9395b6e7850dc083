// Publishing: a folder is dropped or chosen, and becomes the next release of a tag.

import { append, element } from '../../demo/views/dom.ts';
import { formatCount, formatSize } from '../../demo/views/format.ts';
import { button, complaint, field } from '../parts/controls.ts';
import { head } from '../parts/entries.ts';
import { chosenFolder, droppedFolder, type Folder } from '../publish/folder.ts';
import { suggestTag } from '../publish/names.ts';
import { forgetUnfinished, readUnfinished, type Unfinished } from '../publish/unfinished.ts';
import { TAG_PATTERN } from '../routes/route.ts';
import { progressView } from './publish-progress.ts';
import type { Shown, Surroundings } from './view.ts';

export async function publishView(tag: string, surroundings: Surroundings): Promise<Shown> {
  const place = element('div', {});
  const show = (): void => {
    const { publishing } = surroundings;
    if (publishing.state.step === 'idle') place.replaceChildren(chooser(tag, surroundings));
    else if (!place.firstElementChild?.matches('.progress-panel'))
      place.replaceChildren(progressView(surroundings));
  };
  const unsubscribe = surroundings.publishing.subscribe(show);
  surroundings.signal.addEventListener('abort', unsubscribe);
  show();
  return { title: 'Publish', content: [head('Publish'), place] };
}

function chooser(tag: string, surroundings: Surroundings): HTMLElement {
  const { scopes } = surroundings;
  const unfinished = readUnfinished();
  const name = element('input', {
    type: 'text',
    value: tag || (unfinished?.tag ?? ''),
    required: true,
    pattern: '[a-z0-9][a-z0-9._\\-]{0,127}',
    title: 'Small letters, digits, dots, hyphens and underscores, beginning with a letter or digit',
    placeholder: 'my-course',
    autocomplete: 'off',
    autocapitalize: 'off',
    spellcheck: 'false',
  });
  const hint = scopes.publishHint ?? 'A new name makes a new tag; a known one gets its next release.';
  const found = element('p', { class: 'found', role: 'status', 'data-testid': 'found' });
  const problem = complaint();
  const publish = element('button', { type: 'submit', class: 'button button-accent' }, 'Publish');
  let folder: Folder | undefined;
  const take = async (taken: Folder | Promise<Folder>): Promise<void> => {
    problem.textContent = '';
    try {
      folder = await taken;
    } catch (cause) {
      problem.textContent = `The folder cannot be read: ${cause instanceof Error ? cause.message : cause}`;
      return;
    }
    found.textContent = describe(folder);
    if (name.value === '') name.value = suggestTag(folder.name);
  };
  const form = element(
    'form',
    { class: 'form' },
    unfinished !== undefined && unfinishedView(unfinished),
    dropZone(take),
    found,
    field('Tag', name, hint),
    problem,
    element('p', { class: 'actions' }, publish),
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    problem.textContent = refuse(folder, name.value, surroundings) ?? '';
    if (problem.textContent === '' && folder !== undefined)
      void surroundings.publishing.start(folder, name.value);
  });
  return form;
}

/** Why it cannot begin, and what to do. */
function refuse(folder: Folder | undefined, tag: string, { scopes }: Surroundings): string | undefined {
  if (folder === undefined) return 'Choose a folder first.';
  if (folder.files.length === 0)
    return 'The folder has no files to publish: put audio or video files into it.';
  if (!TAG_PATTERN.test(tag))
    return 'This cannot be a tag: use small letters, digits, dots, hyphens and underscores.';
  if (!scopes.mayPublish(tag)) return `This token may not publish ${tag}. ${scopes.publishHint ?? ''}`;
  return undefined;
}

function describe({ name, files, tagFile, bytes }: Folder): string {
  const from = name === '' ? '' : `${name}: `;
  const described = tagFile === undefined ? '' : ', described by tag.toml';
  return `${from}${formatCount(files.length, 'file')}, ${formatSize(bytes)}${described}`;
}

function dropZone(take: (folder: Folder | Promise<Folder>) => void): HTMLElement {
  const input = element('input', {
    type: 'file',
    webkitdirectory: true,
    multiple: true,
    class: 'visually-hidden',
    id: 'folder',
  });
  const zone = element(
    'label',
    { class: 'drop', for: 'folder' },
    element('strong', {}, 'Drop a folder here'),
    element('span', { class: 'soft' }, 'or ', element('span', { class: 'link' }, 'choose one')),
  );
  const box = element('div', {}, input, zone);
  input.addEventListener('change', () => {
    if (input.files !== null && input.files.length > 0) take(chosenFolder(input.files));
  });
  zone.addEventListener('dragover', (event) => {
    event.preventDefault();
    zone.dataset.over = '';
  });
  zone.addEventListener('dragleave', () => {
    delete zone.dataset.over;
  });
  zone.addEventListener('drop', (event) => {
    event.preventDefault();
    delete zone.dataset.over;
    if (event.dataTransfer !== null) take(droppedFolder(event.dataTransfer.items));
  });
  return box;
}

function unfinishedView({ tag, folder, files, bytes }: Unfinished): HTMLElement {
  const from = folder === '' ? 'The files' : `The folder ${folder}`;
  const box = element(
    'section',
    { class: 'banner', 'data-testid': 'unfinished', 'aria-label': 'Unfinished' },
    element(
      'p',
      {},
      `${from} (${formatCount(files, 'file')}, ${formatSize(bytes)}) was not published to ${tag} yet. `,
    ),
    element('p', {}, 'Choose it again and press Publish: what the server has is not sent again.'),
  );
  const forget = button('Forget it', () => {
    forgetUnfinished();
    box.remove();
  });
  append(box, [element('p', { class: 'actions' }, forget)]);
  return box;
}

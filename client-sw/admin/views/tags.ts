// Every tag that the token may see.

import { element } from '../../demo/views/dom.ts';
import { formatCount, formatSize } from '../../demo/views/format.ts';
import type { TagEntry } from '../api/documents.ts';
import { field } from '../parts/controls.ts';
import { type Entry, empty, entryList, head, nextPage } from '../parts/entries.ts';
import { moment } from '../parts/moment.ts';
import { formatRoute, TAG_PATTERN } from '../routes/route.ts';
import type { Shown, Surroundings } from './view.ts';

interface Place {
  readonly prefix: string;
  readonly after: string | undefined;
}

export async function tagsView(place: Place, surroundings: Surroundings): Promise<Shown> {
  const { api, scopes, signal } = surroundings;
  const { prefix, after } = place;
  const canBeName = prefix === '' || TAG_PATTERN.test(prefix);
  const { tags, next } = canBeName ? await api.tags(prefix, after, signal) : { tags: [], next: undefined };
  const publish = scopes.mayPublishSomething
    ? element('a', { class: 'button button-accent', href: '#/publish' }, 'Publish a folder')
    : undefined;
  const rest = next === undefined ? undefined : formatRoute({ view: 'tags', prefix, after: next });
  const list =
    tags.length > 0 ? entryList('Tags', tags.map(tagEntry)) : nothing(place, canBeName, surroundings);
  const content = [head('Tags', publish), search(prefix, surroundings), list, nextPage(rest)];
  return { title: 'Tags', content: content.filter((node) => node !== undefined) };
}

function tagEntry({ tag, title, release, items, downloadTotal, modified, unpublished }: TagEntry): Entry {
  return {
    title: element('a', { href: formatRoute({ view: 'tag', tag }) }, title),
    badge: unpublished === undefined ? undefined : { text: 'not offered', tone: 'quiet' },
    facts: [
      element('code', {}, tag),
      `release ${release}`,
      formatCount(items, 'item'),
      formatSize(downloadTotal),
      moment(modified),
    ],
    testId: 'tag',
  };
}

function search(prefix: string, { go }: Surroundings): HTMLElement {
  const words = element('input', {
    type: 'search',
    value: prefix,
    placeholder: 'my-course',
    autocomplete: 'off',
    autocapitalize: 'off',
    spellcheck: 'false',
  });
  const form = element(
    'form',
    { class: 'search', role: 'search' },
    field('Tags that begin with', words),
    element('button', { type: 'submit', class: 'button' }, 'Search'),
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    go(formatRoute({ view: 'tags', prefix: words.value.trim().toLowerCase(), after: undefined }));
  });
  return form;
}

function nothing({ prefix, after }: Place, canBeName: boolean, { scopes }: Surroundings): HTMLElement {
  const all = element('a', { href: '#/tags' }, 'Show all tags');
  if (!canBeName) {
    return empty(
      'No tag begins so',
      'A tag has small letters, digits, dots, hyphens and underscores. ',
      all,
      '.',
    );
  }
  if (prefix !== '') return empty(`No tag begins with ${prefix}`, 'Check the spelling. ', all, '.');
  if (after !== undefined) return empty('That was the last tag', all, '.');
  if (scopes.mayPublishSomething) {
    const publish = element('a', { href: '#/publish' }, 'Publish a folder');
    return empty(
      'No tags yet',
      publish,
      ' of audio or video files, and it becomes the first release of a tag.',
    );
  }
  return empty(
    'No tags yet',
    'Nothing that this token may look at was published so far. At the server: ',
    element('code', {}, 'stowaway publish FOLDER --tag NAME'),
  );
}

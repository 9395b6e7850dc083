// What is stored, and what each tag needs of it.

import { element } from '../../demo/views/dom.ts';
import { formatCount, formatSize } from '../../demo/views/format.ts';
import type { Stats, TagEntry, TagUse } from '../api/documents.ts';
import { empty, head, nextPage } from '../parts/entries.ts';
import { formatRoute } from '../routes/route.ts';
import type { Shown, Surroundings } from './view.ts';

/** Each tag is a question of its own to the server. */
const PAGE = 20;
const AT_ONCE = 4;

export async function storageView(after: string | undefined, { api, signal }: Surroundings): Promise<Shown> {
  const [stats, { tags, next }] = await Promise.all([api.stats(signal), api.tags('', after, signal, PAGE)]);
  const uses = await inTurn(tags, ({ tag }) => api.tagUse(tag, signal));
  const most = Math.max(1, ...uses.map(({ bytesStored }) => bytesStored));
  const rows = tags.map((tag, index) => row(tag, uses[index] as TagUse, most));
  const rest = next === undefined ? undefined : formatRoute({ view: 'storage', after: next });
  const content = [
    head('Storage'),
    totals(stats),
    element('h2', { class: 'section' }, 'What tags need'),
    tags.length > 0 ? legend() : empty('Nothing here', 'Publish a folder, and what it needs is shown here.'),
    tags.length > 0
      ? element('ul', { class: 'entries', role: 'list', 'aria-label': 'Tags' }, ...rows)
      : undefined,
    nextPage(rest),
  ];
  return { title: 'Storage', content: content.filter((node) => node !== undefined) };
}

function totals({ tags, unpublishedTags, releases, blobs, bytesStored, runningJobs }: Stats): HTMLElement {
  const taken = unpublishedTags > 0 ? ` (${unpublishedTags} not offered)` : '';
  return element(
    'section',
    { class: 'panel', 'aria-label': 'In all', 'data-testid': 'totals' },
    element('p', { class: 'total' }, formatSize(bytesStored)),
    element(
      'p',
      { class: 'facts' },
      `${formatCount(blobs, 'file')} stored once each · ${formatCount(tags, 'tag')}${taken} · ${formatCount(releases, 'release')}`,
    ),
    ...running(runningJobs),
  );
}

/** What is counted here may be changing. */
function running(kinds: readonly string[]): HTMLElement[] {
  if (kinds.length === 0) return [];
  const link = element('a', { href: formatRoute({ view: 'jobs', after: undefined }) }, kinds.join(', '));
  return [element('p', { class: 'facts' }, 'Running now: ', link)];
}

function legend(): HTMLElement {
  return element(
    'p',
    { class: 'legend small soft', 'aria-hidden': 'true' },
    element('span', { class: 'key key-own' }),
    ' only this tag ',
    element('span', { class: 'key key-shared' }),
    ' other tags have it too',
  );
}

function row({ tag, title }: TagEntry, use: TagUse, most: number): HTMLElement {
  const { releases, bytesStored, exclusiveBytes } = use;
  const bar = element('span', { class: 'bar', 'aria-hidden': 'true' }, element('span', { class: 'bar-own' }));
  // Set by script: the page allows no style attributes.
  bar.style.setProperty('--all', String(bytesStored / most));
  bar.style.setProperty('--own', String(bytesStored === 0 ? 0 : exclusiveBytes / bytesStored));
  const shared = bytesStored - exclusiveBytes;
  const words = `${formatCount(releases, 'release')} · ${formatSize(exclusiveBytes)} only of this tag`;
  return element(
    'li',
    { class: 'entry use', 'data-testid': 'use' },
    element('a', { class: 'entry-title', href: formatRoute({ view: 'tag', tag }) }, title),
    element('span', { class: 'use-size' }, formatSize(bytesStored)),
    bar,
    element('p', { class: 'facts' }, shared > 0 ? `${words}, ${formatSize(shared)} shared` : words),
  );
}

/** Asks for each, a few at a time, and gives the answers in order. */
async function inTurn<One, Answer>(
  ones: readonly One[],
  ask: (one: One) => Promise<Answer>,
): Promise<Answer[]> {
  const answers: Answer[] = [];
  const queue = [...ones.entries()];
  const work = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift())
      answers[next[0]] = await ask(next[1]);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return answers;
}

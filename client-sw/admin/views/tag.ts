// One tag: what readers get, what it was before, and going back.

import { element } from '../../demo/views/dom.ts';
import { formatCount, formatSize } from '../../demo/views/format.ts';
import type { SeenTag } from '../api/api.ts';
import type { ReleaseEntry } from '../api/documents.ts';
import { button, field } from '../parts/controls.ts';
import { ask } from '../parts/dialog.ts';
import { badgeView, type Entry, entryList, head } from '../parts/entries.ts';
import { moment } from '../parts/moment.ts';
import { formatRoute } from '../routes/route.ts';
import type { Shown, Surroundings } from './view.ts';

export async function tagView(tag: string, surroundings: Surroundings): Promise<Shown> {
  const { api, scopes, signal } = surroundings;
  const [seen, { releases, next }] = await Promise.all([
    api.tag(tag, signal),
    api.releases(tag, undefined, signal),
  ]);
  const list = entryList(
    'Releases',
    releases.map((release) => releaseEntry(seen, release, surroundings)),
  );
  const content: Node[] = [
    element('p', { class: 'trail' }, element('a', { href: '#/tags' }, 'Tags')),
    head(seen.entry.title),
    summary(seen, surroundings),
    element('h2', { class: 'section' }, 'Releases'),
    list,
  ];
  if (next !== undefined) content.push(more(tag, next, list, seen, surroundings));
  if (seen.entry.lastRelease > 1) content.push(compareForm(seen, surroundings));
  if (scopes.isAdmin && seen.entry.unpublished === undefined) content.push(takeBack(seen, surroundings));
  return { title: seen.entry.title, content };
}

function summary({ entry }: SeenTag, { scopes }: Surroundings): HTMLElement {
  const { tag, release, items, downloadTotal, modified, unpublished } = entry;
  const state =
    unpublished === undefined
      ? badgeView({ text: `readers get release ${release}`, tone: 'good' })
      : badgeView({ text: 'not offered', tone: 'quiet' });
  return element(
    'section',
    { class: 'panel', 'aria-label': 'Current state' },
    element('p', {}, element('code', {}, tag), ' ', state),
    element(
      'p',
      { class: 'facts' },
      `${formatCount(items, 'item')} · ${formatSize(downloadTotal)} · `,
      moment(modified),
    ),
    unpublished !== undefined &&
      element(
        'p',
        { class: 'soft' },
        'Taken back on ',
        moment(unpublished),
        '. A rollback or a publish offers it again.',
      ),
    element(
      'p',
      { class: 'actions' },
      scopes.mayPublish(tag) &&
        element('a', { class: 'button button-accent', href: `#/publish/${tag}` }, 'Publish a new release'),
      unpublished === undefined &&
        element('a', { class: 'button', href: `/tags/${tag}/latest.zip` }, 'Download as ZIP'),
    ),
  );
}

function releaseEntry(seen: SeenTag, row: ReleaseEntry, surroundings: Surroundings): Entry {
  const { tag } = seen.entry;
  const { release, current } = row;
  const mayReturn = !current && surroundings.scopes.mayMove(tag);
  const changes = release > 1 && {
    href: formatRoute({ view: 'diff', tag, from: release - 1, to: release }),
    label: `Changes since ${release - 1}`,
  };
  return {
    title: `Release ${release}`,
    badge: current ? { text: 'current', tone: 'good' } : undefined,
    facts: [
      formatCount(row.items, 'item'),
      formatSize(row.downloadTotal),
      moment(row.modified),
      element('a', { href: row.manifest }, 'manifest'),
      changes && element('a', { href: changes.href }, changes.label),
    ],
    actions: [
      mayReturn &&
        button('Roll back', () => rollBack(seen, row, surroundings), {
          describes: `Roll back to release ${release}`,
        }),
    ],
    testId: 'release',
  };
}

function more(
  tag: string,
  after: number,
  list: HTMLElement,
  seen: SeenTag,
  surroundings: Surroundings,
): HTMLElement {
  let next: number | undefined = after;
  const line = element('p', { class: 'actions' });
  const load = async (): Promise<void> => {
    try {
      const page = await surroundings.api.releases(tag, next, surroundings.signal);
      const added = entryList(
        '',
        page.releases.map((release) => releaseEntry(seen, release, surroundings)),
      );
      list.append(...added.children);
      next = page.next;
      if (next === undefined) line.remove();
    } catch (cause) {
      if (!surroundings.signal.aborted) surroundings.fail(cause);
    }
  };
  line.append(button('Show older releases', load));
  return line;
}

function compareForm({ entry }: SeenTag, { go }: Surroundings): HTMLElement {
  const { tag, release, lastRelease } = entry;
  const number = (value: number): HTMLInputElement =>
    element('input', { type: 'number', min: 1, max: lastRelease, value, required: true });
  const from = number(Math.max(1, release === lastRelease ? release - 1 : release));
  const to = number(lastRelease);
  const form = element(
    'form',
    { class: 'search' },
    field('From release', from),
    field('To release', to),
    element('button', { type: 'submit', class: 'button' }, 'Compare'),
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    go(formatRoute({ view: 'diff', tag, from: from.valueAsNumber, to: to.valueAsNumber }));
  });
  return element('section', {}, element('h2', { class: 'section' }, 'Compare two releases'), form);
}

async function rollBack(seen: SeenTag, row: ReleaseEntry, surroundings: Surroundings): Promise<void> {
  const { tag, release: now, unpublished } = seen.entry;
  const { release, items, downloadTotal } = row;
  const before = unpublished === undefined ? `instead of release ${now}` : 'and the tag is offered again';
  const question = {
    title: `Roll back to release ${release}?`,
    text: [
      `Readers of ${tag} will get release ${release} (${formatCount(items, 'item')}, ${formatSize(downloadTotal)}) ${before}.`,
      'No release is lost: you can go forward again the same way. The next publish gets the next number.',
    ],
    confirm: `Roll back to ${release}`,
  };
  const isDone = await ask(question, async () => {
    await surroundings.api.rollback(seen, release);
  });
  if (!isDone) return;
  surroundings.announce(`Readers now get release ${release}.`);
  await surroundings.refresh();
}

function takeBack(seen: SeenTag, surroundings: Surroundings): HTMLElement {
  return element(
    'section',
    { class: 'panel panel-danger' },
    element('h2', {}, 'Take this tag back'),
    element(
      'p',
      { class: 'soft' },
      'The catalogue leaves it out, and who asks for it is told that it was taken back.',
    ),
    element(
      'p',
      { class: 'actions' },
      button('Unpublish…', () => unpublish(seen, surroundings), { tone: 'danger' }),
    ),
  );
}

async function unpublish(seen: SeenTag, surroundings: Surroundings): Promise<void> {
  const { tag, title } = seen.entry;
  const question = {
    title: `Unpublish ${title}?`,
    text: [
      `${tag} leaves the catalogue. Its current manifest, media and bundle answer 410, “taken back”.`,
      'What people have downloaded stays with them, downloads that have begun end well, and a rollback offers it again.',
    ],
    confirm: 'Unpublish',
    isDangerous: true,
    typed: tag,
  };
  const isDone = await ask(question, async () => {
    await surroundings.api.unpublish(seen);
  });
  if (!isDone) return;
  surroundings.announce(`${title} is not offered any more.`);
  await surroundings.refresh();
}

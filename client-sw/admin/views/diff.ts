// What changed from one release of a tag to another, and what that costs who has the first.

import { element } from '../../demo/views/dom.ts';
import { formatCount, formatSize } from '../../demo/views/format.ts';
import { empty, head } from '../parts/entries.ts';
import { formatRoute } from '../routes/route.ts';
import type { Shown, Surroundings } from './view.ts';

interface Compared {
  readonly tag: string;
  readonly from: number;
  readonly to: number;
}

export async function diffView({ tag, from, to }: Compared, { api, signal }: Surroundings): Promise<Shown> {
  const { added, removed, changed, unchanged, bytesToFetch } = await api.difference(tag, from, to, signal);
  const title = `${tag}: release ${from} to ${to}`;
  const isSame = added.length + removed.length + changed.length === 0;
  const swapped = formatRoute({ view: 'diff', tag, from: to, to: from });
  return {
    title,
    content: [
      element(
        'p',
        { class: 'trail' },
        element('a', { href: '#/tags' }, 'Tags'),
        ' / ',
        element('a', { href: formatRoute({ view: 'tag', tag }) }, tag),
      ),
      head(
        `Release ${from} to ${to}`,
        element('a', { class: 'button', href: swapped }, 'The other way round'),
      ),
      element(
        'section',
        { class: 'panel', 'aria-label': 'Cost' },
        element(
          'p',
          {},
          `Who has release ${from} fetches `,
          element('strong', {}, formatSize(bytesToFetch)),
          ` for release ${to}.`,
        ),
        element('p', { class: 'facts' }, `${formatCount(unchanged, 'file')} the same in both`),
      ),
      ...(isSame
        ? [empty('The same files', 'Names, order or descriptions may differ; the files do not.')]
        : []),
      ...files('Added', '+', 'good', added),
      ...files('Changed', '~', 'quiet', changed),
      ...files('Removed', '−', 'bad', removed),
    ],
  };
}

function files(title: string, sign: string, tone: string, paths: readonly string[]): Node[] {
  if (paths.length === 0) return [];
  const line = (path: string): HTMLElement =>
    element(
      'li',
      { class: `change change-${tone}` },
      element('span', { 'aria-hidden': 'true' }, sign),
      ' ',
      path,
    );
  return [
    element(
      'h2',
      { class: 'section' },
      `${title} `,
      element('span', { class: 'soft' }, String(paths.length)),
    ),
    element('ul', { class: 'changes', role: 'list', 'aria-label': title }, ...paths.map(line)),
  ];
}

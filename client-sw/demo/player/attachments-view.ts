// The files that come with a lesson or with the whole tag: hand-outs to open or save.

import type { Item, Outline, Resource } from '../documents/outline.ts';
import { resourcesOf } from '../documents/outline.ts';
import { element, icon } from '../views/dom.ts';
import { formatSize } from '../views/format.ts';

/** Undefined where there are none. */
export function attachmentsView(outline: Outline, item: Item): HTMLElement | undefined {
  const ofTag = outline.resources.filter(
    (resource) => resource.role === 'attachment' && resource.owner === undefined,
  );
  const attachments = [...resourcesOf(outline, item, 'attachment'), ...ofTag];
  if (attachments.length === 0) return undefined;
  return element(
    'section',
    { class: 'panel', 'aria-labelledby': 'attachments-title' },
    element('h2', { id: 'attachments-title' }, 'Files'),
    element('ul', { class: 'attachments' }, ...attachments.map(attachmentView)),
  );
}

function attachmentView(attachment: Resource): HTMLElement {
  const name = attachment.title ?? attachment.path.slice(attachment.path.lastIndexOf('/') + 1);
  return element(
    'li',
    {},
    element(
      'a',
      { href: attachment.href, class: 'attachment', 'data-testid': 'attachment' },
      icon('file'),
      element('span', { dir: 'auto' }, name),
      attachment.size !== undefined && element('span', { class: 'soft' }, formatSize(attachment.size)),
    ),
  );
}

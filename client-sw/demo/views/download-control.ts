// The `<stowaway-download>` element for a tag, set up for this app.

import { element } from './dom.ts';

export function downloadControl(tag: string): HTMLElement {
  const control = document.createElement('stowaway-download');
  control.setAttribute('tag', tag);
  return element('div', { class: 'download-control' }, control);
}

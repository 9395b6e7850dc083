// A report that a visitor can paste into a message to support: the library makes it, and names nothing that was downloaded.

import type { Downloads } from 'stowaway-client';
import { element } from '../views/dom.ts';

export function reportView(downloads: Downloads): HTMLElement {
  const answer = element(
    'span',
    { class: 'soft', role: 'status' },
    'Something wrong? A report tells support how things stand, and nothing of what you downloaded.',
  );
  const button = element(
    'button',
    { type: 'button', class: 'button', 'data-testid': 'report' },
    'Show the report',
  );
  const text = element('textarea', {
    class: 'report',
    readonly: true,
    hidden: true,
    rows: 12,
    'aria-label': 'Report for support',
    'data-testid': 'report-text',
  });
  button.addEventListener('click', () => void show());
  return element('div', {}, element('p', { class: 'persist' }, answer, button), text);

  async function show(): Promise<void> {
    try {
      text.value = await downloads.diagnose();
    } catch (cause) {
      answer.textContent = `There is no report: ${cause instanceof Error ? cause.message : String(cause)}`;
      return;
    }
    text.hidden = false;
    text.select();
    answer.textContent = (await copy(text.value))
      ? 'Copied. Read it below before you send it.'
      : 'Copy the text below.';
  }
}

/** Whether the browser let it. */
async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch (cause) {
    console.info('Stowaway: the clipboard refused.', cause);
    return false;
  }
}

// Buttons and fields, as all views have them.

import { element } from '../../demo/views/dom.ts';

type Tone = 'plain' | 'accent' | 'danger';

/** A button. While what it began is under way it cannot be pressed again. */
export function button(
  label: string,
  press: () => void | Promise<void>,
  { tone = 'plain', describes }: { readonly tone?: Tone; readonly describes?: string } = {},
): HTMLButtonElement {
  const created = element(
    'button',
    { type: 'button', class: tone === 'plain' ? 'button' : `button button-${tone}`, 'aria-label': describes },
    label,
  );
  created.addEventListener('click', async () => {
    created.disabled = true;
    try {
      await press();
    } finally {
      created.disabled = false;
    }
  });
  return created;
}

let fields = 0;

/** A control with its label above it and, where there is something to say, a hint below. */
export function field<Control extends HTMLElement>(
  label: string,
  control: Control,
  hint?: string,
): HTMLElement {
  fields += 1;
  control.id = `field-${fields}`;
  const words = element('label', { for: control.id }, label);
  if (hint === undefined) return element('p', { class: 'field' }, words, control);
  const small = element('small', { id: `${control.id}-hint`, class: 'soft' }, hint);
  control.setAttribute('aria-describedby', small.id);
  return element('p', { class: 'field' }, words, control, small);
}

/** Words about what went wrong with a form, said at once. Empty while nothing did. */
export function complaint(): HTMLElement {
  return element('p', { class: 'complaint', role: 'alert' });
}

/** A list to choose one of. */
export function choice(
  options: readonly { readonly value: string; readonly label: string }[],
  chosen?: string,
): HTMLSelectElement {
  return element(
    'select',
    {},
    ...options.map(({ value, label }) => element('option', { value, selected: value === chosen }, label)),
  );
}

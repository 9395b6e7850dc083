// Asks before something is done that readers will notice.

import { append, element } from '../../demo/views/dom.ts';
import { button, complaint, field } from './controls.ts';

export interface Question {
  readonly title: string;
  /** What will happen, a paragraph each. */
  readonly text: readonly string[];
  readonly confirm: string;
  readonly isDangerous?: boolean;
  /** A name that has to be typed first. */
  readonly typed?: string;
}

/** Asks, and does it when told to. What goes wrong is said in the dialog, which stays. Whether it was done is answered. */
export function ask(question: Question, act: () => Promise<void>): Promise<boolean> {
  const { title, text, confirm, isDangerous = false, typed } = question;
  const problem = complaint();
  const name = element('input', {
    type: 'text',
    autocomplete: 'off',
    spellcheck: 'false',
    autocapitalize: 'off',
  });
  const dialog = element(
    'dialog',
    { class: 'dialog', 'aria-labelledby': 'dialog-title' },
    element('h2', { id: 'dialog-title' }, title),
    ...text.map((paragraph) => element('p', {}, paragraph)),
    typed !== undefined && field(`Type ${typed} to go on`, name),
    problem,
  );
  return new Promise((answer) => {
    let isDone = false;
    const run = async (): Promise<void> => {
      problem.textContent = '';
      try {
        await act();
        isDone = true;
        dialog.close();
      } catch (cause) {
        problem.textContent = cause instanceof Error ? cause.message : String(cause);
      }
    };
    const confirmed = button(confirm, run, { tone: isDangerous ? 'danger' : 'accent' });
    const cancel = button('Cancel', () => dialog.close());
    if (typed !== undefined) {
      const compare = (): void => {
        confirmed.disabled = name.value !== typed;
      };
      compare();
      name.addEventListener('input', compare);
    }
    append(dialog, [element('p', { class: 'actions' }, cancel, confirmed)]);
    dialog.addEventListener('close', () => {
      dialog.remove();
      answer(isDone);
    });
    document.body.append(dialog);
    dialog.showModal();
    // The answer that changes nothing has the focus.
    (typed === undefined ? cancel : name).focus();
  });
}

/** The element's inside: built once, changed in place, so that focus and screen readers keep their bearings. */
import { actionIcon, tickIcon } from './icons.ts';
import { element, setText, sheetOf } from './shadow.ts';
import { STYLES } from './styles.ts';
import type { Action, ButtonView, View } from './view.ts';

export class Surface {
  readonly #root: ShadowRoot;
  readonly #onAction: (action: Action) => void;
  readonly #box = element('div', 'box', 'container');
  readonly #primary = element('button', 'primary', 'button primary');
  readonly #progress = element('progress', '', 'progress');
  readonly #line = element('div', 'line');
  readonly #status = element('p', 'status', 'status');
  readonly #percent = element('span', 'percent');
  readonly #actions = element('div', 'actions');
  readonly #hint = element('p', 'hint', 'hint');
  readonly #error = element('p', 'error', 'error');
  readonly #spoken = element('div', 'spoken');
  readonly #secondary: HTMLButtonElement[] = [];
  /** The focused button went, and no other was there to take the focus. */
  #owesFocus = false;

  constructor(root: ShadowRoot, onAction: (action: Action) => void) {
    this.#root = root;
    this.#onAction = onAction;
    // No <style> element: a Content-Security-Policy without 'unsafe-inline' would refuse it.
    root.adoptedStyleSheets = [sheetOf(STYLES)];
    const badge = element('span', 'badge');
    badge.append(tickIcon());
    this.#line.append(badge, this.#status, this.#percent);
    this.#progress.max = 1;
    // Numbers and units keep their order where the page runs the other way.
    for (const text of [this.#status, this.#percent, this.#hint, this.#error]) text.dir = 'auto';
    this.#spoken.setAttribute('role', 'status');
    this.#spoken.setAttribute('aria-live', 'polite');
    this.#listen(this.#primary);
    for (let i = 0; i < 2; i += 1) {
      const button = element('button', 'secondary', 'button');
      this.#listen(button);
      this.#secondary.push(button);
    }
    this.#actions.append(...this.#secondary);
    this.#box.append(this.#error, this.#line, this.#primary, this.#actions, this.#progress, this.#hint);
    root.append(this.#box, this.#spoken);
  }

  /** @param label what the progress bar is called */
  show(view: View, label: string): void {
    const focused = this.#root.activeElement;
    this.#box.dataset.kind = view.kind;
    this.#error.hidden = !view.error;
    setText(this.#error, view.error ?? '');
    this.#hint.hidden = !view.hint;
    setText(this.#hint, view.hint ?? '');
    this.#line.hidden = view.status === undefined;
    setText(this.#status, view.status ?? '');
    setText(this.#percent, view.percent ?? '');
    this.#percent.hidden = view.percent === undefined || view.progress === null;
    this.#showProgress(view.progress, label);
    const worded = view.primary !== undefined && view.kind !== 'complete';
    showButton(this.#primary, view.primary, true, view.kind === 'failed');
    for (const [i, button] of this.#secondary.entries()) showButton(button, view.secondary[i], worded, false);
    this.#actions.hidden = view.secondary.length === 0;
    this.#keepFocus(focused);
  }

  /** Says a sentence to screen readers. */
  say(sentence: string): void {
    this.#spoken.textContent = sentence;
  }

  /** Says what is shown, where it is a question. */
  sayStatus(): void {
    this.say(this.#status.textContent ?? '');
  }

  #showProgress(progress: number | null | undefined, label: string): void {
    this.#progress.hidden = progress === undefined;
    this.#progress.setAttribute('aria-label', label);
    if (progress === null || progress === undefined) this.#progress.removeAttribute('value');
    else this.#progress.value = progress;
  }

  /** A button that was pressed may be gone now: whoever works by keyboard goes on at its successor. */
  #keepFocus(focused: Element | null): void {
    if (focused instanceof HTMLElement && focused.hidden) this.#owesFocus = true;
    // While a download is being prepared there is no button at first; who has moved on by then is left alone.
    else if (focused || !hasNoFocus(document.activeElement)) this.#owesFocus = false;
    const next = [this.#primary, ...this.#secondary].find((button) => !button.hidden);
    if (!this.#owesFocus || !next) return;
    this.#owesFocus = false;
    next.focus();
  }

  #listen(button: HTMLButtonElement): void {
    button.type = 'button';
    button.addEventListener('click', () => this.#onAction(button.dataset.action as Action));
  }
}

function hasNoFocus(active: Element | null): boolean {
  return active === null || active === document.body;
}

function showButton(
  button: HTMLButtonElement,
  view: ButtonView | undefined,
  worded: boolean,
  retry: boolean,
): void {
  button.hidden = !view;
  if (!view) return;
  const face = `${view.action} ${view.label} ${worded} ${retry}`;
  if (button.dataset.face === face) return;
  button.dataset.face = face;
  button.dataset.action = view.action;
  button.classList.toggle('worded', worded);
  button.title = worded ? '' : view.label;
  if (worded) button.removeAttribute('aria-label');
  else button.setAttribute('aria-label', view.label);
  const showsIcon = !worded || button.classList.contains('primary');
  button.replaceChildren(
    ...(showsIcon ? [actionIcon(view.action, retry)] : []),
    ...(worded ? [view.label] : []),
  );
}

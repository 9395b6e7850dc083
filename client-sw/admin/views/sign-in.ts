// Signing in: a token, and what to do who has none.

import { element } from '../../demo/views/dom.ts';
import { complaint, field } from '../parts/controls.ts';

export interface SignIn {
  readonly node: HTMLElement;
  focus(): void;
}

/** @param reason why the session before is over */
export function signInView(reason: string | undefined, signIn: (token: string) => Promise<void>): SignIn {
  const token = element('input', {
    type: 'password',
    required: true,
    autocomplete: 'current-password',
    placeholder: 'sw_…',
    spellcheck: 'false',
  });
  const enter = element('button', { type: 'submit', class: 'button button-accent' }, 'Sign in');
  const problem = complaint();
  problem.textContent = reason ?? '';
  const form = element(
    'form',
    { class: 'panel sign-in' },
    element('h1', {}, 'Sign in'),
    problem,
    field('Token', token, 'It is kept in this tab until you sign out or close it.'),
    element('p', { class: 'actions' }, enter),
    element(
      'details',
      { class: 'fold' },
      element('summary', {}, 'I have no token'),
      element('p', { class: 'soft small' }, 'Whoever runs the server makes the first one there:'),
      element('pre', {}, element('code', {}, 'stowaway token create --name console --scope admin')),
      element('p', { class: 'soft small' }, 'With that one, more can be made here.'),
    ),
  );
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    problem.textContent = '';
    enter.disabled = true;
    try {
      await signIn(token.value.trim());
    } catch (cause) {
      problem.textContent = cause instanceof Error ? cause.message : String(cause);
      token.select();
    } finally {
      enter.disabled = false;
    }
  });
  return { node: form, focus: () => token.focus() };
}

// The tokens of the server: who may do what, until when, and when they last did.

import { element } from '../../demo/views/dom.ts';
import type { CreatedToken, TokenEntry } from '../api/documents.ts';
import { button, choice, complaint, field } from '../parts/controls.ts';
import { ask } from '../parts/dialog.ts';
import { type Entry, empty, entryList, head, nextPage } from '../parts/entries.ts';
import { moment } from '../parts/moment.ts';
import { formatRoute } from '../routes/route.ts';
import { scopeOf, scopeWords, tokenState } from './token-words.ts';
import type { Shown, Surroundings } from './view.ts';

const LIFETIMES = [
  { value: '1d', label: '1 day' },
  { value: '30d', label: '30 days' },
  { value: '90d', label: '90 days' },
  { value: '365d', label: '1 year' },
  { value: 'never', label: 'until it is revoked' },
];

const KINDS = [
  { value: 'publish', label: 'publish tags' },
  { value: 'read', label: 'look at tags' },
  { value: 'admin', label: 'administer everything' },
];

export async function tokensView(after: number | undefined, surroundings: Surroundings): Promise<Shown> {
  const { tokens, next } = await surroundings.api.tokens(after, surroundings.signal);
  const list =
    tokens.length > 0
      ? entryList(
          'Tokens',
          tokens.map((token) => tokenEntry(token, surroundings)),
        )
      : empty('No more tokens', element('a', { href: '#/tokens' }, 'Show the newest'), '.');
  const rest = next === undefined ? undefined : formatRoute({ view: 'tokens', after: next });
  const content = [
    head('Tokens'),
    createForm(surroundings),
    element('h2', { class: 'section' }, 'All tokens'),
    list,
    nextPage(rest),
  ];
  return { title: 'Tokens', content: content.filter((node) => node !== undefined) };
}

function tokenEntry(token: TokenEntry, surroundings: Surroundings): Entry {
  const { name, id, scopes, created, expires, revoked, lastUsed } = token;
  const state = tokenState(token, Date.now());
  const until = (word: string, text: string): HTMLElement => element('span', {}, word, moment(text));
  return {
    title: name,
    badge: state === 'good' ? undefined : { text: state, tone: 'bad' },
    facts: [
      scopes.map(scopeWords).join(', '),
      element('code', {}, id),
      until('made ', created),
      lastUsed === undefined ? 'never used' : until('last used ', lastUsed),
      revoked !== undefined
        ? until('revoked ', revoked)
        : expires === undefined
          ? 'does not expire'
          : until(state === 'expired' ? 'expired ' : 'expires ', expires),
    ],
    actions: [
      state === 'good' &&
        button('Revoke', () => revoke(token, surroundings), { describes: `Revoke ${name}` }),
    ],
    testId: 'token',
  };
}

function createForm(surroundings: Surroundings): HTMLElement {
  const name = element('input', {
    type: 'text',
    required: true,
    maxlength: 100,
    placeholder: 'ci',
    autocomplete: 'off',
  });
  const kind = choice(KINDS);
  const prefix = element('input', {
    type: 'text',
    pattern: '([a-z0-9][a-z0-9._\\-]{0,127})?',
    placeholder: 'all tags',
    autocomplete: 'off',
    autocapitalize: 'off',
    spellcheck: 'false',
  });
  const prefixField = field('Only tags that begin with', prefix);
  kind.addEventListener('change', () => {
    prefixField.hidden = kind.value === 'admin';
  });
  const lifetime = choice(LIFETIMES, '90d');
  const problem = complaint();
  const create = element('button', { type: 'submit', class: 'button button-accent' }, 'Make the token');
  const form = element(
    'form',
    { class: 'panel form' },
    element('h2', {}, 'Make a token'),
    element(
      'div',
      { class: 'fields' },
      field('Name', name),
      field('It may', kind),
      prefixField,
      field('Good for', lifetime),
    ),
    problem,
    element('p', { class: 'actions' }, create),
  );
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    problem.textContent = '';
    create.disabled = true;
    try {
      const scopes = [scopeOf(kind.value, prefix.value.trim())];
      const made = await surroundings.api.createToken({
        name: name.value.trim(),
        scopes,
        expires: lifetime.value,
      });
      form.replaceWith(createdView(made, surroundings));
    } catch (cause) {
      problem.textContent = cause instanceof Error ? cause.message : String(cause);
    } finally {
      create.disabled = false;
    }
  });
  return form;
}

/** The whole token, this once. */
function createdView({ token, name }: CreatedToken, { announce, refresh }: Surroundings): HTMLElement {
  const secret = element('input', {
    type: 'text',
    readonly: true,
    value: token,
    spellcheck: 'false',
    class: 'secret',
  });
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(token);
      announce('Copied.');
      copied.textContent = 'Copied.';
    } catch {
      // Over plain HTTP, or where it was forbidden: people can do it themselves.
      secret.focus();
      secret.select();
      copied.textContent =
        'This browser does not let the page copy. It is selected: copy it by keyboard or menu.';
    }
  };
  const copied = element('p', { class: 'soft small', role: 'status' });
  const copying = button('Copy', copy, { tone: 'accent' });
  const shown = element(
    'section',
    { class: 'panel form', 'data-testid': 'created-token' },
    element('h2', { tabindex: '-1' }, `The token “${name}”`),
    element(
      'p',
      {},
      'It is shown only now. Copy it to where it is needed, and keep it as you keep a password.',
    ),
    field('Token', secret),
    copied,
    element('p', { class: 'actions' }, copying, button('Done', refresh)),
  );
  queueMicrotask(() => copying.focus());
  return shown;
}

async function revoke({ id, name }: TokenEntry, { api, announce, refresh }: Surroundings): Promise<void> {
  const question = {
    title: `Revoke “${name}”?`,
    text: ['It is refused from the next request on, on every server, and cannot be made good again.'],
    confirm: 'Revoke',
    isDangerous: true,
  };
  const isDone = await ask(question, async () => {
    await api.revokeToken(id);
  });
  if (!isDone) return;
  announce(`${name} is revoked.`);
  await refresh();
}

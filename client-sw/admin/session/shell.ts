// The frame around the views: who is signed in, where one is, and what goes wrong.

import { append, element } from '../../demo/views/dom.ts';
import { showNotice } from '../../demo/views/notice.ts';
import { Api } from '../api/api.ts';
import { Connection } from '../api/connection.ts';
import type { Whoami } from '../api/documents.ts';
import { ApiProblem } from '../api/problem.ts';
import { button } from '../parts/controls.ts';
import { moment } from '../parts/moment.ts';
import { PublishSession } from '../publish/publish-session.ts';
import { parseRoute } from '../routes/route.ts';
import { showRoute } from '../views/index.ts';
import { signInView } from '../views/sign-in.ts';
import type { Surroundings } from '../views/view.ts';
import { forgetToken, keepToken, keptToken } from './kept-token.ts';
import { navigationEntries, showNavigation } from './navigation.ts';
import { Scopes } from './scopes.ts';

export interface Places {
  readonly view: HTMLElement;
  readonly main: HTMLElement;
  readonly navigation: HTMLElement;
  readonly account: HTMLElement;
  readonly announcements: HTMLElement;
  readonly skip: HTMLElement;
}

interface Session {
  readonly api: Api;
  readonly scopes: Scopes;
  readonly publishing: PublishSession;
}

export class Shell {
  readonly #places: Places;
  #session: Session | undefined;
  #leaving = new AbortController();

  constructor(places: Places) {
    this.#places = places;
  }

  open(): void {
    addEventListener('hashchange', () => void this.#show(true));
    this.#places.skip.addEventListener('click', (event) => {
      // A plain link would change the address, which says where one is.
      event.preventDefault();
      this.#places.main.focus();
    });
    const token = keptToken();
    if (token === undefined) this.#showSignIn();
    else void this.#resume(token);
  }

  /** After a reload. */
  async #resume(token: string): Promise<void> {
    try {
      await this.#signIn(token);
    } catch (cause) {
      this.#fail(cause, () => void this.#resume(token));
    }
  }

  /** Asks the server who this is. Throws what it says when it is nobody. */
  async #signIn(token: string): Promise<void> {
    const api = new Api(new Connection(token));
    const whoami = await api.whoami();
    const offers = await api.offers();
    keepToken(token);
    const publishing = new PublishSession(api.connection, (cause) => this.#endIfOver(cause));
    this.#session = { api, scopes: new Scopes(whoami.scopes, offers), publishing };
    publishing.subscribe(() => this.#showNavigation());
    this.#showAccount(whoami);
    await this.#show(false);
  }

  #signOut(reason?: string): void {
    this.#session?.publishing.stop();
    this.#session = undefined;
    forgetToken();
    this.#places.navigation.hidden = true;
    this.#places.account.replaceChildren();
    this.#showSignIn(reason);
  }

  #showSignIn(reason?: string): void {
    this.#leaving.abort();
    document.title = 'Sign in · Stowaway console';
    const signIn = signInView(reason, (token) => this.#signIn(token));
    this.#places.view.replaceChildren(signIn.node);
    this.#places.view.setAttribute('aria-busy', 'false');
    signIn.focus();
  }

  /** @param isMove whether somebody went there, and the focus goes along */
  async #show(isMove: boolean): Promise<void> {
    if (this.#session === undefined) return;
    const { api, scopes, publishing } = this.#session;
    this.#leaving.abort();
    this.#leaving = new AbortController();
    const { signal } = this.#leaving;
    const { view } = this.#places;
    view.setAttribute('aria-busy', 'true');
    this.#showNavigation();
    const surroundings: Surroundings = {
      api,
      scopes,
      publishing,
      signal,
      announce: (text) => this.#announce(text),
      go: (hash) => {
        if (location.hash === hash) void this.#show(true);
        else location.hash = hash;
      },
      refresh: () => this.#show(false),
      fail: (cause) => this.#fail(cause, () => void this.#show(true)),
    };
    try {
      const { title, content } = await showRoute(parseRoute(location.hash), surroundings);
      if (signal.aborted) return;
      view.replaceChildren(...content);
      document.title = `${title} · Stowaway console`;
      if (isMove) this.#arrive(title);
      else if (document.activeElement === document.body) this.#places.main.focus({ preventScroll: true });
    } catch (cause) {
      if (signal.aborted) return;
      surroundings.fail(cause);
    }
    view.setAttribute('aria-busy', 'false');
  }

  #arrive(title: string): void {
    scrollTo({ top: 0, behavior: 'instant' });
    this.#places.main.focus({ preventScroll: true });
    this.#announce(title);
  }

  #showNavigation(): void {
    if (this.#session === undefined) return;
    const { scopes, publishing } = this.#session;
    const { view } = parseRoute(location.hash);
    showNavigation(this.#places.navigation, navigationEntries(scopes, view, publishing.progressPercent));
  }

  #showAccount({ name, expires }: Whoami): void {
    const { account } = this.#places;
    account.replaceChildren(element('span', {}, `Signed in with the token “${name}”`));
    if (expires !== undefined) append(account, [', good until ', moment(expires)]);
    append(account, ['. ', button('Sign out', () => this.#signOut())]);
  }

  #fail(cause: unknown, again: () => void): void {
    if (this.#endIfOver(cause)) return;
    this.#places.view.setAttribute('aria-busy', 'false');
    const title = cause instanceof ApiProblem ? cause.title : 'This did not work';
    const text = cause instanceof Error ? cause.message : String(cause);
    const action = { label: 'Try again', run: again };
    showNotice(this.#places.view, { title, text, action, tone: 'problem', isWholePage: true });
  }

  /** Goes back to the sign-in, with the reason, when the token is not good any more. */
  #endIfOver(cause: unknown): boolean {
    if (!(cause instanceof ApiProblem && cause.endsSession)) return false;
    this.#signOut(`${cause.title}. ${cause.message}`);
    return true;
  }

  #announce(text: string): void {
    this.#places.announcements.textContent = text;
  }
}

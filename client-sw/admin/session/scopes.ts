// What a token may do, so that the console offers nothing else. The server decides again at every request. Pure.

import type { Offers } from '../api/offers.ts';

/** The scopes of one token, as `/api/whoami` lists them. */
export class Scopes {
  readonly isAdmin: boolean;
  readonly #publish: readonly string[];
  readonly #read: readonly string[];

  /** @param offers what the server's API has at all */
  constructor(
    scopes: readonly string[],
    private readonly offers: Offers,
  ) {
    this.isAdmin = scopes.includes('admin');
    this.#publish = prefixes(scopes, 'publish:');
    this.#read = prefixes(scopes, 'read:');
  }

  /** Going back to an old release of a tag, or, where the server takes folders, publishing it. */
  mayMove(tag: string): boolean {
    return this.isAdmin || this.#publish.some((prefix) => tag.startsWith(prefix));
  }

  mayPublish(tag: string): boolean {
    return this.offers.publications && this.mayMove(tag);
  }

  mayRead(tag: string): boolean {
    return this.mayMove(tag) || this.#read.some((prefix) => tag.startsWith(prefix));
  }

  get maySeeStorage(): boolean {
    return this.offers.stats && this.isAdmin;
  }

  get mayKeepHouse(): boolean {
    return this.offers.jobs && this.isAdmin;
  }

  get mayPublishSomething(): boolean {
    return this.offers.publications && (this.isAdmin || this.#publish.length > 0);
  }

  /** How a tag has to begin that the token may publish, in words; undefined where any will do. */
  get publishHint(): string | undefined {
    if (this.isAdmin || this.#publish.includes('')) return undefined;
    return `This token may publish tags that begin with ${this.#publish.join(' or ')}.`;
  }
}

function prefixes(scopes: readonly string[], kind: string): string[] {
  return scopes.filter((scope) => scope.startsWith(kind)).map((scope) => scope.slice(kind.length));
}

// The cards on the page. A card stays where it is once it is there: one that is taken out and put back would lose the
// reader's focus and load its download control anew. So a filter hides cards, and more of them are added at the end.

import type { CatalogueEntry } from '../documents/catalogue.ts';
import { cardView, type OutlineLoader } from './card.ts';

export class CardList {
  readonly #cards = new Map<string, HTMLElement>();

  constructor(
    private readonly place: HTMLElement,
    private readonly loadOutline: OutlineLoader,
  ) {}

  clear(): void {
    this.#cards.clear();
    this.place.replaceChildren();
  }

  /** Adds cards for entries that have none yet. `isOpen`: with their lessons unfolded. */
  add(entries: readonly CatalogueEntry[], isOpen: boolean): void {
    for (const entry of entries) {
      if (this.#cards.has(entry.tag)) continue;
      const card = cardView(entry, this.loadOutline, isOpen);
      this.#cards.set(entry.tag, card);
      this.place.append(card);
    }
  }

  /** Shows the cards of `entries` alone. */
  filter(entries: readonly CatalogueEntry[]): void {
    const shown = new Set(entries.map((entry) => entry.tag));
    for (const [tag, card] of this.#cards) card.hidden = !shown.has(tag);
  }

  /** Puts the focus on a card's title. */
  focus(tag: string): void {
    this.#cards.get(tag)?.querySelector<HTMLElement>('h2 a')?.focus();
  }
}

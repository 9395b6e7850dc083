// How bytes are to travel when somebody asks for one way: `?transport=pieces` or `?transport=background-fetch` in the
// address, remembered for this tab. It is there for tests and for comparing them; without it the library decides.

import type { Transport } from 'stowaway-client';

const STORAGE_KEY = 'stowaway.transport';

const CHOICES = ['auto', 'background-fetch', 'pieces', 'progressive'] as const satisfies (
  | Transport
  | 'auto'
)[];

export type TransportChoice = (typeof CHOICES)[number];

/** The choice in `search`, else the one remembered, else `auto`. `?transport=auto` forgets an earlier choice. */
export function readTransportChoice(search: string, remembered: Storage): TransportChoice {
  const asked = new URLSearchParams(search).get('transport');
  if (asked === null) return parse(remembered.getItem(STORAGE_KEY)) ?? 'auto';
  const choice = parse(asked);
  if (choice === undefined) {
    console.warn(`Stowaway: there is no transport "${asked}"; say one of ${CHOICES.join(', ')}.`);
    return 'auto';
  }
  remembered.setItem(STORAGE_KEY, choice);
  return choice;
}

function parse(text: string | null): TransportChoice | undefined {
  return CHOICES.find((choice) => choice === text);
}

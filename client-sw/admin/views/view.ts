// What every view of the console gets, and what it gives back.

import type { Api } from '../api/api.ts';
import type { PublishSession } from '../publish/publish-session.ts';
import type { Scopes } from '../session/scopes.ts';

export interface Surroundings {
  readonly api: Api;
  readonly scopes: Scopes;
  readonly publishing: PublishSession;
  /** Ends when another view is shown. */
  readonly signal: AbortSignal;
  /** Says something to who does not see it. */
  announce(text: string): void;
  /** Goes to another place of the console. */
  go(hash: string): void;
  /** Shows this view again, from what the server says now. */
  refresh(): Promise<void>;
  /** Shows what went wrong; a token that is not good any more ends the session. */
  fail(cause: unknown): void;
}

export interface Shown {
  /** For the title of the page. */
  readonly title: string;
  readonly content: readonly Node[];
}

/**
 * The Background Fetch and Background Sync interfaces that TypeScript's libraries lack
 * (https://wicg.github.io/background-fetch/, https://wicg.github.io/background-sync/spec/). Types only.
 */
import type { Icon } from './manifest.ts';

export type BackgroundFetchFailureReason =
  | ''
  | 'aborted'
  | 'bad-status'
  | 'fetch-error'
  | 'quota-exceeded'
  | 'download-total-exceeded';

export interface BackgroundFetchRecord {
  readonly request: Request;
  /** May reject, and in Chromium settles only when the whole request is over. */
  readonly responseReady: Promise<Response>;
}

export interface BackgroundFetchRegistration extends EventTarget {
  readonly id: string;
  readonly downloadTotal: number;
  readonly downloaded: number;
  readonly result: '' | 'success' | 'failure';
  readonly failureReason: BackgroundFetchFailureReason;
  readonly recordsAvailable: boolean;
  abort(): Promise<boolean>;
  matchAll(): Promise<BackgroundFetchRecord[]>;
}

export interface BackgroundFetchManager {
  fetch(
    id: string,
    requests: string[],
    options?: { title?: string; icons?: Icon[]; downloadTotal?: number },
  ): Promise<BackgroundFetchRegistration>;
  get(id: string): Promise<BackgroundFetchRegistration | undefined>;
  getIds(): Promise<string[]>;
}

export interface SyncManager {
  register(tag: string): Promise<void>;
}

/** A registration with what this browser may or may not have. */
export type CapableRegistration = ServiceWorkerRegistration & {
  readonly backgroundFetch?: BackgroundFetchManager;
  readonly sync?: SyncManager;
};

export interface ExtendableEventLike extends Event {
  waitUntil(promise: Promise<unknown>): void;
}

export interface BackgroundFetchEvent extends ExtendableEventLike {
  readonly registration: BackgroundFetchRegistration;
}

export interface BackgroundFetchUpdateUIEvent extends BackgroundFetchEvent {
  updateUI(options: { title?: string; icons?: Icon[] }): Promise<void>;
}

export interface SyncEvent extends ExtendableEventLike {
  readonly tag: string;
  readonly lastChance: boolean;
}

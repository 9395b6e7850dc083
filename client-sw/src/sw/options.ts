/** Options of the worker, and what it makes of them. */
import type { Environment } from '../transport/environment.ts';

/** Options of {@link install}. */
export interface InstallOptions {
  /** Base address of the Stowaway server. Default: the worker's origin. */
  server?: string;
  /** Page to open when a person clicks a running download in the browser's own list. Default `/downloads`. */
  downloadsUrl?: string;
  /** Requests in flight at once. Default 3. */
  concurrency?: number;
  /**
   * Whether the worker takes over, when it becomes active, the pages that are open without a worker. Default true: on a
   * first visit what is downloaded plays offline at once, not only after a reload.
   */
  claim?: boolean;
}

export interface WorkerEnvironment extends Environment {
  scope: ServiceWorkerGlobalScope;
  server: URL;
  downloadsUrl: string;
  /** Drivers that run in this worker now, by download. Nothing is lost with them: the ledger has it all. */
  drivers: Map<string, AbortController>;
}

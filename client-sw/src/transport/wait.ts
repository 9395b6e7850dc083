/** Waits that end early: by the network coming back, or by a signal. */

/** Resolves after `delayMs`, when the browser comes online, or when `signal` is aborted. */
export function waitForRetry(delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      removeEventListener('online', done);
      resolve();
    };
    const timer = setTimeout(done, delayMs);
    signal.addEventListener('abort', done);
    addEventListener('online', done);
  });
}

/** Bounded polling: tests wait for conditions, never for time to pass. */
import { setTimeout as delay } from 'node:timers/promises';

/**
 * Asks `check` until it answers something truthy, and gives that back. A `check` that throws has not been met yet;
 * its last error becomes the cause of the one thrown at the deadline.
 */
export async function waitFor(what, check, { timeoutMs = 30_000, intervalMs = 50 } = {}) {
  const deadline = performance.now() + timeoutMs;
  let seen;
  let cause;
  for (;;) {
    try {
      seen = await check();
      cause = undefined;
      if (seen) return seen;
    } catch (error) {
      cause = error;
    }
    if (performance.now() > deadline) {
      throw new Error(`waited ${timeoutMs} ms for ${what}; last seen: ${JSON.stringify(seen)}`, { cause });
    }
    await delay(intervalMs);
  }
}

/** Rejects when `promise` has not settled in time. It cannot stop what the promise does: the caller cleans up. */
export async function withLimit(what, promise, limitMs) {
  const timer = new AbortController();
  const limit = delay(limitMs, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`${what} was not over after ${limitMs} ms`);
  });
  try {
    return await Promise.race([promise, limit]);
  } finally {
    timer.abort();
    limit.catch(() => undefined); // The aborted timer rejects, as asked.
  }
}

/** What the worker's half does to a worker it is installed into. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { install } from '../src/sw/index.ts';
import { stubContext } from './support/context.ts';

beforeEach(() => stubContext());
afterEach(() => vi.unstubAllGlobals());

/** A worker with what `install` touches. */
function workerScope() {
  const claim = vi.fn(async () => undefined);
  const scope = Object.assign(new EventTarget(), {
    location: new URL('https://site.example.org/sw.js'),
    clients: { claim },
  });
  return { claim, scope: scope as unknown as ServiceWorkerGlobalScope };
}

/** Sends the event that ends a worker's installation; settles when the worker lets it. */
async function activate(scope: ServiceWorkerGlobalScope) {
  const until: Promise<unknown>[] = [];
  scope.dispatchEvent(
    Object.assign(new Event('activate'), { waitUntil: (promise: Promise<unknown>) => until.push(promise) }),
  );
  await Promise.all(until);
}

test('open pages are taken over on a first visit, so that what they download plays at once', async () => {
  const { scope, claim } = workerScope();
  install(scope, { server: 'https://media.example.org' });
  expect(claim).not.toHaveBeenCalled();
  await activate(scope);
  expect(claim).toHaveBeenCalledOnce();
});

test('a site that wants no page taken over before its next visit says so', async () => {
  const { scope, claim } = workerScope();
  install(scope, { claim: false });
  await activate(scope);
  expect(claim).not.toHaveBeenCalled();
});

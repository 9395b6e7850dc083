/** Which library instance an element uses, beside the one that the page has named. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Downloads } from '../../src/page/api.ts';
import { createDownloads } from '../../src/page/downloads.ts';
import { downloadsFor, onPageDownloads, useDownloads } from '../../src/page/element/instances.ts';
import { stubPage } from '../support/context.ts';

let page: Downloads;

beforeEach(() => {
  stubPage('https://site.example.org/listen');
  page = createDownloads({ server: 'https://media.example.org', serviceWorker: false });
});

afterEach(() => {
  page.close();
  vi.unstubAllGlobals();
});

test("elements of the page's server share its instance, whether they name that server or not", () => {
  useDownloads(page);
  expect(downloadsFor(undefined)).toBe(page);
  expect(downloadsFor('https://media.example.org')).toBe(page);
  expect(downloadsFor('https://media.example.org/')).toBe(page);
});

test("elements of another server share one of their own, with the page's worker and not another", async () => {
  const register = vi.fn();
  vi.stubGlobal('navigator', { ...navigator, serviceWorker: { register } });
  useDownloads(page);
  const other = downloadsFor('https://other.example.org');
  expect(other).not.toBe(page);
  expect(other.server).toBe('https://other.example.org/');
  expect(downloadsFor('https://other.example.org/')).toBe(other);
  await other.ready;
  expect(other.serviceWorker).toBe(page.serviceWorker);
  expect(register).not.toHaveBeenCalled();
  other.close();
});

test('naming an instance tells every element that waits, once, though each waits again', () => {
  const told = vi.fn();
  const wait = () => {
    const forget = onPageDownloads(() => {
      told();
      forget();
      wait();
    });
  };
  wait();
  useDownloads(page);
  expect(told).toHaveBeenCalledOnce();
});

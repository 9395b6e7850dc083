/**
 * The elements' texts in every language: English is built in, the other languages that are shipped are loaded when the page
 * is in one of them, and a page may add or replace any.
 */
import type { ErrorCode } from '../../protocol/download.ts';
import type { Messages } from './api.ts';
import { ENGLISH } from './messages/en.ts';

const SHIPPED: Record<string, () => Promise<Messages>> = {
  de: async () => (await import('./messages/de.ts')).GERMAN,
  ar: async () => (await import('./messages/ar.ts')).ARABIC,
};

const loaded = new Map<string, Messages>();
const loading = new Map<string, Promise<void>>();
/** By language; '' is for all. */
const replacements = new Map<string, Partial<Messages>>();

/**
 * Replaces texts, or adds a language. Call it before the elements are shown.
 * @param replaced any of the texts; what is not given stays as it is, or English
 * @param language BCP 47, `pt` or `pt-BR`; without it, the texts are for every language
 */
export function setMessages(replaced: Partial<Messages>, language = ''): void {
  const key = language.toLowerCase();
  replacements.set(key, { ...replacements.get(key), ...replaced });
}

/** The texts for a language as far as they are here: the nearer ones before the general ones, English at last. */
export function messagesFor(locale = ''): Messages {
  return Object.assign(
    {},
    ENGLISH,
    ...[...chain(locale)].reverse().flatMap((key) => [loaded.get(key), replacements.get(key)]),
    replacements.get(''),
  );
}

/** Loads a shipped language; undefined when there is nothing to wait for. Never rejects: English is better than nothing. */
export function loadMessages(locale = ''): Promise<void> | undefined {
  const key = chain(locale).find((candidate) => SHIPPED[candidate]);
  const load = key && SHIPPED[key];
  if (!load || loaded.has(key)) return undefined;
  const started =
    loading.get(key) ??
    load().then(
      (messages) => void loaded.set(key, messages),
      (error) => {
        loading.delete(key);
        console.info(`stowaway: the texts in ${key} did not load`, error);
      },
    );
  loading.set(key, started);
  return started;
}

/** `pt-BR` → `pt-br`, `pt`. */
function chain(locale: string): string[] {
  const words = locale.toLowerCase().split('-');
  return words.map((_, i) => words.slice(0, words.length - i).join('-'));
}

/** A text with its `{…}` filled in. */
export function fill(text: string, values: Record<string, string>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
}

const OF_ERROR: Partial<Record<ErrorCode, keyof Messages>> = {
  'quota-exceeded': 'errorQuota',
  network: 'errorNetwork',
  'not-found': 'errorNotFound',
  forbidden: 'errorForbidden',
  'server-error': 'errorServer',
  damaged: 'errorDamaged',
  storage: 'errorStorage',
  unsupported: 'errorUnsupported',
  'bad-manifest': 'errorManifest',
  expired: 'errorExpired',
};

/** What a person is told of an error. */
export function errorMessage(messages: Messages, code: ErrorCode): string {
  return messages[OF_ERROR[code] ?? 'failed'];
}

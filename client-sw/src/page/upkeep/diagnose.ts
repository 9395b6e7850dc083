/**
 * The text for a bug report. It says how things stand and never what is downloaded: no title, tag, selection, file, address,
 * query or account. Every line is made here from numbers, fixed words and the browser's own name.
 */
import type { CapableRegistration } from '../../protocol/background-fetch.ts';
import type { Database } from '../../storage/database.ts';
import { loadDownloads } from '../../storage/downloads.ts';
import { VERSION } from '../../storage/schema.ts';
import { formatBytes } from '../format-bytes.ts';
import type { HistoryEntry } from '../history.ts';
import { describeDownloads } from './describe-downloads.ts';
import { estimateStorage } from './estimate.ts';

/** The build writes the package's version in. */
declare const STOWAWAY_VERSION: string | undefined;

export interface Subject {
  db: Database;
  registration: CapableRegistration | undefined;
  /** Base address of the server; only whether it is this page's own is told. */
  server: string;
  history: readonly HistoryEntry[];
}

export async function diagnose({ db, registration, server, history }: Subject): Promise<string> {
  const version = typeof STOWAWAY_VERSION === 'string' ? STOWAWAY_VERSION : 'from source';
  const sections = [
    [`Stowaway ${version}, database ${VERSION}, ${new Date().toISOString()}`],
    ['Browser', ...describeBrowser()],
    ['Worker', ...describeWorker(registration, server)],
    ['Storage', ...(await attempt(() => describeStorage(db)))],
    [
      'Downloads',
      ...(await attempt(async () => describeDownloads(db, await loadDownloads(db), registration))),
    ],
    ['Since this page was opened', ...(await attempt(() => describeHistory(db, history)))],
  ];
  return `${sections.map(([title, ...lines]) => [title, ...lines.map((line) => `  ${line}`)].join('\n')).join('\n')}\n`;
}

/** Storage that cannot be read is what the report is about: it says so and goes on. */
async function attempt(describe: () => Promise<string[]>): Promise<string[]> {
  try {
    return await describe();
  } catch (error) {
    const { name, code } = error as { name?: string; code?: string };
    return [`could not be read: ${name} ${code ?? ''}`.trimEnd()];
  }
}

function describeBrowser(): string[] {
  const { userAgent, onLine, language } = navigator;
  const { connection } = navigator as Navigator & {
    connection?: { type?: string; effectiveType?: string; saveData?: boolean };
  };
  const { type, effectiveType, saveData } = connection ?? {};
  const has = {
    locks: 'locks' in navigator,
    channel: typeof BroadcastChannel === 'function',
    indexedDB: typeof indexedDB,
  };
  return [
    userAgent,
    `secure context ${yesNo(isSecureContext)}, online ${yesNo(onLine)}, language ${language}`,
    `connection ${[type, effectiveType, saveData && 'data saver'].filter(Boolean).join(', ') || 'not told'}`,
    `locks ${yesNo(has.locks)}, channel ${yesNo(has.channel)}, IndexedDB ${yesNo(has.indexedDB !== 'undefined')}`,
  ];
}

function describeWorker(registration: CapableRegistration | undefined, server: string): string[] {
  const home = new URL(server).origin === location.origin ? "this page's origin" : 'another origin';
  const controller = navigator.serviceWorker?.controller;
  return [
    registration
      ? `active ${registration.active?.state ?? 'no'}, waiting ${yesNo(registration.waiting)}, installing ${yesNo(registration.installing)}, controls this page ${yesNo(controller)}`
      : 'none',
    `Background Fetch ${yesNo(registration && 'backgroundFetch' in registration)}, Background Sync ${yesNo(registration && 'sync' in registration)}`,
    `server on ${home}`,
  ];
}

async function describeStorage(db: Database): Promise<string[]> {
  const { usage, quota, persisted, stored } = await estimateStorage(db);
  const size = (bytes: number | undefined) => (bytes === undefined ? 'not told' : formatBytes(bytes, 'en'));
  return [
    `used ${size(usage)} of ${size(quota)}, kept for good ${persisted === undefined ? 'not told' : yesNo(persisted)}`,
    `content ${size(stored)} (${stored} bytes)`,
  ];
}

/** Downloads go by the numbers that the section above gives them; those that are gone by none. */
async function describeHistory(db: Database, history: readonly HistoryEntry[]): Promise<string[]> {
  const numbers = new Map((await loadDownloads(db)).map(({ id }, i) => [id, `#${i + 1}`]));
  const lines = history.map(
    ({ at, id, what }) => `${new Date(at).toISOString()} ${numbers.get(id) ?? 'removed'} ${what}`,
  );
  return lines.length > 0 ? lines : ['nothing happened'];
}

export function yesNo(value: unknown): string {
  return value ? 'yes' : 'no';
}

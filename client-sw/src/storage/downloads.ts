/** The ledger: one record per download, changed only by reading and writing it in one transaction. */
import { serverOf } from '../core/address.ts';
import { nextStatus, type StateEvent } from '../core/state.ts';
import type { Download } from '../protocol/download.ts';
import type { Digest, Manifest } from '../protocol/manifest.ts';
import { type Database, result } from './database.ts';
import type { DownloadRecord } from './schema.ts';

export function loadDownload(db: Database, id: string): Promise<DownloadRecord | undefined> {
  return db.transact('read a download', 'downloads', 'readonly', (transaction) =>
    result(transaction.objectStore('downloads').get(id)),
  );
}

/** All downloads, oldest first. */
export async function loadDownloads(db: Database): Promise<DownloadRecord[]> {
  const records: DownloadRecord[] = await db.transact(
    'list downloads',
    'downloads',
    'readonly',
    (transaction) => result(transaction.objectStore('downloads').getAll()),
  );
  return records.sort((a, b) => a.createdAt - b.createdAt);
}

/**
 * The manifest of a stored release of a server's tag, whatever the selection. Where none is named it is the newest that
 * is whole: an update that has just begun must not hide what plays.
 * @param server as `serverOf` gives it
 */
export async function loadManifestOfTag(
  db: Database,
  tag: string,
  server: string | undefined,
  release?: number,
): Promise<Manifest | undefined> {
  const records: DownloadRecord[] = await db.transact('read a tag', 'downloads', 'readonly', (transaction) =>
    result(transaction.objectStore('downloads').index('tag').getAll(tag)),
  );
  const manifests = records
    .filter((record) => serverOf(record.manifestUrl) === server)
    .flatMap((record) => (record.kept ? [record.kept.manifest, record.manifest] : [record.manifest]));
  const replacing = new Set(records.flatMap((record) => (record.kept ? [record.manifest] : [])));
  return manifests
    .filter(({ download }) => release === undefined || download.release === release)
    .sort(
      (a, b) =>
        Number(replacing.has(a)) - Number(replacing.has(b)) || b.download.release - a.download.release,
    )[0];
}

export function loadByBackgroundFetch(db: Database, fetchId: string): Promise<DownloadRecord | undefined> {
  return db.transact('read a download', 'downloads', 'readonly', (transaction) =>
    result(transaction.objectStore('downloads').index('backgroundFetchId').get(fetchId)),
  );
}

/** Changes what is given; undefined when the download is gone. */
export function updateDownload(
  db: Database,
  id: string,
  change: (record: DownloadRecord) => Partial<DownloadRecord>,
): Promise<DownloadRecord | undefined> {
  return db.transact('write a download', 'downloads', 'readwrite', async (transaction) => {
    const store = transaction.objectStore('downloads');
    const record: DownloadRecord | undefined = await result(store.get(id));
    if (!record) return undefined;
    const changed = { ...record, updatedAt: Date.now(), ...change(record) };
    store.put(changed);
    return changed;
  });
}

/**
 * Applies an event of the state machine. `applied` is false where it does not fit; nothing is changed then.
 * @param release digest of the release that the event is about: it does not fit another one that took its place
 */
export async function applyEvent(
  db: Database,
  id: string,
  event: StateEvent,
  change: Partial<DownloadRecord> = {},
  release?: Digest,
): Promise<{ record: DownloadRecord; applied: boolean } | undefined> {
  let applied = false;
  const record = await updateDownload(db, id, (now) => {
    const replaced = release !== undefined && release !== now.manifest.download.digest;
    const status = replaced ? undefined : nextStatus(now, event);
    applied = status !== undefined;
    if (!status) return {};
    return { ...change, pauseReason: undefined, error: undefined, ...status };
  });
  return record && { record, applied };
}

/** What subscribers see of a record. */
export function describe(record: DownloadRecord, bytesInFlight = 0): Download {
  const {
    manifest: _manifest,
    hexes: _hexes,
    backgroundFetchId: _fetch,
    bytesBeforeFetch: _before,
    kept,
    policy: _policy,
    attempts: _attempts,
    sampled: _sampled,
    pauseReason,
    error,
    ...rest
  } = record;
  return {
    ...rest,
    ...(pauseReason && { pauseReason }),
    ...(error && { error }),
    ...(kept && { availableRelease: kept.release }),
    bytesReceived: Math.min(record.bytesTotal, record.bytesStored + bytesInFlight),
  };
}

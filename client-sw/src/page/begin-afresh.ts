/**
 * Begins a download, or goes on with one whose signed addresses may have run out while it was paused: a Background Fetch
 * cannot change an address that it was given, so that they are renewed first.
 */
import type { CapableRegistration } from '../protocol/background-fetch.ts';
import type { Transport } from '../protocol/download.ts';
import type { Manifest } from '../protocol/manifest.ts';
import { loadDownload } from '../storage/downloads.ts';
import type { DownloadRecord } from '../storage/schema.ts';
import { obstacleNow } from '../transport/conditions.ts';
import type { Environment } from '../transport/environment.ts';
import { renewAddresses, takeAddresses } from '../transport/renew-addresses.ts';
import { isSigned } from '../transport/renewals.ts';
import { verifyManifest } from '../transport/verify-manifest.ts';
import { backgroundFetchOf } from './background-fetch.ts';
import { beginDownload } from './begin.ts';

/** Beside what piece lists may take: Background Fetch must be asked while the click still counts. */
const LONGEST_WAIT_MS = 1_500;

/**
 * What a caller has just loaded of a release that the ledger knows is used from now on, also by a driver that runs.
 * @returns whether it brought other addresses
 * @throws ManifestError when it is not the one that its digest names
 */
export async function takeGiven(
  { db }: Environment,
  record: DownloadRecord,
  manifest: Manifest,
): Promise<boolean> {
  await verifyManifest(manifest);
  return takeAddresses(db, record, manifest);
}

/**
 * As `beginDownload`, with the ledger's manifest as fresh as the server gives it in time.
 * @param isFresh the record's manifest has just been loaded
 */
export async function beginAfresh(
  environment: Environment,
  registration: CapableRegistration | undefined,
  wanted: Transport | 'auto',
  record: DownloadRecord,
  signal: AbortSignal,
  isFresh = false,
): Promise<DownloadRecord> {
  const mayRunOut = !isFresh && wanted !== 'pieces' && backgroundFetchOf(registration) && isSigned(record);
  const manifest = mayRunOut ? await findFresh(environment, record) : record.manifest;
  return beginDownload(environment, registration, wanted, { ...record, manifest }, signal);
}

/** What was never begun has just been loaded, and over a network that may not be used nothing is asked. */
async function findFresh({ db }: Environment, record: DownloadRecord): Promise<Manifest> {
  const load = async () => {
    const now = (await loadDownload(db, record.id))?.manifest;
    return now?.download.digest === record.manifest.download.digest ? now : undefined;
  };
  if (!(await load()) || (await obstacleNow(record.policy))) return record.manifest;
  await renewAddresses(db, record, AbortSignal.timeout(LONGEST_WAIT_MS));
  return (await load()) ?? record.manifest;
}

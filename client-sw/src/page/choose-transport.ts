/** Picks what moves the bytes of a download that begins, by what the browser has and the room that there is. */
import { StowawayError } from '../errors/stowaway-error.ts';
import type { BackgroundFetchManager } from '../protocol/background-fetch.ts';
import type { Transport } from '../protocol/download.ts';
import { findShortage } from './room.ts';

export interface Choice {
  wanted: Transport | 'auto';
  manager: BackgroundFetchManager | undefined;
  /** Where there is Background Fetch, too. */
  piecesPreferred: boolean;
  bytesToFetch: number;
  isUpdate: boolean;
  /** The person has been asked whether to keep data for good. */
  asked: Promise<void>;
  /** The person has given the download up. */
  signal: AbortSignal;
}

/**
 * undefined where the download was given up while the person was asked.
 * @throws QuotaError, and `unsupported` when a forced Background Fetch is not to be had
 */
export async function chooseTransport(choice: Choice): Promise<Transport | undefined> {
  const { wanted, manager, piecesPreferred, bytesToFetch, isUpdate, asked, signal } = choice;
  if (wanted === 'background-fetch' && !manager) {
    throw new StowawayError(
      'unsupported',
      'Background Fetch wants a browser that has it, and a service worker.',
    );
  }
  const first = wanted !== 'auto' ? wanted : manager && !piecesPreferred ? 'background-fetch' : 'pieces';
  let shortage = await findShortage(bytesToFetch, first);
  if (shortage) {
    // A yes may make room.
    await asked;
    if (signal.aborted) return undefined;
    shortage = await findShortage(bytesToFetch, first);
  }
  if (!shortage) return first;
  if (wanted !== 'auto') throw shortage;
  // Pieces need a third of the room.
  if (first === 'background-fetch' && !(await findShortage(bytesToFetch, 'pieces'))) return 'pieces';
  // What is whole stays what it is: an update that does not fit is not begun.
  if (isUpdate) throw shortage;
  return 'progressive';
}

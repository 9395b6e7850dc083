/** Decides which download is read over next: one a day of all that this origin has, whatever number of pages is open. Pure. */
import type { DownloadRecord } from '../../storage/schema.ts';

const INTERVAL_MS = 24 * 60 * 60 * 1000;

/**
 * One that was begun and not read to its end, else the one that was verified longest ago: in time everything is read.
 * undefined where one of `all` was read within a day.
 * @param all every download, also those that are not to be read now
 * @param whole those that may be
 */
export function chooseSample(
  all: readonly DownloadRecord[],
  whole: readonly DownloadRecord[],
  now: number,
): DownloadRecord | undefined {
  // A date that is yet to come was written by a clock that was wrong, and counts as none.
  const past = (at = 0) => (at > now ? 0 : at);
  if (all.some(({ sampled }) => now - past(sampled?.at) < INTERVAL_MS)) return undefined;
  const verifiedAt = ({ sampled, createdAt }: DownloadRecord) => past(sampled?.at ?? createdAt);
  const oldestFirst = [...whole].sort((a, b) => verifiedAt(a) - verifiedAt(b));
  return oldestFirst.find(({ sampled }) => sampled?.next) ?? oldestFirst[0];
}

// Finds where on a time line a player is: for chapters and for transcripts. Pure.

/** The last entry begun at `seconds`, or -1 before the first. Entries are in order of `start`. */
export function findCurrentIndex(entries: readonly { readonly start: number }[], seconds: number): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((entries[middle] as { start: number }).start <= seconds) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

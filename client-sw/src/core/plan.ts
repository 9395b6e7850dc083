/**
 * Decides what to ask the server for: pure, from the selection, the piece lists that are known and the pieces that are
 * stored. Never asks for a piece that is stored, nor twice for one that several assets share.
 */
import type { Hex, Piece } from '../protocol/manifest.ts';
import { partUrl } from './address.ts';
import type { Asset } from './assets.ts';

/** Pieces asked for in one request on the pieces transport: small enough to lose little when a connection is cut. */
export const RUN_BYTES = 4 * 1024 * 1024;
/** Chromium's Background Fetch wants few and large requests. */
export const PART_BYTES = 16 * 1024 * 1024;

export type PlannedRequest =
  | { kind: 'index'; url: string; bytes: number }
  | { kind: 'asset'; url: string; bytes: number; hex: Hex }
  | { kind: 'part'; url: string; bytes: number; hex: Hex; first: number; last: number };

export interface Plan {
  requests: PlannedRequest[];
  /** What all requests will bring. */
  bytesToFetch: number;
  /** What of the selection's total is stored. */
  bytesStored: number;
}

export interface PlanInput {
  assets: readonly Asset[];
  index: { url: string; size: number };
  /** Pieces of each blob, as far as known. */
  pieces: ReadonlyMap<Hex, readonly Piece[]>;
  /** Digests of stored pieces. */
  stored: ReadonlySet<Hex>;
  /**
   * `assets`: whole assets where nothing of them is stored, else parts. `parts`: runs of about 16 MiB.
   * `pieces`: runs of up to 4 MiB on a fixed grid, so that every client asks an edge for the same addresses.
   */
  shape: 'assets' | 'parts' | 'pieces';
}

/** What is missing, and the requests that bring it. */
export function planTransfer({ assets, index, pieces, stored, shape }: PlanInput): Plan {
  const requests: PlannedRequest[] = [];
  const asked = new Set<Hex>();
  const indexKnown = assets.every((asset) => asset.size === 0 || pieces.has(asset.hex));
  let bytesStored = indexKnown ? index.size : 0;
  if (!indexKnown) requests.push({ kind: 'index', url: index.url, bytes: index.size });

  for (const asset of assets) {
    const list = asset.size === 0 ? [] : pieces.get(asset.hex);
    if (list) {
      bytesStored += sum(list.filter((piece) => stored.has(piece.sha256)));
      requests.push(...requestsFor(asset, list, stored, asked, shape));
    } else if (shape !== 'pieces') {
      requests.push({ kind: 'asset', url: asset.url, bytes: asset.size, hex: asset.hex });
    }
  }
  // Without the index the pieces transport can name nothing else: it plans again once the index is there.
  const bytesToFetch =
    !indexKnown && shape === 'pieces'
      ? index.size +
        sumOf(assets.map((asset) => (pieces.has(asset.hex) ? 0 : asset.size))) +
        sumOf(requests.slice(1).map(bytesOf))
      : sumOf(requests.map(bytesOf));
  return { requests, bytesToFetch, bytesStored };
}

function requestsFor(
  asset: Asset,
  list: readonly Piece[],
  stored: ReadonlySet<Hex>,
  asked: Set<Hex>,
  shape: PlanInput['shape'],
): PlannedRequest[] {
  const wanted = list.map((piece) => {
    const want = !stored.has(piece.sha256) && !asked.has(piece.sha256);
    if (want) asked.add(piece.sha256);
    return want;
  });
  if (!wanted.includes(true)) return [];
  if (shape === 'assets' && !wanted.includes(false)) {
    return [{ kind: 'asset', url: asset.url, bytes: asset.size, hex: asset.hex }];
  }
  const runs =
    shape === 'pieces'
      ? gridRuns(list, wanted)
      : longRuns(list, wanted, shape === 'parts' ? PART_BYTES : Infinity);
  return runs.map(([first, last]) => ({
    kind: 'part',
    url: partUrl(asset.url, first, last),
    bytes: sum(list.slice(first, last + 1)),
    hex: asset.hex,
    first,
    last,
  }));
}

export type Run = [first: number, last: number];

/** Consecutive wanted pieces, begun anew after `mostBytes`. */
function longRuns(list: readonly Piece[], wanted: readonly boolean[], mostBytes: number): Run[] {
  const runs: Run[] = [];
  let bytes = 0;
  list.forEach((piece, i) => {
    if (!wanted[i]) return;
    const run = runs.at(-1);
    if (run && run[1] === i - 1 && bytes < mostBytes) run[1] = i;
    else {
      runs.push([i, i]);
      bytes = 0;
    }
    bytes += piece.length;
  });
  return runs;
}

/** Whole groups of the grid are one run, broken ones go piece by piece. */
function gridRuns(list: readonly Piece[], wanted: readonly boolean[]): Run[] {
  return gridGroups(list).flatMap(([first, last]) => wantedRuns(first, last, (i) => wanted[i] === true));
}

/** The run itself where all of it is wanted, else its wanted pieces one by one. */
export function wantedRuns(first: number, last: number, wanted: (index: number) => boolean): Run[] {
  const some = Array.from({ length: last - first + 1 }, (_, i) => first + i).filter(wanted);
  return some.length === last - first + 1 ? [[first, last]] : some.map((i) => [i, i]);
}

/** Cuts a blob into groups of up to RUN_BYTES from its start: the same ones for everybody who asks an edge. */
export function gridGroups(list: readonly Piece[]): Run[] {
  const groups: Run[] = [];
  let bytes = 0;
  list.forEach((piece, i) => {
    const group = groups.at(-1);
    if (!group || bytes + piece.length > RUN_BYTES) {
      groups.push([i, i]);
      bytes = 0;
    } else group[1] = i;
    bytes += piece.length;
  });
  return groups;
}

function sum(pieces: readonly Piece[]): number {
  return sumOf(pieces.map((piece) => piece.length));
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((total, n) => total + n, 0);
}

function bytesOf(request: PlannedRequest): number {
  return request.bytes;
}

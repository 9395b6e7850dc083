/**
 * Decides what a Range header asks of `size` bytes (RFC 9110 section 14). Pure; the same cases as the server's planner.
 *
 * Policy beyond the RFC: at most `MAX_RANGES` specs, else the header is ignored; overlapping and adjacent ranges are
 * joined and answered in ascending order; a set of several that comes to everything, or asks for more bytes than there
 * are, is answered whole.
 */

export const MAX_RANGES = 16;

/** Inclusive first and last byte. */
export type Span = readonly [first: number, last: number];

export type RangePlan = { status: 200 } | { status: 206; parts: Span[] } | { status: 416 };

const WHOLE: RangePlan = { status: 200 };
const SPEC = /^(?:([0-9]+)-([0-9]*)|-([0-9]+))$/;

/**
 * @example planRange('bytes=-3', 10) // { status: 206, parts: [[7, 9]] }
 */
export function planRange(header: string | null, size: number): RangePlan {
  const set = /^bytes=(.*)$/i.exec(header ?? '')?.[1];
  if (set === undefined) return WHOLE;
  const specs = set
    .split(',')
    .map(trim)
    .filter((spec) => spec !== '');
  if (specs.length === 0 || specs.length > MAX_RANGES) return WHOLE;

  const spans: Span[] = [];
  for (const spec of specs) {
    const span = parseSpec(spec, size);
    if (span === 'invalid') return WHOLE;
    if (span === 'whole') return specs.length === 1 ? WHOLE : { status: 416 };
    if (span) spans.push(span);
  }
  if (spans.length === 0) return { status: 416 };
  if (specs.length === 1) return { status: 206, parts: spans };

  const asked = spans.reduce((sum, [first, last]) => sum + last - first + 1, 0);
  const parts = join(spans);
  const everything = parts.length === 1 && parts[0]?.[0] === 0 && parts[0][1] === size - 1;
  return asked > size || everything ? WHOLE : { status: 206, parts };
}

/** undefined: not satisfiable. `whole`: a suffix of an empty asset, which has nothing to name in Content-Range. */
function parseSpec(spec: string, size: number): Span | 'invalid' | 'whole' | undefined {
  const match = SPEC.exec(spec);
  if (!match) return 'invalid';
  const [, from, to, suffix] = match;
  if (suffix !== undefined) {
    const length = Number(suffix);
    if (length === 0) return undefined;
    if (size === 0) return 'whole';
    return [Math.max(0, size - length), size - 1];
  }
  const first = Number(from);
  const last = to ? Number(to) : Number.POSITIVE_INFINITY;
  if (last < first) return 'invalid';
  return first >= size ? undefined : [first, Math.min(last, size - 1)];
}

function join(spans: Span[]): Span[] {
  const joined: Span[] = [];
  for (const [first, last] of [...spans].sort((a, b) => a[0] - b[0])) {
    const before = joined.at(-1);
    if (before && first <= before[1] + 1) joined[joined.length - 1] = [before[0], Math.max(before[1], last)];
    else joined.push([first, last]);
  }
  return joined;
}

/** Optional white space of HTTP lists is space and tab only. */
function trim(text: string): string {
  return text.replace(/^[ \t]+|[ \t]+$/g, '');
}

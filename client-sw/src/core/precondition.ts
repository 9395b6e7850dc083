/** Decides conditional requests in the order of RFC 9110 section 13.2.2. Pure. */

export interface Validators {
  /** Strong, with its quotes. */
  etag: string;
  /** IMF-fixdate. */
  lastModified: string;
}

/** `proceed` tells whether a Range header may be honoured. */
export type Precondition = { status: 304 } | { status: 412 } | { status: 'proceed'; range: boolean };

/** Decides for GET and HEAD of something that exists. */
export function planPrecondition(method: string, headers: Headers, has: Validators): Precondition {
  const ifMatch = headers.get('if-match');
  if (ifMatch !== null) {
    if (!listed(ifMatch, has.etag, false)) return { status: 412 };
  } else if (after(has.lastModified, headers.get('if-unmodified-since')) === true) {
    return { status: 412 };
  }

  const ifNoneMatch = headers.get('if-none-match');
  if (ifNoneMatch !== null) {
    if (listed(ifNoneMatch, has.etag, true)) return { status: 304 };
  } else if (after(has.lastModified, headers.get('if-modified-since')) === false) {
    return { status: 304 };
  }

  const ifRange = headers.get('if-range');
  const fresh = ifRange === null || ifRange === has.etag || ifRange === has.lastModified;
  return { status: 'proceed', range: method === 'GET' && fresh };
}

/** Whether `etag` is in the list; a weak entry counts only when comparing weakly. */
function listed(list: string, etag: string, weakly: boolean): boolean {
  if (list.trim() === '*') return true;
  const entries = list.match(/(?:W\/)?"[^"]*"/g) ?? [];
  return entries.some((entry) => entry === etag || (weakly && entry === `W/${etag}`));
}

/** Whether `modified` is later than `date`; undefined where `date` is absent or no date. */
function after(modified: string, date: string | null): boolean | undefined {
  const then = Date.parse(date ?? '');
  return Number.isNaN(then) ? undefined : Date.parse(modified) > then;
}

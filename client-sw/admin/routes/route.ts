// Where in the console one is, as it stands behind the # of the address: so that a reload stays there. Pure.

export type Route =
  | { readonly view: 'tags'; readonly prefix: string; readonly after: string | undefined }
  | { readonly view: 'tag'; readonly tag: string }
  | { readonly view: 'diff'; readonly tag: string; readonly from: number; readonly to: number }
  | { readonly view: 'publish'; readonly tag: string }
  | { readonly view: 'tokens'; readonly after: number | undefined }
  | { readonly view: 'storage'; readonly after: string | undefined }
  | { readonly view: 'jobs'; readonly after: string | undefined };

export const TAG_PATTERN = /^[a-z0-9][a-z0-9._-]{0,127}$/;
const START: Route = { view: 'tags', prefix: '', after: undefined };

/** Reads the part of an address from its #. What cannot be read leads to the list of tags. */
export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?', 2);
  const words = path.split('/').map(decode);
  const keys = new URLSearchParams(query);
  const [view, ...rest] = words;
  switch (view) {
    case 'tags':
      return parseTags(rest, keys);
    case 'publish': {
      const tag = rest[0] ?? '';
      return { view, tag: TAG_PATTERN.test(tag) ? tag : '' };
    }
    case 'tokens':
      return { view, after: parseNumber(keys.get('after') ?? undefined) };
    case 'storage':
    case 'jobs':
      return { view, after: keys.get('after') ?? undefined };
    default:
      return START;
  }
}

/** The address of a place, from its #. */
export function formatRoute(route: Route): string {
  switch (route.view) {
    case 'tags':
      return `#/tags${formatQuery({ prefix: route.prefix, after: route.after })}`;
    case 'tag':
      return `#/tags/${route.tag}`;
    case 'diff':
      return `#/tags/${route.tag}/diff/${route.from}/${route.to}`;
    case 'publish':
      return route.tag === '' ? '#/publish' : `#/publish/${route.tag}`;
    case 'tokens':
    case 'storage':
    case 'jobs':
      return `#/${route.view}${formatQuery({ after: route.after })}`;
  }
}

function parseTags(words: readonly string[], keys: URLSearchParams): Route {
  const [tag = '', kind, first, second] = words;
  if (!TAG_PATTERN.test(tag)) {
    return { view: 'tags', prefix: keys.get('prefix') ?? '', after: keys.get('after') ?? undefined };
  }
  const from = parseNumber(first);
  const to = parseNumber(second);
  if (kind === 'diff' && from !== undefined && to !== undefined) return { view: 'diff', tag, from, to };
  return { view: 'tag', tag };
}

function parseNumber(text: string | undefined): number | undefined {
  const number = Number(text);
  return Number.isSafeInteger(number) && number > 0 ? number : undefined;
}

function formatQuery(keys: Readonly<Record<string, string | number | undefined>>): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(keys)) {
    if (value !== undefined && value !== '') query.set(key, String(value));
  }
  return query.size > 0 ? `?${query}` : '';
}

function decode(word: string): string {
  try {
    return decodeURIComponent(word);
  } catch {
    // A lone % is no part of any name here.
    return '';
  }
}

// What the server says when it refuses (RFC 9457), and what the browser says when there is no server.

const PREFIX = 'urn:problem-type:stowaway:';

/** An answer that is none. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  constructor(
    readonly status: number,
    /** Such as `token-expired`; empty where somebody else answered. */
    readonly code: string,
    readonly title: string,
    detail: string,
    /** Whatever else the document has. */
    readonly members: Readonly<Record<string, unknown>> = {},
    readonly retryAfterMs: number | undefined = undefined,
  ) {
    super(detail);
  }

  /** The session is over: the token is not good any more. */
  get endsSession(): boolean {
    return this.status === 401;
  }

  /** It may work later, without anybody doing anything about it. */
  get isPassing(): boolean {
    if (this.status === 507 || this.code === 'stored-bytes-damaged') return false;
    return this.status >= 500 || [408, 409, 423, 425, 429].includes(this.status);
  }
}

/** No answer came. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
  constructor(cause: unknown) {
    super('The server does not answer. Check the connection, and that the server runs.', { cause });
  }
}

/** Reads a problem; an answer that is no problem document, as of a proxy, becomes one. */
export function readProblem(status: number, body: string, retryAfter: string | null = null): ApiProblem {
  const document = parse(body);
  const { type, title, detail, status: _status, instance: _instance, ...members } = document;
  const code = typeof type === 'string' && type.startsWith(PREFIX) ? type.slice(PREFIX.length) : '';
  const seconds = Number(retryAfter);
  return new ApiProblem(
    status,
    code,
    typeof title === 'string' ? title : `The server answered ${status}`,
    typeof detail === 'string' ? detail : 'It does not say why. Its log may.',
    members,
    retryAfter !== null && Number.isFinite(seconds) ? seconds * 1000 : undefined,
  );
}

/** The paths of files that a problem is about: members of the document, or named in its words. */
export function filesOf(problem: ApiProblem, paths: readonly string[]): string[] {
  const named = new Set<string>();
  for (const value of Object.values(problem.members)) {
    for (const one of Array.isArray(value) ? value : [value]) if (typeof one === 'string') named.add(one);
  }
  return paths.filter((path) => named.has(path) || isNamedIn(problem.message, path));
}

/** In the words, and not as a part of another name. */
function isNamedIn(text: string, path: string): boolean {
  for (let at = text.indexOf(path); at >= 0; at = text.indexOf(path, at + 1)) {
    const before = text[at - 1] ?? ' ';
    const after = text.slice(at + path.length);
    if (/[\s"'`(:]/.test(before) && /^([\s"'`),:;]|[.](\s|$)|$)/.test(after)) return true;
  }
  return false;
}

function parse(body: string): Record<string, unknown> {
  try {
    const document: unknown = JSON.parse(body);
    if (typeof document === 'object' && document !== null) return document as Record<string, unknown>;
  } catch {
    // A proxy's page, or nothing at all: the status is what is left to say.
  }
  return {};
}

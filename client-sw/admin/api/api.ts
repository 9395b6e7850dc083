// The calls of the administration API that the console makes.

import type { Connection } from './connection.ts';
import type {
  CreatedToken,
  Difference,
  JobEntry,
  JobPage,
  NewJob,
  NewToken,
  ReleasePage,
  Stats,
  TagEntry,
  TagPage,
  TagUse,
  TokenEntry,
  TokenPage,
  Whoami,
} from './documents.ts';
import { type Offers, readOffers } from './offers.ts';
import { ApiProblem } from './problem.ts';

const PAGE = 50;
/** They are asked for again and again. */
const JOBS_PAGE = 20;

/** A tag, and the version of its pointer that a change depends on. */
export interface SeenTag {
  readonly entry: TagEntry;
  readonly version: string | undefined;
}

export class Api {
  constructor(readonly connection: Connection) {}

  whoami(): Promise<Whoami> {
    return this.connection.get('/api/whoami');
  }

  async offers(): Promise<Offers> {
    return readOffers(await this.connection.get('/api/openapi.json'));
  }

  /** Tags by name: those that begin with `prefix`, behind `after`. */
  async tags(prefix: string, after: string | undefined, signal: AbortSignal, limit = PAGE): Promise<TagPage> {
    const exact = prefix !== '' && after === undefined ? await this.#find(prefix, signal) : undefined;
    // In order of names, what begins with a prefix comes directly behind the prefix itself.
    const from = after ?? (prefix === '' ? undefined : prefix);
    const page = await this.connection.get<TagPage>(`/api/tags${query({ after: from, limit })}`, signal);
    const fitting = page.tags.filter(({ tag }) => tag.startsWith(prefix));
    const tags = exact === undefined ? fitting : [exact, ...fitting];
    const isWhole = fitting.length < page.tags.length || page.next === undefined;
    return isWhole ? { tags } : { tags, next: page.next };
  }

  async tag(tag: string, signal?: AbortSignal): Promise<SeenTag> {
    const response = await this.connection.ask(`/api/tags/${tag}`, { signal });
    return { entry: await response.json(), version: response.headers.get('etag') ?? undefined };
  }

  releases(tag: string, after: number | undefined, signal: AbortSignal): Promise<ReleasePage> {
    return this.connection.get(`/api/tags/${tag}/releases${query({ after, limit: PAGE })}`, signal);
  }

  difference(tag: string, from: number, to: number, signal: AbortSignal): Promise<Difference> {
    return this.connection.get(`/api/tags/${tag}/diff${query({ from, to })}`, signal);
  }

  /** Makes a release the current one, if the tag is still as it was seen. */
  rollback({ entry, version }: SeenTag, release: number): Promise<TagEntry> {
    return this.connection.post(`/api/tags/${entry.tag}/rollback`, { release }, condition(version));
  }

  /** Takes a tag back, if it is still as it was seen. */
  unpublish({ entry, version }: SeenTag): Promise<TagEntry> {
    return this.connection.remove(`/api/tags/${entry.tag}`, condition(version));
  }

  stats(signal: AbortSignal): Promise<Stats> {
    return this.connection.get('/api/stats', signal);
  }

  tagUse(tag: string, signal: AbortSignal): Promise<TagUse> {
    return this.connection.get(`/api/tags/${tag}/use`, signal);
  }

  tokens(after: number | undefined, signal: AbortSignal): Promise<TokenPage> {
    return this.connection.get(`/api/tokens${query({ after, limit: PAGE })}`, signal);
  }

  createToken(token: NewToken): Promise<CreatedToken> {
    return this.connection.post('/api/tokens', token);
  }

  revokeToken(id: string): Promise<TokenEntry> {
    return this.connection.remove(`/api/tokens/${id}`);
  }

  jobs(after: string | undefined, signal: AbortSignal): Promise<JobPage> {
    return this.connection.get(`/api/jobs${query({ after, limit: JOBS_PAGE })}`, signal);
  }

  job(id: string, signal: AbortSignal): Promise<JobEntry> {
    return this.connection.get(`/api/jobs/${id}`, signal);
  }

  /** Begins a job; the server goes on with it when nobody looks. */
  beginJob(job: NewJob): Promise<JobEntry> {
    return this.connection.post('/api/jobs', job);
  }

  async #find(tag: string, signal: AbortSignal): Promise<TagEntry | undefined> {
    try {
      return (await this.tag(tag, signal)).entry;
    } catch (cause) {
      // There is none of that name, or the token may not know.
      if (cause instanceof ApiProblem && (cause.status === 404 || cause.status === 403)) return undefined;
      throw cause;
    }
  }
}

function condition(version: string | undefined): Record<string, string> {
  return version === undefined ? {} : { 'if-match': version };
}

function query(keys: Readonly<Record<string, string | number | undefined>>): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(keys)) if (value !== undefined) query.set(key, String(value));
  return query.size > 0 ? `?${query}` : '';
}

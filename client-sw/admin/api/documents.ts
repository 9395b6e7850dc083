// What the API answers, as docs/reference/openapi.json describes it.

export interface Whoami {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly expires?: string;
}

export interface TagEntry {
  readonly tag: string;
  readonly title: string;
  readonly release: number;
  readonly lastRelease: number;
  readonly digest: string;
  readonly modified: string;
  readonly items: number;
  readonly downloadTotal: number;
  readonly unpublished?: string;
}

export interface TagPage {
  readonly tags: readonly TagEntry[];
  readonly next?: string;
}

export interface ReleaseEntry {
  readonly release: number;
  readonly current: boolean;
  readonly digest: string;
  readonly modified: string;
  readonly items: number;
  readonly downloadTotal: number;
  readonly manifest: string;
}

export interface ReleasePage {
  readonly releases: readonly ReleaseEntry[];
  readonly next?: number;
}

export interface Difference {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
  readonly unchanged: number;
  readonly bytesToFetch: number;
}

export interface TokenEntry {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly created: string;
  readonly expires?: string;
  readonly revoked?: string;
  readonly lastUsed?: string;
}

export interface TokenPage {
  readonly tokens: readonly TokenEntry[];
  readonly next?: number;
}

export interface CreatedToken extends TokenEntry {
  readonly token: string;
}

export interface NewToken {
  readonly name: string;
  readonly scopes: readonly string[];
  readonly expires: string;
}

export interface Stats {
  readonly tags: number;
  readonly unpublishedTags: number;
  readonly releases: number;
  readonly blobs: number;
  readonly bytesStored: number;
}

export interface TagUse {
  readonly releases: number;
  readonly blobs: number;
  readonly bytesStored: number;
  readonly exclusiveBytes: number;
}

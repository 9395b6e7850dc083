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

export interface Tally {
  readonly count: number;
  readonly bytes: number;
}

export interface GcReport {
  readonly dryRun: boolean;
  readonly objectsExamined: number;
  readonly removed: Tally;
  readonly objects: Readonly<Record<string, Tally>>;
  readonly staged: Tally;
  readonly young: Tally;
  readonly releasesRetired: number;
  readonly releasesSwept: number;
  readonly eventsRemoved: number;
  readonly leftBehind: number;
}

export interface Damage {
  readonly key: string;
  readonly reason: string;
  readonly isMended: boolean;
  readonly neededBy: readonly string[];
}

export interface ScrubReport {
  readonly blobs: number;
  readonly releases: number;
  readonly documents: number;
  readonly damaged: number;
  readonly mended: number;
  /** Of one job only, and not in a list of them. */
  readonly damage?: readonly Damage[];
}

export interface JobEntry {
  readonly id: string;
  readonly kind: string;
  readonly state: 'running' | 'lost' | 'done' | 'failed' | 'interrupted';
  readonly started: string;
  readonly seen: string;
  readonly ended?: string;
  readonly parameters: {
    readonly delete?: boolean;
    readonly graceSeconds?: number;
    readonly tag?: string;
    readonly repairFrom?: string;
  };
  readonly progress: {
    readonly area?: string;
    readonly objectsExamined?: number;
    readonly removed?: Tally;
    readonly blobs?: number;
    readonly releases?: number;
    readonly damaged?: number;
  };
  readonly report?: GcReport | ScrubReport;
  readonly error?: string;
}

export interface JobPage {
  readonly jobs: readonly JobEntry[];
  readonly next?: string;
}

export type NewJob =
  | { readonly kind: 'gc'; readonly delete: boolean }
  | { readonly kind: 'scrub'; readonly tag?: string; readonly bytesPerSecond?: number };

export interface Stats {
  readonly tags: number;
  readonly unpublishedTags: number;
  readonly releases: number;
  readonly blobs: number;
  readonly bytesStored: number;
  readonly runningJobs: readonly string[];
}

export interface TagUse {
  readonly releases: number;
  readonly blobs: number;
  readonly bytesStored: number;
  readonly exclusiveBytes: number;
}

/** The page library's public names. */

export type { Policy } from '../core/policy.ts';
export { NetworkError } from '../errors/network-error.ts';
export { QuotaError } from '../errors/quota-error.ts';
export { StowawayError } from '../errors/stowaway-error.ts';
export type {
  Download,
  DownloadEvent,
  DownloadState,
  ErrorCode,
  PauseReason,
  Transport,
} from '../protocol/download.ts';
export type * from '../protocol/manifest.ts';
export type {
  DownloadEstimate,
  Downloads,
  DownloadsOptions,
  StartOptions,
  StorageEstimate,
  UpdateOptions,
  Verification,
} from './api.ts';
export { createDownloads } from './downloads.ts';
export { formatBytes } from './format-bytes.ts';

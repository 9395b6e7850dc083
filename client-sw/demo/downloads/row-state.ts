// What a row of the downloads page says and offers, from the state of its download. Pure.

import type { Download } from 'stowaway-client';
import { formatSize } from '../views/format.ts';

export type RowAction = 'pause' | 'resume' | 'cancel' | 'remove';

export interface RowState {
  /** One line: the state, and how much of how much. */
  readonly text: string;
  readonly tone: 'moving' | 'resting' | 'ready' | 'problem';
  /** Present while there is something left to come; never above `total`. */
  readonly progress?: { readonly received: number; readonly total: number };
  readonly actions: readonly { readonly action: RowAction; readonly label: string }[];
}

const PAUSE = { action: 'pause', label: 'Pause' } as const;
const RESUME = { action: 'resume', label: 'Resume' } as const;
const RETRY = { action: 'resume', label: 'Try again' } as const;
const RENEW = { action: 'resume', label: 'Renew' } as const;
const CANCEL = { action: 'cancel', label: 'Cancel' } as const;
const REMOVE = { action: 'remove', label: 'Remove' } as const;

export function decideRow(download: Download): RowState {
  const progress = { received: download.bytesReceived, total: download.bytesTotal };
  switch (download.state) {
    case 'planned':
      return { text: 'Waiting to start', tone: 'moving', progress, actions: [CANCEL] };
    case 'downloading':
      return {
        text: `Downloading · ${amount(download)}`,
        tone: 'moving',
        progress,
        actions: [PAUSE, CANCEL],
      };
    case 'verifying':
      return {
        text: `Checking what arrived · ${amount(download)}`,
        tone: 'moving',
        progress,
        actions: [CANCEL],
      };
    case 'paused':
      return {
        text: `${pauseText(download)} · ${amount(download)}`,
        tone: 'resting',
        progress,
        actions: [RESUME, CANCEL],
      };
    case 'complete':
      return {
        text: `Plays offline · ${formatSize(download.bytesTotal)}`,
        tone: 'ready',
        actions: [REMOVE],
      };
    case 'damaged':
      return { text: `Repairing · ${amount(download)}`, tone: 'moving', progress, actions: [PAUSE, REMOVE] };
    case 'stale':
      return { text: 'Expired', tone: 'problem', actions: [RENEW, REMOVE] };
    case 'failed':
      return { text: failureText(download), tone: 'problem', progress, actions: [RETRY, CANCEL] };
    case 'cancelled':
      return { text: 'Cancelled', tone: 'resting', actions: [] };
  }
}

/** What the state change is worth saying to who cannot see the row; undefined for mere progress. */
export function announcementFor(before: Download | undefined, after: Download): string | undefined {
  if (before?.state === after.state) return undefined;
  return `${after.title}: ${decideRow(after).text.split(' · ', 1)[0]}`;
}

function amount({ bytesReceived, bytesTotal }: Download): string {
  return `${formatSize(bytesReceived)} of ${formatSize(bytesTotal)}`;
}

function pauseText({ pauseReason }: Download): string {
  switch (pauseReason) {
    case 'offline':
      return 'Waiting for a connection';
    case 'metered':
      return 'Waiting for a network that costs nothing';
    case 'battery':
      return 'Waiting for the battery; goes on while this site is open';
    case 'schedule':
      return 'Waiting for the hour';
    case 'progressive':
      return 'Plays from the network; what is played is kept as far as there is room';
    case 'browser':
      return 'Paused by the browser';
    default:
      return 'Paused';
  }
}

function failureText(download: Download): string {
  const reason = download.error?.message ?? 'It stopped without saying why.';
  return download.bytesStored > 0 ? `${reason} What has arrived is kept (${amount(download)}).` : reason;
}

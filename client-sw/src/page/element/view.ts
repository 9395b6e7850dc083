/** Decides what `<stowaway-download>` shows for a state. Pure: no DOM. */
import type { Download, ErrorCode } from '../../protocol/download.ts';
import { formatBytes } from '../format-bytes.ts';
import type { Messages } from './api.ts';
import { errorMessage, fill } from './messages.ts';

export type Action = 'start' | 'update' | 'pause' | 'resume' | 'cancel' | 'remove' | 'confirm' | 'keep';

/** One button; its icon goes by its action. */
export interface ButtonView {
  action: Action;
  label: string;
}

export interface View {
  kind: 'idle' | 'running' | 'paused' | 'complete' | 'confirm' | 'failed';
  /** The one big button: in `idle`, `failed`, `confirm`, and for an update. */
  primary?: ButtonView;
  /** Small buttons, in order. */
  secondary: ButtonView[];
  status?: string;
  /** From 0 to 1, or null for "working, no telling how far". Absent: no bar. */
  progress?: number | null;
  percent?: string;
  /** What the person may do about it. */
  hint?: string;
  error?: string;
}

export interface ViewInput {
  messages: Messages;
  download?: Download | undefined;
  /** Bytes, from the manifest. */
  total?: number | undefined;
  /** What the last press of a button met: the manifest did not load, it does not fit, storage refused. */
  error?: ErrorCode | undefined;
  /** The person has pressed Remove and is asked. */
  confirming?: boolean;
  /** The person has pressed Download and nothing has come back yet. */
  starting?: boolean;
  /** That was a while ago: the browser may be asking the person something, and can be left. */
  waiting?: boolean;
  /** Bytes that the tag's newer release would bring, where there is one. */
  updateBytes?: number | undefined;
  /** No byte has come for a while. */
  still?: boolean;
  locale?: string | undefined;
}

export function viewOf(input: ViewInput): View {
  const view = viewOfState(input);
  const { error, messages } = input;
  return error && !view.error ? { ...view, error: errorMessage(messages, error) } : view;
}

function viewOfState(input: ViewInput): View {
  const { download, messages, error, locale } = input;
  const cancel: ButtonView = { action: 'cancel', label: messages.cancel };
  if (input.confirming && isKept(download))
    return confirm(messages, formatBytes(download.bytesTotal, locale));
  if (isStarting(input)) {
    const secondary = canBeLeft(input) ? [cancel] : [];
    return { kind: 'running', secondary, status: messages.preparing, progress: null };
  }
  if (!download) return idle(input);
  const values = {
    done: formatBytes(download.bytesReceived, locale),
    total: formatBytes(download.bytesTotal, locale),
  };
  const progress = fraction(download);
  const percent = new Intl.NumberFormat(locale, { style: 'percent' }).format(
    Math.floor(progress * 100) / 100,
  );
  switch (download.state) {
    case 'complete':
      return complete(input, values.total);
    case 'verifying':
      return { kind: 'running', secondary: [cancel], status: messages.verifying, progress: null };
    case 'paused':
      return {
        kind: 'paused',
        secondary: [{ action: 'resume', label: messages.resume }, cancel],
        status: fill(messages[PAUSED[download.pauseReason ?? 'user']], values),
        progress,
        percent,
      };
    case 'damaged':
      return {
        kind: 'running',
        secondary: [{ action: 'remove', label: messages.remove }],
        status: fill(messages.repairing, values),
        progress,
        percent,
      };
    case 'stale':
      return {
        kind: 'failed',
        primary: { action: 'resume', label: messages.renew },
        secondary: [{ action: 'remove', label: messages.remove }],
        error: error ? errorMessage(messages, error) : messages.stale,
      };
    case 'failed':
    case 'cancelled':
      return {
        kind: 'failed',
        primary: { action: 'resume', label: messages.retry },
        secondary: [cancel],
        error: errorMessage(messages, error ?? download.error?.code ?? 'internal'),
      };
    default:
      return {
        kind: 'running',
        secondary: [{ action: 'pause', label: messages.pause }, cancel],
        status: download.bytesReceived > 0 ? fill(messages.progress, values) : messages.preparing,
        progress: download.bytesReceived > 0 ? progress : null,
        percent,
        ...(input.still && { hint: messages.still }),
      };
  }
}

/** A manifest that is on its way is waited for. What has expired would go, and that is asked about elsewhere. */
function canBeLeft({ waiting, download, total }: ViewInput): boolean | undefined {
  return waiting && (download ? download.state !== 'stale' : total !== undefined);
}

/** From 0 to 1. */
export function fraction({ bytesReceived, bytesTotal }: Download): number {
  return bytesTotal === 0 ? 1 : bytesReceived / bytesTotal;
}

const PAUSED = {
  user: 'pausedByUser',
  browser: 'pausedByBrowser',
  offline: 'pausedOffline',
  metered: 'pausedMetered',
  battery: 'pausedBattery',
  schedule: 'pausedSchedule',
  progressive: 'pausedProgressive',
} as const;

function idle({ messages, total, error, locale }: ViewInput): View {
  const label =
    total === undefined
      ? messages.download
      : fill(messages.downloadWithSize, { size: formatBytes(total, locale) });
  return {
    kind: error ? 'failed' : 'idle',
    primary: { action: 'start', label: error ? messages.retry : label },
    secondary: [],
    ...(error && { error: errorMessage(messages, error) }),
  };
}

function complete({ messages, updateBytes, locale }: ViewInput, size: string): View {
  return {
    kind: 'complete',
    ...(updateBytes !== undefined && {
      primary: {
        action: 'update',
        label: fill(messages.update, { size: formatBytes(updateBytes, locale) }),
      },
    }),
    secondary: [{ action: 'remove', label: messages.remove }],
    status: messages.complete,
    percent: size,
  };
}

function confirm(messages: Messages, size: string): View {
  return {
    kind: 'confirm',
    primary: { action: 'confirm', label: messages.remove },
    secondary: [{ action: 'keep', label: messages.keep }],
    status: fill(messages.removeConfirm, { size }),
  };
}

/** Whether it was complete once: then it is removed only after a question. */
export function isKept(download: Download | undefined): download is Download {
  return download?.state === 'complete' || download?.state === 'damaged' || download?.state === 'stale';
}

/** What has an update is complete until that begins. */
function isStarting({ starting, download, updateBytes }: ViewInput): boolean | undefined {
  const { state } = download ?? {};
  const hasBegun = state === 'downloading' || state === 'verifying' || state === 'complete';
  return starting && (!hasBegun || updateBytes !== undefined);
}

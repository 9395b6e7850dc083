/** Decides what `<stowaway-download>` shows for a state. Pure: no DOM. */
import type { Download, ErrorCode } from '../../protocol/download.ts';
import { formatBytes } from '../format-bytes.ts';
import { errorMessage, message } from './messages.ts';

export type Action = 'start' | 'pause' | 'resume' | 'cancel' | 'remove' | 'confirm' | 'keep';

/** One button; its icon goes by its action. */
export interface ButtonView {
  action: Action;
  label: string;
}

export interface View {
  kind: 'idle' | 'running' | 'paused' | 'complete' | 'confirm' | 'failed';
  /** The one big button, in `idle`, `failed` and `confirm`. */
  primary?: ButtonView;
  /** Small buttons, in order. */
  secondary: ButtonView[];
  status?: string;
  /** From 0 to 1, or null for "working, no telling how far". Absent: no bar. */
  progress?: number | null;
  percent?: string;
  error?: string;
}

export interface ViewInput {
  download?: Download | undefined;
  /** Bytes, from the manifest. */
  total?: number | undefined;
  /** What the last press of a button met: the manifest did not load, it does not fit, storage refused. */
  error?: ErrorCode | undefined;
  /** The person has pressed Remove and is asked. */
  confirming?: boolean;
  /** The person has pressed Download and nothing has come back yet. */
  starting?: boolean;
  locale?: string | undefined;
}

export function viewOf(input: ViewInput): View {
  const view = viewOfState(input);
  const { error } = input;
  return error && !view.error ? { ...view, error: errorMessage(error) } : view;
}

function viewOfState({ download, total, error, confirming, starting, locale }: ViewInput): View {
  if (starting && !isMoving(download)) {
    return { kind: 'running', secondary: [], status: message('preparing'), progress: null };
  }
  if (!download) return idle(total, error, locale);
  const values = {
    done: formatBytes(download.bytesReceived, locale),
    total: formatBytes(download.bytesTotal, locale),
  };
  const progress = fraction(download);
  const percent = new Intl.NumberFormat(locale, { style: 'percent' }).format(
    Math.floor(progress * 100) / 100,
  );
  const cancel: ButtonView = { action: 'cancel', label: message('cancel') };
  switch (download.state) {
    case 'complete':
      return complete(values.total, confirming);
    case 'verifying':
      return { kind: 'running', secondary: [cancel], status: message('verifying'), progress: null };
    case 'paused':
      return {
        kind: 'paused',
        secondary: [{ action: 'resume', label: message('resume') }, cancel],
        status: message(PAUSED[download.pauseReason ?? 'user'], values),
        progress,
        percent,
      };
    case 'failed':
    case 'cancelled':
      return {
        kind: 'failed',
        primary: { action: 'resume', label: message('retry') },
        secondary: [cancel],
        error: errorMessage(error ?? download.error?.code ?? 'internal'),
      };
    default:
      return {
        kind: 'running',
        secondary: [{ action: 'pause', label: message('pause') }, cancel],
        status: download.bytesReceived > 0 ? message('progress', values) : message('preparing'),
        progress: download.bytesReceived > 0 ? progress : null,
        percent,
      };
  }
}

/** From 0 to 1. */
export function fraction({ bytesReceived, bytesTotal }: Download): number {
  return bytesTotal === 0 ? 1 : bytesReceived / bytesTotal;
}

const PAUSED = { user: 'pausedByUser', browser: 'pausedByBrowser', offline: 'pausedOffline' } as const;

function idle(total: number | undefined, error: ErrorCode | undefined, locale: string | undefined): View {
  const label =
    total === undefined
      ? message('download')
      : message('downloadWithSize', { size: formatBytes(total, locale) });
  return {
    kind: error ? 'failed' : 'idle',
    primary: { action: 'start', label: error ? message('retry') : label },
    secondary: [],
    ...(error && { error: errorMessage(error) }),
  };
}

function complete(size: string, confirming: boolean | undefined): View {
  if (!confirming) {
    return {
      kind: 'complete',
      secondary: [{ action: 'remove', label: message('remove') }],
      status: message('complete'),
      percent: size,
    };
  }
  return {
    kind: 'confirm',
    primary: { action: 'confirm', label: message('remove') },
    secondary: [{ action: 'keep', label: message('keep') }],
    status: message('removeConfirm', { size }),
  };
}

function isMoving(download: Download | undefined): boolean {
  return (
    download?.state === 'downloading' || download?.state === 'verifying' || download?.state === 'complete'
  );
}

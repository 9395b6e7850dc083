// How far a publish is. Pure.

export type PublishState =
  | { readonly step: 'idle' }
  | { readonly step: 'reading'; readonly bytes: number; readonly totalBytes: number }
  | { readonly step: 'asking' }
  | {
      readonly step: 'sending';
      readonly bytes: number;
      readonly totalBytes: number;
      readonly files: number;
      readonly totalFiles: number;
      /** Why nothing moves just now. */
      readonly waiting: string | undefined;
    }
  | { readonly step: 'making' }
  | { readonly step: 'done'; readonly release: number; readonly isNew: boolean; readonly bytesSent: number }
  | {
      readonly step: 'failed';
      readonly title: string;
      readonly text: string;
      readonly files: readonly string[];
    }
  | { readonly step: 'stopped' };

export function isRunning({ step }: PublishState): boolean {
  return step === 'reading' || step === 'asking' || step === 'sending' || step === 'making';
}

/** 0 to 100 while it runs: reading is a fifth of it, as a disk is faster than a line. */
export function percentOf(state: PublishState): number | undefined {
  const part = (done: number, total: number): number =>
    total === 0 ? 1 : Math.min(1, Math.max(0, done / total));
  switch (state.step) {
    case 'reading':
      return Math.floor(20 * part(state.bytes, state.totalBytes));
    case 'asking':
      return 20;
    case 'sending':
      return Math.floor(20 + 79 * part(state.bytes, state.totalBytes));
    case 'making':
      return 99;
    default:
      return undefined;
  }
}

// What was being published when the page was left: so that it can say which folder to choose again. How far each file is, the server
// knows by its digest.

const KEY = 'stowaway-console-unfinished';

export interface Unfinished {
  readonly tag: string;
  readonly folder: string;
  readonly files: number;
  readonly bytes: number;
}

export function readUnfinished(): Unfinished | undefined {
  const text = localStorage.getItem(KEY);
  if (text === null) return undefined;
  try {
    return JSON.parse(text) as Unfinished;
  } catch {
    // Somebody else wrote there.
    forgetUnfinished();
    return undefined;
  }
}

export function noteUnfinished(unfinished: Unfinished): void {
  localStorage.setItem(KEY, JSON.stringify(unfinished));
}

export function forgetUnfinished(): void {
  localStorage.removeItem(KEY);
}

// The token of this tab: kept while the tab is open, over reloads, and never anywhere else.

const KEY = 'stowaway-console-token';

export function keptToken(): string | undefined {
  return sessionStorage.getItem(KEY) ?? undefined;
}

export function keepToken(token: string): void {
  sessionStorage.setItem(KEY, token);
}

export function forgetToken(): void {
  sessionStorage.removeItem(KEY);
}

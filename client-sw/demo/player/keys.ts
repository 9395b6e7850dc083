// The player's keyboard shortcuts: which key does what. Pure, so that the list that readers see is the list that works.

export type KeyAction =
  | 'toggle'
  | 'back'
  | 'forward'
  | 'mute'
  | 'captions'
  | 'fullscreen'
  | 'previous'
  | 'next';

/** How far the arrow keys move, in seconds. */
export const SEEK_STEP_SECONDS = 10;

/** In the order in which they are listed on the page. */
export const SHORTCUTS: readonly {
  readonly keys: readonly string[];
  readonly label: string;
  readonly action: KeyAction;
}[] = [
  { keys: [' ', 'k'], label: 'Play or pause', action: 'toggle' },
  { keys: ['ArrowLeft', 'j'], label: `Back ${SEEK_STEP_SECONDS} seconds`, action: 'back' },
  { keys: ['ArrowRight', 'l'], label: `Forward ${SEEK_STEP_SECONDS} seconds`, action: 'forward' },
  { keys: ['m'], label: 'Sound on or off', action: 'mute' },
  { keys: ['c'], label: 'Captions on or off', action: 'captions' },
  { keys: ['f'], label: 'Full screen', action: 'fullscreen' },
  { keys: ['p'], label: 'Previous', action: 'previous' },
  { keys: ['n'], label: 'Next', action: 'next' },
];

const NAMES_ON_PAGE: Readonly<Record<string, string>> = { ' ': 'Space', ArrowLeft: '←', ArrowRight: '→' };

/** A key as it is printed on a keyboard. */
export function keyName(key: string): string {
  return NAMES_ON_PAGE[key] ?? key.toUpperCase();
}

/** What of a keyboard event decides. `target` is where the focus is. */
export interface PressedKey {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly target: { readonly tagName: string; readonly isContentEditable?: boolean } | null;
}

/** Elements that make something of every key. */
const TYPED_INTO = new Set(['INPUT', 'TEXTAREA', 'SELECT', 'STOWAWAY-DOWNLOAD']);
/** Elements that Space activates. */
const PRESSED_BY_SPACE = new Set(['BUTTON', 'A', 'SUMMARY']);
/** The focus may be on a button or a slider inside, which nobody outside sees: its keys are the browser's. */
const MEDIA = new Set(['VIDEO', 'AUDIO']);
const KEYS_OF_MEDIA = new Set([' ', 'ArrowLeft', 'ArrowRight']);

/** The action for a key, or undefined where the key belongs to the browser or to what has the focus. */
export function decideKeyAction(pressed: PressedKey): KeyAction | undefined {
  if (pressed.ctrlKey || pressed.metaKey || pressed.altKey) return undefined;
  const focused = pressed.target?.tagName.toUpperCase() ?? '';
  if (TYPED_INTO.has(focused) || pressed.target?.isContentEditable === true) return undefined;
  if (pressed.key === ' ' && PRESSED_BY_SPACE.has(focused)) return undefined;
  if (MEDIA.has(focused) && KEYS_OF_MEDIA.has(pressed.key)) return undefined;
  const key = pressed.key.length === 1 ? pressed.key.toLowerCase() : pressed.key;
  return SHORTCUTS.find((shortcut) => shortcut.keys.includes(key))?.action;
}

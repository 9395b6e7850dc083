/** Making what is inside an element: nodes, texts and style sheets. */

export function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  className = '',
  part = '',
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (part) made.setAttribute('part', part);
  return made;
}

/** Only on a change: rewriting the same text makes some screen readers say it again. */
export function setText(target: Node, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}

const sheets = new Map<string, CSSStyleSheet>();

/** One style sheet for all elements of a kind. */
export function sheetOf(styles: string): CSSStyleSheet {
  const known = sheets.get(styles);
  if (known) return known;
  const made = new CSSStyleSheet();
  made.replaceSync(styles);
  sheets.set(styles, made);
  return made;
}

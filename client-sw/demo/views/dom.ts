// Builds elements. Text goes in as text nodes only: titles and names in a manifest are somebody else's words,
// so nothing here (or anywhere in the pages) parses markup.

type Attribute = string | number | boolean | undefined;
type Child = Node | string | undefined | false;

/** An element with attributes and children. `true` sets an empty attribute; `false` and `undefined` set none, and add no child. */
export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Readonly<Record<string, Attribute>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Name] {
  const created = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    created.setAttribute(key, value === true ? '' : String(value));
  }
  append(created, children);
  return created;
}

/** Adds children, passing over those left out on a condition. */
export function append(parent: Element, children: readonly Child[]): void {
  for (const child of children) {
    if (child !== undefined && child !== false) parent.append(child);
  }
}

/** An element that the page's HTML must have. */
export function required<Kind extends HTMLElement = HTMLElement>(id: string): Kind {
  const found = document.getElementById(id);
  if (found === null)
    throw new Error(
      `The page has no element with the id "${id}": its HTML and its script are of different versions. Reload it.`,
    );
  return found as Kind;
}

/** Words for screen readers alone. */
export function spoken(text: string): HTMLElement {
  return element('span', { class: 'visually-hidden' }, text);
}

/** A decorative icon from the page's sprite. Its name is said by the text beside it. */
export function icon(name: string): SVGSVGElement {
  const namespace = 'http://www.w3.org/2000/svg';
  const drawing = document.createElementNS(namespace, 'svg');
  // Arrows point the other way in a right-to-left page.
  const isDirected = name === 'previous' || name === 'next';
  drawing.setAttribute('class', isDirected ? 'icon icon-directed' : 'icon');
  drawing.setAttribute('aria-hidden', 'true');
  const use = document.createElementNS(namespace, 'use');
  use.setAttribute('href', `/client/app/icons.svg#${name}`);
  drawing.append(use);
  return drawing;
}

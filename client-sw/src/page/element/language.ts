/** Which language an element is in: the nearest `lang`, also from outside the shadow tree that it is part of. */

/** A language tag that `Intl` takes, or undefined: number formats throw on `en_US`. */
export function languageOf(element: Element): string | undefined {
  const lang = nearest(element);
  try {
    return lang === undefined ? undefined : Intl.getCanonicalLocales(lang)[0];
  } catch {
    return undefined;
  }
}

function nearest(element: Element): string | undefined {
  const lang = element.closest('[lang]')?.getAttribute('lang');
  if (lang) return lang;
  const root = element.getRootNode();
  return root instanceof ShadowRoot ? nearest(root.host) : undefined;
}

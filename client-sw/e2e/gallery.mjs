/**
 * A page that shows the real elements in every state at once, over a library instance that only says what it is told: the
 * states are exact and stay. For what people see (accessibility, languages, pictures); how downloads behave is tested elsewhere.
 */
import { readFileSync } from 'node:fs';

const SCRIPT = readFileSync(new URL('gallery-in-page.mjs', import.meta.url), 'utf8');

/** Files of a site whose `/` takes `lang`, `dir`, `scheme` and `without=light-dark`. */
export function galleryFiles(stowawayUrl) {
  const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Every state</title>
<link rel="icon" href="data:,">
<style>
  :root { color-scheme: light; background: #fff; color: #1a1d24; font: 16px/1.4 system-ui, sans-serif; }
  :root[data-scheme=dark] { color-scheme: dark; background: #14171d; color: #eceff5; }
  section { margin-block-end: 1.25rem; }
  h2 { font-size: .875rem; margin: 0 0 .25rem; }
</style>
<main><h1>Every state</h1><div id="states"></div><h2>The library</h2><div id="library"></div></main>
<script type="module" src="/gallery.mjs"></script>
</html>`;
  return {
    '/': { type: 'text/html', text: page },
    '/gallery.mjs': { type: 'text/javascript', text: SCRIPT.replaceAll('STOWAWAY_URL', stowawayUrl) },
  };
}

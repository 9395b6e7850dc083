/** The looks of `<stowaway-library>`. */
import { THEME } from '../theme.ts';

export const STYLES = `${THEME}
:host { display: block; color: var(--text); font: var(--stowaway-font, inherit); line-height: 1.35; }
:host([hidden]), [hidden] { display: none !important; }
ul { display: grid; gap: .75rem; margin: 0; padding: 0; list-style: none; }
li { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 20rem); align-items: center; gap: .5rem 1.25rem; padding-block: .5rem; border-block-end: 1px solid var(--border); }
.title { margin: 0; font-weight: 600; overflow-wrap: anywhere; }
a { display: inline-flex; align-items: center; min-block-size: 2.75rem; color: inherit; text-underline-offset: .2em; }
a:focus-visible, button:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: .25rem; }
.storage { display: grid; gap: .5rem; margin-block-start: 1rem; font-size: .9375em; font-variant-numeric: tabular-nums; }
.storage p { margin: 0; color: var(--muted); }
.meter { block-size: .5rem; border-radius: 1rem; overflow: hidden; background: var(--track); }
.meter span { display: block; block-size: 100%; min-inline-size: .25rem; border-radius: 1rem; background: var(--accent); }
.actions { display: flex; flex-wrap: wrap; gap: .5rem; }
button { min-block-size: 2.75rem; padding-inline: 1rem; border: 1px solid var(--border); border-radius: var(--radius); background: none; color: inherit; font: inherit; cursor: pointer; }
button:hover { border-color: var(--accent); }
textarea { box-sizing: border-box; inline-size: 100%; min-block-size: 12rem; color: inherit; background: none; border: 1px solid var(--border); border-radius: var(--radius); font: .8125rem/1.4 ui-monospace, monospace; }
@media (max-width: 36rem) { li { grid-template-columns: minmax(0, 1fr); } }
@media (forced-colors: active) { .meter { border: 1px solid CanvasText; } .meter span { background: Highlight; forced-color-adjust: none; } }
`;

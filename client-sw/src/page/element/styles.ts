/**
 * The looks of `<stowaway-download>`. Colours come from custom properties with light and dark defaults; sizes from the font; sides
 * are logical, so that right-to-left needs nothing.
 */
import { THEME } from './theme.ts';

export const STYLES = `${THEME}
:host {
  display: block;
  inline-size: 100%;
  max-inline-size: 24rem;
  min-block-size: 2.75rem;
  color: var(--text);
  font: var(--stowaway-font, inherit);
  line-height: 1.35;
}
:host([hidden]), [hidden] { display: none !important; }
.box { display: grid; grid-template-columns: minmax(0, 1fr) auto; align-items: center; column-gap: .5rem; row-gap: .25rem; }
.box[data-kind=idle], .box[data-kind=failed], .box[data-kind=confirm] { display: flex; flex-wrap: wrap; gap: .5rem; }
button {
  display: inline-flex; align-items: center; justify-content: center; gap: .5rem;
  min-block-size: 2.75rem; min-inline-size: 2.75rem; padding: 0; margin: 0;
  border: 1px solid transparent; border-radius: var(--radius); background: none;
  color: inherit; font: inherit; font-weight: 600; cursor: pointer;
  transition: background-color .15s, color .15s, border-color .15s, transform .1s;
}
button:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
button:active { transform: scale(.97); }
.primary { padding-inline: 1rem 1.25rem; background: var(--accent); color: var(--on-accent); }
.primary:hover { background: color-mix(in oklab, var(--accent) 88%, var(--text)); }
[data-kind=confirm] .primary { background: var(--danger-fill); color: var(--surface); }
.secondary { color: var(--muted); }
.secondary:hover { color: var(--text); background: color-mix(in oklab, var(--text) 9%, transparent); }
.secondary[data-action=cancel]:hover, .secondary[data-action=remove]:hover { color: var(--danger); }
.secondary.worded { padding-inline: 1rem; border-color: var(--border); }
.actions { display: flex; grid-column: 2; grid-row: 1 / span 2; margin-inline-end: -.75rem; }
[data-kind=failed] .actions, [data-kind=confirm] .actions { margin: 0; }
.line { display: flex; align-items: center; justify-content: space-between; gap: .5rem; min-inline-size: 0; font-size: .9375em; font-variant-numeric: tabular-nums; }
.status { margin: 0; min-inline-size: 0; overflow-wrap: anywhere; }
.hint { grid-column: 1 / -1; margin: 0; color: var(--muted); font-size: .9375em; }
.percent { flex: none; color: var(--muted); }
.badge { flex: none; display: none; place-items: center; inline-size: 1.5rem; block-size: 1.5rem; border-radius: 50%; background: color-mix(in oklab, var(--success) 16%, transparent); color: var(--success); }
[data-kind=complete] .badge { display: grid; }
[data-kind=complete] .line { justify-content: start; }
[data-kind=complete] .status { font-weight: 600; color: var(--success); }
[data-kind=complete] .actions { grid-row: 1; }
[data-kind=complete] .primary { grid-column: 1 / -1; justify-self: start; }
[data-kind=confirm] .line, .error { flex: 1 0 100%; grid-column: 1 / -1; }
.error { margin: 0; box-sizing: border-box; padding: .5rem .75rem; border-radius: var(--radius); background: color-mix(in oklab, var(--danger) 10%, transparent); color: var(--danger); font-size: .9375em; }
progress {
  appearance: none; display: block; inline-size: 100%; block-size: .5rem; border: 0; border-radius: 1rem; overflow: hidden;
  background: var(--track); color: var(--accent);
}
progress::-webkit-progress-bar { background: var(--track); border-radius: 1rem; }
progress::-webkit-progress-value { background: var(--accent); border-radius: 1rem; transition: inline-size .25s linear; }
progress::-moz-progress-bar { background: var(--accent); border-radius: 1rem; }
[data-kind=paused] progress::-webkit-progress-value { background: var(--muted); }
[data-kind=paused] progress::-moz-progress-bar { background: var(--muted); }
progress:indeterminate { background: linear-gradient(90deg, var(--track) 35%, var(--accent) 50%, var(--track) 65%) 0 / 300% 100%; animation: slide 1.4s linear infinite; }
progress:indeterminate::-webkit-progress-bar { background: none; }
progress:indeterminate::-moz-progress-bar { background: none; }
@keyframes slide { from { background-position: 100% 0; } to { background-position: -50% 0; } }
svg { flex: none; inline-size: 1.25rem; block-size: 1.25rem; fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; }
.badge svg { inline-size: 1rem; block-size: 1rem; stroke-width: 2.75; }
.spoken { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media (prefers-reduced-motion: reduce) {
  button, progress::-webkit-progress-value { transition: none; }
  button:active { transform: none; }
  progress:indeterminate { animation: none; background: var(--track); }
}
@media (forced-colors: active) {
  .primary, .secondary { border-color: ButtonText; }
  progress { border: 1px solid CanvasText; }
}
`;

/**
 * Colours, shared by the elements: custom properties of the page, else defaults for the page's colour scheme. Browsers
 * without `light-dark()` (Chromium before 123, Firefox before 120, Safari before 17.5) cannot know that scheme: there, text
 * takes the page's own colour, and the rest are tones that can be read on light and on dark.
 */
export const THEME = `
:host {
  --accent: var(--stowaway-accent, #3b6fe0);
  --on-accent: var(--stowaway-on-accent, #ffffff);
  --text: var(--stowaway-text, currentColor);
  --muted: var(--stowaway-muted, currentColor);
  --surface: var(--stowaway-surface, #ffffff);
  --border: var(--stowaway-border, #8a93a3);
  --track: var(--stowaway-track, rgb(128 136 150 / .35));
  --danger: var(--stowaway-danger, currentColor);
  --danger-fill: var(--stowaway-danger, #b3261e);
  --success: var(--stowaway-success, currentColor);
  --radius: var(--stowaway-radius, .75rem);
}
@supports (color: light-dark(red, blue)) {
  :host {
    --accent: var(--stowaway-accent, light-dark(#1f5eff, #8fb1ff));
    --on-accent: var(--stowaway-on-accent, light-dark(#ffffff, #0b1630));
    --text: var(--stowaway-text, light-dark(#1a1d24, #eceff5));
    --muted: var(--stowaway-muted, light-dark(#5a6373, #a3adbd));
    --surface: var(--stowaway-surface, light-dark(#ffffff, #1b1f27));
    --border: var(--stowaway-border, light-dark(#d8dde6, #363d4a));
    --track: var(--stowaway-track, light-dark(#e4e8ef, #343b48));
    --danger: var(--stowaway-danger, light-dark(#b3261e, #ffb4ab));
    --danger-fill: var(--danger);
    --success: var(--stowaway-success, light-dark(#13713d, #74d99f));
  }
}
`;

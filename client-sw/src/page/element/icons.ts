/** The element's icons: 24 × 24, drawn in the text's colour, hidden from screen readers because labels say it all. */
import type { Action } from './view.ts';

const ARROW_DOWN = 'M12 4v11m0 0 4.5-4.5M12 15l-4.5-4.5M5 19.5h14';
const PAUSE = 'M9 6v12M15 6v12';
const CROSS = 'M7 7l10 10M17 7 7 17';
const BIN = 'M5 7h14M10 7V4.5h4V7M7 7l.8 12h8.4L17 7M10.5 10.5v5M13.5 10.5v5';
const TICK = 'M6 12.5l4 4 8-9';
const AGAIN = 'M18.5 12a6.5 6.5 0 1 1-2-4.7M18.5 4v4h-4';
const PLAY = 'M12 5v10m0 0 4-4m-4 4-4-4M6 19h12';

const OF_ACTION: Record<Action, string> = {
  start: ARROW_DOWN,
  update: AGAIN,
  pause: PAUSE,
  resume: PLAY,
  cancel: CROSS,
  remove: BIN,
  confirm: BIN,
  keep: CROSS,
};

export function actionIcon(action: Action, retry = false): SVGSVGElement {
  return icon(retry ? AGAIN : OF_ACTION[action]);
}

export function tickIcon(): SVGSVGElement {
  return icon(TICK);
}

function icon(path: string): SVGSVGElement {
  const namespace = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(namespace, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  const line = svg.appendChild(document.createElementNS(namespace, 'path'));
  line.setAttribute('d', path);
  return svg;
}

// Moments, as people read them and as machines do.

import { element } from '../../demo/views/dom.ts';

const FORMAT = new Intl.DateTimeFormat('en', {
  dateStyle: 'medium',
  timeStyle: 'short',
  hourCycle: 'h23',
});

/** `2026-11-29T22:15:00Z` → `Nov 29, 2026, 22:15` by the reader's clock; what is no moment stays as it is. */
export function formatMoment(text: string): string {
  const moment = new Date(text);
  return Number.isNaN(moment.getTime()) ? text : FORMAT.format(moment);
}

export function moment(text: string): HTMLTimeElement {
  return element('time', { datetime: text }, formatMoment(text));
}

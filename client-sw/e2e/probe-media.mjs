/**
 * Plays the media element of a page, seeks, and reads what the browser really renders there: the tone that is heard
 * and, for a video, the second that the picture shows (the time-code strip of the samples, see
 * server/app/samples/README.md).
 */
import { readFileSync } from 'node:fs';

/** The strip: eight blocks of 80 × 16 px along the lower edge of a 640 × 360 picture, most significant bit left. */
const STRIP = { blocks: 8, blockWidthPx: 80, middleRowPx: 352, pictureWidthPx: 640, pictureHeightPx: 360 };
const RECORD_SECONDS = 1.2;
const PROBE_LIMIT_MS = 60_000;
const IN_PAGE = readFileSync(new URL('probe-in-page.mjs', import.meta.url), 'utf8').replaceAll(
  /^export /gm,
  '',
);

/**
 * @param page at a player whose media element is there
 * @param fraction where to seek, 0 to 1
 * @param tonesHz candidates: the loudest of them is the one heard
 * @returns target and landedAt (s), from and to (s) of what was heard, toneHz, leadDecibel over the next candidate,
 *   duration (s), and for video `picture`: the second shown and the frame's own time
 */
export function probeMedia(page, { fraction, tonesHz }) {
  const options = {
    fraction,
    tonesHz,
    strip: STRIP,
    recordSeconds: RECORD_SECONDS,
    limitMs: PROBE_LIMIT_MS,
  };
  return page.evaluate(`(() => { ${IN_PAGE}; return playSeekAndRead(${JSON.stringify(options)}); })()`);
}

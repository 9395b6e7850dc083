/**
 * Plays the media element of a page, seeks, and reads what the browser really renders there: the tone that is heard
 * (Web Audio) and, for a video, the second that the picture shows (the time-code strip of the samples, see
 * server/app/samples/README.md).
 */

/** The strip: eight blocks of 80 × 16 px along the lower edge of a 640 × 360 picture, most significant bit left. */
const STRIP = { blocks: 8, blockWidthPx: 80, middleRowPx: 352, pictureWidthPx: 640, pictureHeightPx: 360 };
const RECORD_SECONDS = 1.2;
const PROBE_LIMIT_MS = 30_000;

/**
 * @param page at a player
 * @param fraction where to seek, 0 to 1
 * @param tonesHz candidates: the loudest of them is the one heard
 * @returns position (s) at the moment of listening, duration (s), toneHz, leadDecibel over the next candidate, and
 *   for video `picture`: the second shown and the frame's own time
 */
export function probeMedia(page, { fraction, tonesHz }) {
  return page.evaluate(playSeekAndRead, {
    fraction,
    tonesHz,
    strip: STRIP,
    recordSeconds: RECORD_SECONDS,
    limitMs: PROBE_LIMIT_MS,
  });
}

/** Runs in the page, so it holds all that it needs. */
async function playSeekAndRead({ fraction, tonesHz, strip, recordSeconds, limitMs }) {
  const media = findMedia(document);
  if (!media) throw new Error(`no media element at ${location.href}`);
  await within(
    'metadata',
    until(() => media.readyState >= HTMLMediaElement.HAVE_METADATA),
  );
  media.muted = false;
  media.volume = 1;
  // Before it plays: a captured element needs no sound device, and Firefox gives up where it looks for one in vain.
  const stream = (media.captureStream ?? media.mozCaptureStream).call(media);
  await within('play()', media.play());
  const target = media.duration * fraction;
  const seeked = new Promise((resolve) => media.addEventListener('seeked', resolve, { once: true }));
  media.currentTime = target;
  await within(`seeking to ${target} s`, seeked);
  const landedAt = media.currentTime;
  await within(
    'playing on',
    until(() => media.currentTime > target),
  );
  const picture = media instanceof HTMLVideoElement ? await within('a frame', readPicture()) : undefined;
  const { from, to, sound } = await within('a recording inside one tone', recordOneTone());
  media.pause();
  return { ...loudestTone(sound), from, to, landedAt, target, duration: media.duration, picture };

  function findMedia(root) {
    const found = root.querySelector('video, audio');
    if (found) return found;
    for (const host of root.querySelectorAll('*')) {
      const inside = host.shadowRoot && findMedia(host.shadowRoot);
      if (inside) return inside;
    }
    return undefined;
  }

  /** Tones last two seconds: the whole recording has to lie inside one. A machine that stalls gets another try. */
  async function recordOneTone() {
    for (;;) {
      await until(() => media.currentTime % 2 < 0.3);
      const recording = await record();
      if (Math.floor(recording.from / 2) === Math.floor(recording.to / 2)) return recording;
    }
  }

  /** Records what the element renders: an AudioContext stands still in Firefox where there is no sound device. */
  async function record() {
    const recorder = new MediaRecorder(new MediaStream(stream.getAudioTracks()));
    const parts = [];
    recorder.ondataavailable = ({ data }) => parts.push(data);
    const stopped = new Promise((resolve) => recorder.addEventListener('stop', resolve, { once: true }));
    const started = new Promise((resolve) => recorder.addEventListener('start', resolve, { once: true }));
    recorder.start();
    await started;
    const from = media.currentTime;
    await until(() => media.currentTime >= from + recordSeconds);
    const to = media.currentTime;
    recorder.stop();
    await stopped;
    const bytes = await new Blob(parts, { type: recorder.mimeType }).arrayBuffer();
    const decoder = new OfflineAudioContext(1, 1, 48_000);
    return { from, to, sound: await decoder.decodeAudioData(bytes) };
  }

  /** The candidate with the most energy, and its lead over the next. */
  function loudestTone(sound) {
    const values = sound.getChannelData(0);
    const windowed = values.map(
      (value, n) => value * (0.5 - 0.5 * Math.cos((2 * Math.PI * n) / values.length)),
    );
    const powers = tonesHz.map((tone) => ({ tone, power: goertzel(windowed, tone / sound.sampleRate) }));
    powers.sort((a, b) => b.power - a.power);
    return { toneHz: powers[0].tone, leadDecibel: 10 * Math.log10(powers[0].power / powers[1].power) };
  }

  function goertzel(values, frequency) {
    const coefficient = 2 * Math.cos(2 * Math.PI * frequency);
    let previous = 0;
    let before = 0;
    for (const value of values) [previous, before] = [value + coefficient * previous - before, previous];
    return previous ** 2 + before ** 2 - coefficient * previous * before;
  }

  function readPicture() {
    return new Promise((resolve) => {
      media.requestVideoFrameCallback((_now, { mediaTime }) => {
        const canvas = document.createElement('canvas');
        canvas.width = strip.pictureWidthPx;
        canvas.height = strip.pictureHeightPx;
        const pen = canvas.getContext('2d', { willReadFrequently: true });
        pen.drawImage(media, 0, 0, canvas.width, canvas.height);
        let second = 0;
        for (let block = 0; block < strip.blocks; block += 1) {
          const x = (block + 0.5) * strip.blockWidthPx;
          const [red, green, blue] = pen.getImageData(x, strip.middleRowPx, 1, 1).data;
          second = second * 2 + (red + green + blue > 381 ? 1 : 0);
        }
        resolve({ second, mediaTime });
      });
    });
  }

  function until(condition) {
    return new Promise((resolve) => {
      const timer = setInterval(() => {
        if (!condition()) return;
        clearInterval(timer);
        resolve();
      }, 10);
    });
  }

  function within(what, promise) {
    const tooLate = new Promise((_resolve, reject) => {
      setTimeout(() => {
        const { readyState, networkState, currentTime, paused, error } = media;
        const state = JSON.stringify({
          readyState,
          networkState,
          currentTime,
          paused,
          error: error?.message,
        });
        reject(new Error(`${what} did not come in ${limitMs} ms: ${state} ${media.currentSrc}`));
      }, limitMs);
    });
    return Promise.race([promise, tooLate]);
  }
}

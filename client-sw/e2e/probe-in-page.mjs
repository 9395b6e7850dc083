/**
 * The half of the probe that runs in the page: its text is sent there, so it imports nothing. Plays the media element,
 * seeks, records what the element renders and looks at a frame.
 */

/** Tones last so long; a recording has to lie inside one. */
const STEP_SECONDS = 2;

/** @returns where it landed, what was heard from where to where, and for a video what was seen */
export async function playSeekAndRead({ fraction, tonesHz, strip, recordSeconds, limitMs }) {
  const media = document.querySelector('video, audio');
  const within = (what, promise) => withinLimit(media, limitMs, what, promise);
  await within(
    'metadata',
    until(() => media.readyState >= HTMLMediaElement.HAVE_METADATA),
  );
  media.muted = false;
  media.volume = 1;
  // Before it plays: a captured element needs no sound device, and Firefox gives up where it looks for one in vain.
  const stream = capture(media);
  await within('play()', media.play());
  const target = media.duration * fraction;
  await within(`seeking to ${target} s`, seek(media, target));
  const landedAt = media.currentTime;
  await within(
    'playing on',
    until(() => media.currentTime > target),
  );
  const isVideo = media instanceof HTMLVideoElement;
  const picture = isVideo ? await within('a frame', readPicture(media, strip)) : undefined;
  const recording = recordOneTone(media, stream, recordSeconds, target);
  const { from, to, sound } = await within('a recording inside one tone', recording);
  media.pause();
  return { ...loudestTone(sound, tonesHz), from, to, landedAt, target, duration: media.duration, picture };
}

/** A machine that stalls in mid-recording gets another try, from the same place again before the media runs out. */
async function recordOneTone(media, stream, seconds, target) {
  for (;;) {
    if (media.ended || media.currentTime > media.duration - STEP_SECONDS) {
      await seek(media, target);
      await media.play();
    }
    await until(() => media.ended || media.currentTime % STEP_SECONDS < 0.3);
    const recording = media.ended ? undefined : await record(media, liveTracks(media, stream), seconds);
    if (recording && isInsideOneTone(recording)) return recording;
  }
}

/** Tracks end with the media; played again, the element has to be captured again. */
function liveTracks(media, stream) {
  const live = ({ readyState }) => readyState === 'live';
  const tracks = stream.getAudioTracks().filter(live);
  return tracks.length > 0 ? tracks : capture(media).getAudioTracks().filter(live);
}

function capture(media) {
  return (media.captureStream ?? media.mozCaptureStream).call(media);
}

function isInsideOneTone({ from, to }) {
  return Math.floor(from / STEP_SECONDS) === Math.floor(to / STEP_SECONDS);
}

function seek(media, seconds) {
  const seeked = new Promise((resolve) => media.addEventListener('seeked', resolve, { once: true }));
  media.currentTime = seconds;
  return seeked;
}

/** By recorder and decoder: an AudioContext stands still in Firefox where there is no sound device. */
async function record(media, tracks, seconds) {
  if (tracks.length === 0) return undefined;
  const recorder = new MediaRecorder(new MediaStream(tracks));
  const parts = [];
  recorder.ondataavailable = ({ data }) => parts.push(data);
  const stopped = new Promise((resolve) => recorder.addEventListener('stop', resolve, { once: true }));
  let hasStarted = false;
  recorder.addEventListener('start', () => (hasStarted = true), { once: true });
  recorder.start();
  // Media that ran out meanwhile ends its tracks, and of those no recording ever starts.
  await until(() => hasStarted || media.ended || recorder.state === 'inactive');
  if (media.ended || recorder.state === 'inactive') return undefined;
  const from = media.currentTime;
  await until(() => media.ended || media.currentTime >= from + seconds);
  const to = media.currentTime;
  if (recorder.state !== 'inactive') recorder.stop();
  await stopped;
  const bytes = await new Blob(parts, { type: recorder.mimeType }).arrayBuffer();
  const decoder = new OfflineAudioContext(1, 1, 48_000);
  if (to < from + seconds) return undefined;
  return { from, to, sound: await decoder.decodeAudioData(bytes) };
}

/** The candidate with the most energy, and its lead over the next. */
function loudestTone(sound, tonesHz) {
  const values = sound.getChannelData(0);
  const windowed = values.map(
    (value, n) => value * (0.5 - 0.5 * Math.cos((2 * Math.PI * n) / values.length)),
  );
  const powers = tonesHz.map((tone) => ({ tone, power: goertzel(windowed, tone / sound.sampleRate) }));
  powers.sort((a, b) => b.power - a.power);
  return { toneHz: powers[0].tone, leadDecibel: 10 * Math.log10(powers[0].power / powers[1].power) };
}

/** The power of one frequency, given in cycles a sample. */
function goertzel(values, frequency) {
  const coefficient = 2 * Math.cos(2 * Math.PI * frequency);
  let previous = 0;
  let before = 0;
  for (const value of values) [previous, before] = [value + coefficient * previous - before, previous];
  return previous ** 2 + before ** 2 - coefficient * previous * before;
}

/** The number in the strip of the next frame, and that frame's own time. */
function readPicture(video, strip) {
  return new Promise((resolve) => {
    video.requestVideoFrameCallback((_now, { mediaTime }) => {
      const canvas = document.createElement('canvas');
      canvas.width = strip.pictureWidthPx;
      canvas.height = strip.pictureHeightPx;
      const pen = canvas.getContext('2d', { willReadFrequently: true });
      pen.drawImage(video, 0, 0, canvas.width, canvas.height);
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

/** Rejects with the element's state when `promise` takes too long. */
function withinLimit(media, limitMs, what, promise) {
  const tooLate = new Promise((_resolve, reject) => {
    setTimeout(() => {
      const { readyState, networkState, currentTime, paused, error, currentSrc } = media;
      const state = { readyState, networkState, currentTime, paused, error: error?.message, currentSrc };
      reject(new Error(`${what} did not come in ${limitMs} ms: ${JSON.stringify(state)}`));
    }, limitMs);
  });
  return Promise.race([promise, tooLate]);
}

/**
 * WAV lessons whose every sample is a pure function of its index, so that a test knows what must be heard, and which
 * bytes must be read, at any position. The tone climbs 50 Hz every two seconds and never comes back, so an FFT tells
 * the position; noise of 11 bits lies under it, so that nothing compresses and content-defined cutting finds its cuts.
 */
const SAMPLES_PER_SECOND = 44_100;
const HEADER_BYTES = 44;
const STEP_SECONDS = 2;
const STEP_HZ = 50;
const TONE_PEAK = 9_000;
const NOISE_PEAK = 1_024;

/** The tone heard at a position. `lowestHz` is the lesson's own first tone, so that lessons differ too. */
export function toneAt(lowestHz, seconds) {
  return lowestHz + STEP_HZ * Math.floor(seconds / STEP_SECONDS);
}

/** One mono 16-bit lesson as the bytes of its file. */
export function makeWave({ lowestHz, seconds, seed }) {
  const count = Math.floor(seconds * SAMPLES_PER_SECOND);
  const file = Buffer.alloc(HEADER_BYTES + count * 2);
  waveHeader(count * 2).copy(file);
  const samples = new Int16Array(file.buffer, file.byteOffset + HEADER_BYTES, count);
  for (let index = 0; index < count; index += 1) samples[index] = sampleAt(lowestHz, seed, index);
  return file;
}

/** All tones are multiples of 1 / STEP_SECONDS, so the phase never jumps where the tone changes. */
function sampleAt(lowestHz, seed, index) {
  const time = index / SAMPLES_PER_SECOND;
  const tone = TONE_PEAK * Math.sin(2 * Math.PI * toneAt(lowestHz, time) * time);
  return Math.round(tone + noiseAt(seed, index));
}

/** A 32-bit finaliser (MurmurHash3's) over the index: white, and needs no state. */
function noiseAt(seed, index) {
  let hash = Math.imul(index ^ seed, 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  hash ^= hash >>> 16;
  return (hash & (2 * NOISE_PEAK - 1)) - NOISE_PEAK;
}

/** What stands before so many bytes of mono 16-bit samples. */
export function waveHeader(dataBytes) {
  const file = Buffer.alloc(HEADER_BYTES);
  const bytesPerSecond = SAMPLES_PER_SECOND * 2;
  file.write('RIFF', 0, 'latin1');
  file.writeUInt32LE(HEADER_BYTES - 8 + dataBytes, 4);
  file.write('WAVEfmt ', 8, 'latin1');
  file.writeUInt32LE(16, 16); // length of the format chunk
  file.writeUInt16LE(1, 20); // PCM
  file.writeUInt16LE(1, 22); // channels
  file.writeUInt32LE(SAMPLES_PER_SECOND, 24);
  file.writeUInt32LE(bytesPerSecond, 28);
  file.writeUInt16LE(2, 32); // bytes a frame
  file.writeUInt16LE(16, 34); // bits a sample
  file.write('data', 36, 'latin1');
  file.writeUInt32LE(dataBytes, 40);
  return file;
}

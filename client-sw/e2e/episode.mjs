/**
 * MP3 episodes whose audio is a pure function of a seed, behind an ID3v2.3 tag: what an author changes with a tag editor, and
 * what the audio does not notice but that it moves. The frames are well-formed and of noise: they are packed, cut and moved here,
 * not listened to.
 */
const BYTES_PER_SECOND = 128_000 / 8;
/** MPEG 1 layer III, 128 kbit/s, 44.1 kHz, joint stereo, without a checksum. */
const FRAME_HEADER = 0xfffb_9064;
const FRAME_BYTES = 417;
const HEADER_BYTES = 4;
const ID3_HEADER_BYTES = 10;

/** @param tag ID3 frames as name → text, such as { TIT2: 'A title' } */
export function makeEpisode({ tag, seconds, seed }) {
  return Buffer.concat([id3(tag), makeAudio(seconds, seed)]);
}

function makeAudio(seconds, seed) {
  const count = Math.floor((seconds * BYTES_PER_SECOND) / FRAME_BYTES);
  const audio = Buffer.alloc(count * FRAME_BYTES);
  let state = seed | 1;
  for (let start = 0; start < audio.length; start += FRAME_BYTES) {
    audio.writeUInt32BE(FRAME_HEADER, start);
    for (let at = start + HEADER_BYTES; at < start + FRAME_BYTES; at += 1) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      audio[at] = state >>> 24;
    }
  }
  return audio;
}

function id3(tag) {
  const frames = Buffer.concat(Object.entries(tag).map(([name, text]) => id3Frame(name, text)));
  const header = Buffer.alloc(ID3_HEADER_BYTES);
  header.write('ID3', 0, 'latin1');
  header[3] = 3; // ID3v2.3
  // Seven bits a byte, so that no size looks like the start of a frame.
  for (const [i, shift] of [21, 14, 7, 0].entries()) header[6 + i] = (frames.length >>> shift) & 0x7f;
  return Buffer.concat([header, frames]);
}

function id3Frame(name, text) {
  const header = Buffer.alloc(ID3_HEADER_BYTES + 1); // The last byte: Latin-1.
  header.write(name, 0, 'latin1');
  header.writeUInt32BE(1 + text.length, 4);
  return Buffer.concat([header, Buffer.from(text, 'latin1')]);
}

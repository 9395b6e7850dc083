/**
 * What the tests publish: the sample course, and `waves`, a tag of two large lessons whose content is known at every
 * position. Published once a run; each test gets a copy of the published data. What few tests need they publish themselves.
 */
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { publish } from './server.mjs';
import { makeWave, toneAt } from './waves.mjs';

const COURSE_FOLDER = fileURLToPath(new URL('../../server/app/samples/course', import.meta.url));
const WAVE_SECONDS = 165;
const LONG_WAVE_SECONDS = 400;
const CHANGE_AT_SECONDS = 40;

export const COURSE = 'field-recording';
export const WAVES = 'waves';

/** A video of the course and its sound, proven by the samples' README: the tones come round after 40 s. */
export const COURSE_LESSON = {
  tag: COURSE,
  path: '01-before-you-go/01-welcome.mp4',
  tonesHz: Array.from({ length: 20 }, (_, step) => 400 + 50 * step),
  toneAt: (seconds) => 400 + 50 * (Math.floor(seconds / 2) % 20),
};

export const LOW_WAVE = waveLesson(WAVES, '01-low.wav', 400, 0x51ab_0001);
export const HIGH_WAVE = waveLesson(WAVES, '02-high.wav', 5_000, 0x51ab_0002);
/** Of more pieces than an answer to a player has: see `publishLongWave`. */
export const LONG_WAVE = waveLesson('long-wave', '01-long.wav', 400, 0x51ab_0003, LONG_WAVE_SECONDS);

function waveLesson(tag, path, lowestHz, seed, seconds = WAVE_SECONDS) {
  const steps = Math.ceil(seconds / 2);
  return {
    tag,
    path,
    tonesHz: Array.from({ length: steps }, (_, step) => toneAt(lowestHz, 2 * step)),
    toneAt: (seconds) => toneAt(lowestHz, seconds),
    make: () => makeWave({ lowestHz, seconds, seed }),
  };
}

export class Fixtures {
  #binary;
  #workspace;

  constructor({ binary, workspace }) {
    this.#binary = binary;
    this.#workspace = workspace;
  }

  /** Publishes everything into a data folder that tests copy. */
  async prepare() {
    this.wavesFolder = this.#workspace.makeFolder('waves');
    writeFileSync(join(this.wavesFolder, 'tag.toml'), 'title = "Waves"\ntype = "podcast"\nlanguage = "en"\n');
    for (const lesson of [LOW_WAVE, HIGH_WAVE])
      writeFileSync(join(this.wavesFolder, lesson.path), lesson.make());
    this.dataFolder = this.#workspace.makeFolder('published');
    mkdirSync(join(this.dataFolder, 'store'));
    await this.publish(this.dataFolder, COURSE_FOLDER, COURSE);
    await this.publish(this.dataFolder, this.wavesFolder, WAVES);
  }

  publish(dataFolder, folder, tag) {
    return publish({ binary: this.#binary, dataFolder, folder, tag });
  }

  /** Makes release 2 of `waves` in one data folder: 1,000 samples of silence in one lesson. */
  async publishChangedWaves(dataFolder) {
    const folder = this.#workspace.copyFolder(this.wavesFolder, 'waves-changed');
    const path = join(folder, LOW_WAVE.path);
    const bytes = readFileSync(path);
    const start = 44 + CHANGE_AT_SECONDS * 44_100 * 2;
    bytes.fill(0, start, start + 2_000);
    writeFileSync(path, bytes);
    await this.publish(dataFolder, folder, WAVES);
  }

  /** Adds a tag of one long lesson to one data folder. */
  async publishLongWave(dataFolder) {
    const folder = this.#workspace.makeFolder(LONG_WAVE.tag);
    writeFileSync(join(folder, 'tag.toml'), 'title = "Long wave"\ntype = "podcast"\nlanguage = "en"\n');
    writeFileSync(join(folder, LONG_WAVE.path), LONG_WAVE.make());
    await this.publish(dataFolder, folder, LONG_WAVE.tag);
  }

  /** Publishes files, path → bytes, as a podcast's next release in one data folder. */
  async publishFiles(dataFolder, tag, files) {
    const folder = this.#workspace.makeFolder(tag);
    writeFileSync(join(folder, 'tag.toml'), `title = "${tag}"\ntype = "podcast"\nlanguage = "en"\n`);
    for (const [path, bytes] of Object.entries(files)) writeFileSync(join(folder, path), bytes);
    await this.publish(dataFolder, folder, tag);
  }

  /** Makes release 2 of `waves` in one data folder: the same files, which may be played until a moment. */
  async publishExpiringWaves(dataFolder, moment) {
    const folder = this.#workspace.copyFolder(this.wavesFolder, 'waves-expiring');
    appendFileSync(join(folder, 'tag.toml'), `expires = ${moment}\n`);
    await this.publish(dataFolder, folder, WAVES);
  }

  /** The published bytes of an asset. */
  read(tag, path) {
    return readFileSync(join(tag === COURSE ? COURSE_FOLDER : this.wavesFolder, path));
  }
}

/** One lesson of any size up to 4 GiB: noise, so that no two pieces of it are the same. */
import { randomFillSync } from 'node:crypto';
import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { publish } from './server.mjs';
import { waveHeader } from './waves.mjs';

export const LARGE = 'large';
export const LARGE_LESSON = { tag: LARGE, path: '01-noise.wav' };

const SLICE_BYTES = 4 * 1024 * 1024;
const PUBLISH_LIMIT_MS = 15 * 60_000;

/** Writes and publishes it; the data folder. */
export async function publishLargeLesson({ binary, workspace, bytes }) {
  const folder = workspace.makeFolder(LARGE);
  const file = openSync(join(folder, LARGE_LESSON.path), 'w');
  const header = waveHeader(bytes);
  writeSync(file, header);
  const slice = Buffer.alloc(SLICE_BYTES);
  for (let left = bytes; left > 0; left -= slice.length)
    writeSync(file, randomFillSync(slice), 0, Math.min(left, slice.length));
  closeSync(file);
  writeFileSync(join(folder, 'tag.toml'), 'title = "Large"\nlanguage = "en"\n');
  const dataFolder = workspace.makeFolder('published');
  mkdirSync(join(dataFolder, 'store'));
  await publish({ binary, dataFolder, folder, tag: LARGE, limitMs: PUBLISH_LIMIT_MS });
  workspace.remove(folder);
  return dataFolder;
}

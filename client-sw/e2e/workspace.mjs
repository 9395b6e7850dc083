/** Temporary folders of one run, removed at its end whatever happens. */
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export class Workspace {
  #count = 0;

  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), 'stowaway-e2e-'));
  }

  /** A new empty folder. */
  makeFolder(name) {
    this.#count += 1;
    const folder = join(this.folder, `${this.#count}-${name}`);
    mkdirSync(folder);
    return folder;
  }

  /** A new folder with everything of another. */
  copyFolder(source, name) {
    const folder = this.makeFolder(name);
    cpSync(source, folder, { recursive: true });
    return folder;
  }

  /** Browsers write until they end: a folder that fills again is tried again. */
  remove(folder = this.folder) {
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

/** A folder of the origin-private file system, in memory, as far as the file back end uses one. */

export class FakeFolder {
  readonly #writable: boolean;
  readonly #folders = new Map<string, FakeFolder>();
  readonly #files = new Map<string, Uint8Array<ArrayBuffer>>();

  /** @param writable false: pages cannot write to files, as in Safari before 26 */
  constructor({ writable = true } = {}) {
    this.#writable = writable;
  }

  async getDirectoryHandle(name: string, { create = false } = {}): Promise<FakeFolder> {
    const folder =
      this.#folders.get(name) ?? (create ? new FakeFolder({ writable: this.#writable }) : undefined);
    if (!folder) throw new DOMException(name, 'NotFoundError');
    this.#folders.set(name, folder);
    return folder;
  }

  async getFileHandle(name: string, { create = false } = {}) {
    if (!this.#files.has(name)) {
      if (!create) throw new DOMException(name, 'NotFoundError');
      this.#files.set(name, new Uint8Array());
    }
    const files = this.#files;
    const getFile = async () => new Blob([files.get(name) ?? new Uint8Array()]);
    if (!this.#writable) return { getFile };
    return {
      getFile,
      createWritable: async () => {
        let written = new Uint8Array();
        return {
          write: async (bytes: Uint8Array<ArrayBuffer>) => {
            written = bytes.slice();
          },
          close: async () => {
            files.set(name, written);
          },
        };
      },
    };
  }

  async removeEntry(name: string): Promise<void> {
    this.#files.delete(name);
  }

  async *keys(): AsyncIterable<string> {
    yield* this.#files.keys();
  }
}

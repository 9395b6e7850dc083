// The files of a folder that somebody chose or dropped.

import { isLeftOut, TAG_FILE } from './names.ts';

export interface FolderFile {
  readonly path: string;
  readonly file: File;
}

export interface Folder {
  readonly name: string;
  /** By path, without what is no content. */
  readonly files: readonly FolderFile[];
  readonly tagFile: File | undefined;
  readonly bytes: number;
}

/** What `<input type="file" webkitdirectory>` gives. */
export function chosenFolder(chosen: Iterable<File>): Folder {
  const files = [...chosen].map((file) => ({ path: file.webkitRelativePath || file.name, file }));
  return fromPaths(files);
}

/** What was dropped: one folder, or files that are taken for the content of one. */
export async function droppedFolder(items: DataTransferItemList): Promise<Folder> {
  // All at once: the list is empty as soon as anything has been waited for.
  const entries = [...items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  const files: FolderFile[] = [];
  for (const entry of entries) await collect(entry, '', files);
  const isFolder = entries.length === 1 && entries[0]?.isDirectory === true;
  return isFolder ? fromPaths(files) : toFolder('', files);
}

/** Paths begin with the name of the folder itself. */
function fromPaths(files: readonly FolderFile[]): Folder {
  const name = files[0]?.path.split('/', 1)[0] ?? '';
  return toFolder(
    name,
    files.map(({ path, file }) => ({ path: path.slice(path.indexOf('/') + 1), file })),
  );
}

function toFolder(name: string, found: readonly FolderFile[]): Folder {
  const kept = found.filter(({ path }) => !isLeftOut(path));
  const files = kept
    .filter(({ path }) => path !== TAG_FILE)
    .sort((one, other) => (one.path < other.path ? -1 : 1));
  const tagFile = kept.find(({ path }) => path === TAG_FILE)?.file;
  return { name, files, tagFile, bytes: files.reduce((sum, { file }) => sum + file.size, 0) };
}

async function collect(entry: FileSystemEntry, parent: string, into: FolderFile[]): Promise<void> {
  const path = parent + entry.name;
  if (isLeftOut(entry.name)) return;
  if (entry.isFile) {
    const file = await new Promise<File>((done, fail) => (entry as FileSystemFileEntry).file(done, fail));
    into.push({ path, file });
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  for (;;) {
    // A reader gives some of the entries at a time, and none when it is done.
    const entries = await new Promise<FileSystemEntry[]>((done, fail) => reader.readEntries(done, fail));
    if (entries.length === 0) return;
    for (const one of entries) await collect(one, `${path}/`, into);
  }
}

// Which files of a folder are published, and under which paths. The server has the same rules (domain/layout) and the last word. Pure.

/** The file that describes the tag. It is no asset. */
export const TAG_FILE = 'tag.toml';
/** As long as the server takes it. */
export const TAG_FILE_MAX_BYTES = 64 * 1024;

const UNFINISHED = ['.part', '.crdownload', '.tmp'];
const DESKTOP = ['thumbs.db', 'desktop.ini'];

/** Hidden, unfinished, a backup, or a desktop's own. */
export function isLeftOut(path: string): boolean {
  return path.split('/').some((name) => {
    const lower = name.toLowerCase();
    return (
      lower.startsWith('.') ||
      lower.startsWith('~') ||
      lower.endsWith('~') ||
      UNFINISHED.some((ending) => lower.endsWith(ending)) ||
      DESKTOP.includes(lower)
    );
  });
}

/** A tag that a folder's name suggests: `My Course (2026)` → `my-course-2026`. */
export function suggestTag(folder: string): string {
  return folder
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9._]+/g, '-')
    .replace(/^[^a-z0-9]+|[^a-z0-9]+$/g, '')
    .slice(0, 128);
}

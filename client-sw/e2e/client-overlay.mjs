/**
 * Serves the client out of a build folder instead of the server's embedded copy: for work on the client without building
 * the server again (STOWAWAY_CLIENT_DIST=dist).
 */
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join, relative } from 'node:path';

const TYPES = {
  '.css': 'text/css',
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.svg': 'image/svg+xml',
  '.webmanifest': 'application/manifest+json',
};
const PAGES = {
  '/index.html': '/',
  '/play.html': '/play',
  '/downloads.html': '/downloads',
  '/admin.html': '/admin',
};

/** Path → type and body of every file of a build. */
export function loadOverlay(folder) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return new Map(
    files.map((entry) => {
      const file = join(entry.parentPath ?? entry.path, entry.name);
      const path = `/${relative(folder, file)}`;
      const type = TYPES[extname(file)] ?? 'application/octet-stream';
      return [PAGES[path] ?? path, { type, body: readFileSync(file) }];
    }),
  );
}

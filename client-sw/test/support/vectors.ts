/** Where the cases are that the server's tests run too. */
import { fileURLToPath } from 'node:url';

export function vectorFile(name: string): string {
  return fileURLToPath(new URL(`../../../server/domain/tests/vectors/${name}`, import.meta.url));
}

/** The server that the tests run: STOWAWAY_BINARY, or the debug build. Ends the program where there is none. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export function findBinary() {
  const standard = fileURLToPath(new URL('../../target/debug/stowaway', import.meta.url));
  const binary = resolve(process.env.STOWAWAY_BINARY ?? standard);
  if (!existsSync(binary))
    misused(`${binary} is not there: run \`cargo build -p stowaway\`, or set STOWAWAY_BINARY`);
  return binary;
}

export function misused(message) {
  console.error(`e2e: ${message}`);
  process.exit(2);
}

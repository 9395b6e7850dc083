import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  // The demo app imports the library by its package name, as any site would.
  resolve: { alias: { 'stowaway-client': fileURLToPath(new URL('src/page/index.ts', import.meta.url)) } },
  test: {
    include: ['test/**/*.test.ts', 'demo/**/*.test.ts', 'admin/**/*.test.ts', 'e2e/**/*.test.mjs'],
    environment: 'node',
  },
});

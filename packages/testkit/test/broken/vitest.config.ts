import { defineConfig } from 'vitest/config';

const source = '@impflow/source';

/** Of the child that broken-plugins.test.ts starts: nobody else runs what is broken. */
export default defineConfig({
  resolve: { conditions: [source] },
  ssr: { resolve: { conditions: [source, 'node', 'import', 'default'] } },
  test: { pool: 'forks', isolate: false, include: ['packages/testkit/test/broken/*.broken.ts'], testTimeout: 60_000, hookTimeout: 60_000 },
});

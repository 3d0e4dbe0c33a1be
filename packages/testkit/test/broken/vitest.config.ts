import { defineConfig } from 'vitest/config';

const source = '@impflow/source';

/** For the child process of broken-plugins.test.ts, the only one that runs broken plugins. */
export default defineConfig({
  resolve: { conditions: [source] },
  ssr: { resolve: { conditions: [source, 'node', 'import', 'default'] } },
  test: {
    pool: 'forks',
    isolate: false,
    include: ['packages/testkit/test/broken/*.broken.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});

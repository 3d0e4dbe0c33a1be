import { defineConfig } from 'vitest/config';

const source = '@impflow/source';

/** Configuration of the child process of broken-plugins.test.ts. Broken plugins run only in this process. */
export default defineConfig({
  resolve: { conditions: [source] },
  ssr: { resolve: { conditions: [source, 'node', 'import', 'default'] } },
  test: {
    pool: 'forks',
    isolate: false,
    include: ['packages/testkit/test/broken/*.broken.ts'],
    // The sizes that laws draw anew are then the same in every run.
    env: { IMPFLOW_LAWS_SEED: '1' },
    testTimeout: 600_000,
    hookTimeout: 60_000,
  },
});

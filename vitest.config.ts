import { defineConfig } from 'vitest/config';

const source = '@impflow/source';
// Packages run from source, without a build: each package.json points that condition at src/.
const shared = {
  resolve: { conditions: [source] },
  ssr: { resolve: { conditions: [source, 'node', 'import', 'default'] } },
};

export default defineConfig({
  ...shared,
  test: {
    pool: 'forks',
    reporters: ['default', './tools/closing-line.mjs'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: [
      { ...shared, extends: true, test: { name: 'unit', include: ['{packages,apps}/*/test/**/*.test.ts'], exclude: ['**/parity/**', '**/long/**', '**/browser/**'] } },
      { ...shared, extends: true, test: { name: 'parity', include: ['{packages,apps}/*/test/parity/**/*.test.ts'] } },
      { ...shared, extends: true, test: { name: 'browser', include: ['{packages,apps}/*/test/browser/**/*.test.ts'] } },
      { ...shared, extends: true, test: { name: 'long', include: ['{packages,apps}/*/test/long/**/*.test.ts'], disableConsoleIntercept: true } },
    ],
  },
});

import { playwright } from '@vitest/browser-playwright';
import { defineConfig, type TestProjectConfiguration } from 'vitest/config';
import { BROWSER_FLAGS, chromium } from './tools/chromium.mjs';

const source = '@impflow/source';
// Packages run from source, without a build: each package.json points that condition at src/.
const shared = {
  resolve: { conditions: [source] },
  ssr: { resolve: { conditions: [source, 'node', 'import', 'default'] } },
};

const executablePath = chromium();
const tfjs = (name: string): string => `@tensorflow/tfjs-${name}`;

/** Tests that themselves run in a page. */
const inBrowser = (name: string, include: string, flags: readonly string[]): TestProjectConfiguration => ({
  extends: true,
  resolve: { conditions: [source, 'browser', 'module', 'import', 'default'] },
  // All of them, or vite reloads the page in the middle of a test when it meets one.
  optimizeDeps: { include: [tfjs('core'), ...['cpu', 'wasm', 'webgl', 'webgpu'].map((backend) => tfjs(`backend-${backend}`))] },
  test: {
    // Graphics by software: one exact log-determinant of an image takes three minutes of a fast machine.
    name, include: [include], testTimeout: 900_000, hookTimeout: 900_000,
    browser: {
      enabled: true, headless: true, screenshotFailures: false, instances: [{ browser: 'chromium' }],
      provider: playwright({ launchOptions: { args: [...flags], ...(executablePath === undefined ? {} : { executablePath }) } }),
    },
  },
});

export default defineConfig({
  ...shared,
  test: {
    pool: 'forks',
    reporters: ['default', './tools/closing-line.mjs'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: [
      { ...shared, extends: true, test: { name: 'unit', include: ['{packages,plugins,apps,examples}/*/test/**/*.test.ts'], exclude: ['**/external-solver/**', '**/parity/**', '**/long/**', '**/browser/**', '**/in-browser/**', '**/no-graphics/**', '**/native/**', 'apps/docs/**'] } },
      { ...shared, extends: true, test: { name: 'parity', include: ['{packages,plugins,apps}/*/test/parity/**/*.test.ts'] } },
      // Pages built for production, driven from outside: a busy machine can come between two actions, so that a test has a second try, which the report tells.
      { ...shared, extends: true, test: { name: 'browser', retry: 1, include: ['{packages,plugins,apps}/*/test/browser/**/*.test.ts'] } },
      inBrowser('in-browser', '{packages,plugins,apps}/*/test/in-browser/**/*.test.ts', BROWSER_FLAGS),
      // What a page meets where there is no graphics at all.
      inBrowser('no-graphics', '{packages,apps}/*/test/no-graphics/**/*.test.ts', ['--no-sandbox', '--disable-gpu', '--disable-3d-apis', '--disable-software-rasterizer']),
      { ...shared, extends: true, test: { name: 'native', include: ['{packages,plugins,apps}/*/test/native/**/*.test.ts'] } },
      // What the workspace does for its authors: the generator, the rehearsal of a release, the documentation. Minutes, and the registry of npm.
      { ...shared, extends: true, test: { name: 'workshop', include: ['tools/*/test/**/*.test.ts', 'apps/docs/test/**/*.test.ts'], testTimeout: 600_000, hookTimeout: 600_000 } },
      { ...shared, extends: true, test: { name: 'long', include: ['{packages,plugins,apps}/*/test/long/**/*.test.ts'], disableConsoleIntercept: true } },
    ],
  },
});

import { availableParallelism } from 'node:os';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig, type TestProjectConfiguration } from 'vitest/config';
import { BROWSER_FLAGS, chromiumPath } from './packages/testkit/private/chromium.mjs';
import LongFirst from './tools/long-first.mjs';

const source = '@impflow/source';
// Packages run from source, without a build: each package.json points the condition `@impflow/source` at src/.
const shared = {
  resolve: { conditions: [source] },
  ssr: { resolve: { conditions: [source, 'node', 'import', 'default'] } },
};

/** `npm run test:times` counts the processor seconds of each file. */
const counting = process.env['IMPFLOW_TEST_TIMES'] === undefined ? [] : ['tools/test-seconds.mjs'];
const counted = { setupFiles: counting };
/**
 * The files of a worker share its process, which loads TensorFlow.js and compiles the sources once. Files that need a
 * process of their own are in a folder `alone`.
 */
const sharing = { isolate: false, setupFiles: [...counting, 'tools/fresh-engine.mjs'] };

const executablePath = chromiumPath();
const tfjs = (name: string): string => `@tensorflow/tfjs-${name}`;

/** Tests that themselves run in a page. */
const inBrowser = (name: string, include: string, flags: readonly string[]): TestProjectConfiguration => ({
  extends: true,
  resolve: { conditions: [source, 'browser', 'module', 'import', 'default'] },
  // All backends are listed: otherwise vite reloads the page in the middle of a test when it finds another one.
  optimizeDeps: {
    include: [tfjs('core'), ...['cpu', 'wasm', 'webgl', 'webgpu'].map((backend) => tfjs(`backend-${backend}`))],
    // csv-parse is a single module already, and only a package depends on it, not the root.
    exclude: ['csv-parse'],
  },
  test: {
    // After all other projects, one page at a time: software rendering keeps both cores busy, and two pages share one
    // process.
    maxWorkers: 1,
    sequence: { groupOrder: 1 },
    // With software rendering, one exact log-determinant of an image takes three minutes on a fast machine.
    name,
    include: [include],
    testTimeout: 900_000,
    hookTimeout: 900_000,
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      instances: [{ browser: 'chromium' }],
      provider: playwright({
        launchOptions: { args: [...flags], ...(executablePath === undefined ? {} : { executablePath }) },
      }),
    },
  },
});

/** Folders of tests that need more than Node, or more than a second or two. Each folder is a separate project. */
const NO_UNIT_TESTS = [
  ...['alone', 'slow', 'cli', 'services', 'parity', 'long', 'browser', 'in-browser', 'no-graphics', 'native'].map(
    (folder) => `**/test/${folder}/**`,
  ),
  '**/external-solver/**',
  'apps/docs/**',
];

export default defineConfig({
  ...shared,
  test: {
    pool: 'forks',
    // Three workers on two cores: a test of a page or of a process waits half of its time.
    maxWorkers: Math.ceil(1.5 * availableParallelism()),
    sequence: { sequencer: LongFirst },
    reporters: ['default', './tools/closing-line.mjs'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: [
      {
        ...shared,
        extends: true,
        test: {
          ...sharing,
          name: 'unit',
          include: ['{packages,plugins,apps,examples}/*/test/**/*.test.ts'],
          exclude: NO_UNIT_TESTS,
        },
      },
      {
        ...shared,
        extends: true,
        test: { ...counted, name: 'alone', include: ['{packages,plugins,apps}/*/test/alone/**/*.test.ts'] },
      },
      // Each test takes many seconds of processor time. Not in `npm test`.
      {
        ...shared,
        extends: true,
        test: {
          ...sharing,
          name: 'slow',
          include: ['{packages,plugins,apps,examples}/*/test/slow/**/*.test.ts'],
          testTimeout: 600_000,
          hookTimeout: 600_000,
        },
      },
      {
        ...shared,
        extends: true,
        test: { ...sharing, name: 'parity', include: ['{packages,plugins,apps}/*/test/parity/**/*.test.ts'] },
      },
      // Tests that start the compiled command line as a separate process: one to three seconds a call.
      { ...shared, extends: true, test: { ...sharing, name: 'cli', include: ['apps/*/test/cli/**/*.test.ts'] } },
      // Tests with Redis and MPI as real processes. Where these are missing, the tests print that they are skipped.
      {
        ...shared,
        extends: true,
        test: {
          ...counted,
          name: 'services',
          include: ['{packages,apps}/*/test/services/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
      // Pages that are built for production and driven from outside. A busy machine can delay an action past its time
      // limit, so a failed test runs a second time, which the report shows.
      {
        ...shared,
        extends: true,
        test: {
          ...counted,
          name: 'browser',
          retry: 1,
          include: ['{packages,plugins,apps,examples}/*/test/browser/**/*.test.ts'],
          globalSetup: 'apps/demo/test/browser/build-once.ts',
        },
      },
      inBrowser('in-browser', '{packages,plugins,apps}/*/test/in-browser/**/*.test.ts', BROWSER_FLAGS),
      // Pages in a browser without any graphics interface.
      inBrowser('no-graphics', '{packages,apps}/*/test/no-graphics/**/*.test.ts', [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-3d-apis',
        '--disable-software-rasterizer',
      ]),
      {
        ...shared,
        extends: true,
        test: { ...counted, name: 'native', include: ['{packages,plugins,apps}/*/test/native/**/*.test.ts'] },
      },
      // Tools of this workspace: the generator, the rehearsal of a release, the documentation. These tests take minutes
      // and need the npm registry.
      {
        ...shared,
        extends: true,
        test: {
          ...counted,
          name: 'workshop',
          include: ['tools/*/test/**/*.test.ts', 'apps/docs/test/**/*.test.ts'],
          testTimeout: 600_000,
          hookTimeout: 600_000,
        },
      },
      {
        ...shared,
        extends: true,
        test: {
          ...counted,
          name: 'long',
          include: ['{packages,plugins,apps}/*/test/long/**/*.test.ts'],
          disableConsoleIntercept: true,
        },
      },
    ],
  },
});

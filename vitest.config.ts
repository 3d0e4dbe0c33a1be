import { playwright } from '@vitest/browser-playwright';
import { defineConfig, type TestProjectConfiguration } from 'vitest/config';
import { BROWSER_FLAGS, chromiumPath } from './packages/testkit/private/chromium.mjs';
import { softwareVulkan } from './packages/testkit/private/vulkan.mjs';
import LongFirst from './tools/long-first.mjs';

const source = '@impflow/source';
// Tests run the packages from source, without a build: in each package.json, the condition `@impflow/source` leads to
// src/.
const shared = {
  resolve: { conditions: [source] },
  ssr: { resolve: { conditions: [source, 'node', 'import', 'default'] } },
};

/** `npm run test:times` sets this variable, and measures the processor seconds of each file. */
const counting = process.env['IMPFLOW_TEST_TIMES'] === undefined ? [] : ['tools/test-seconds.mjs'];
const counted = { setupFiles: counting };
/**
 * All test files of a worker run in one process, which loads TensorFlow.js and compiles the sources only once. Files
 * that need their own process are in a folder `alone`.
 */
const sharing = { isolate: false, setupFiles: [...counting, 'tools/fresh-engine.mjs'] };

const executablePath = chromiumPath();
const tfjs = (name: string): string => `@tensorflow/tfjs-${name}`;

/** Returns a project whose tests run inside a page of a browser. */
const inBrowser = (name: string, include: string, flags: readonly string[]): TestProjectConfiguration => ({
  extends: true,
  resolve: { conditions: [source, 'browser', 'module', 'import', 'default'] },
  // All backends are listed, because vite reloads the page in the middle of a test when a test imports a backend that
  // is not listed.
  optimizeDeps: {
    include: [tfjs('core'), ...['cpu', 'wasm', 'webgl', 'webgpu'].map((backend) => tfjs(`backend-${backend}`))],
    // csv-parse needs no bundling, because it is a single module. Vite would not find it either, because the root does
    // not depend on it.
    exclude: ['csv-parse'],
  },
  test: {
    // These tests run after all other projects, one page at a time, because software rendering keeps both cores busy,
    // and two pages would share one process.
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

/** Folders of tests that need more than Node, or take more than two seconds. Each folder is a separate project. */
const NO_UNIT_TESTS = [
  ...[
    'alone',
    'slow',
    'cli',
    'services',
    'parity',
    'long',
    'browser',
    'in-browser',
    'no-graphics',
    'tensorflow',
    'dawn',
  ].map((folder) => `**/test/${folder}/**`),
  '**/external-solver/**',
  'apps/docs/**',
];

export default defineConfig({
  ...shared,
  test: {
    pool: 'forks',
    // One worker per core: while a test waits, its page or its process computes.
    maxWorkers: '100%',
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
      // Each of these tests takes many seconds of processor time. `npm test` leaves them out.
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
      // Tests that start the compiled command line as a separate process. Each call takes one to three seconds.
      { ...shared, extends: true, test: { ...sharing, name: 'cli', include: ['apps/*/test/cli/**/*.test.ts'] } },
      // Tests with real processes of Redis and MPI. If Redis or MPI is missing, the tests print that they are skipped.
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
      // Tests that build pages for production and control them from outside the browser.
      {
        ...shared,
        extends: true,
        test: {
          ...counted,
          name: 'browser',
          include: ['{packages,plugins,apps,examples}/*/test/browser/**/*.test.ts'],
          globalSetup: 'apps/demo/test/browser/build-once.ts',
        },
      },
      inBrowser('in-browser', '{packages,plugins,apps}/*/test/in-browser/**/*.test.ts', BROWSER_FLAGS),
      // Tests inside a page, in a browser without any graphics interface.
      inBrowser('no-graphics', '{packages,apps}/*/test/no-graphics/**/*.test.ts', [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-3d-apis',
        '--disable-software-rasterizer',
      ]),
      {
        ...shared,
        extends: true,
        test: { ...counted, name: 'tensorflow', include: ['packages/*/test/tensorflow/**/*.test.ts'] },
      },
      // Tests of WebGPU in Node. Software graphics take most of the time.
      {
        ...shared,
        extends: true,
        test: {
          ...counted,
          name: 'dawn',
          include: ['{packages,plugins,apps}/*/test/dawn/**/*.test.ts'],
          env: { ...softwareVulkan() },
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
      // Tests of the tools of this workspace: the generator, the rehearsal of a release, the documentation. These tests
      // take minutes and need the npm registry.
      {
        ...shared,
        extends: true,
        test: {
          ...counted,
          name: 'workshop',
          include: ['tools/*/test/**/*.test.ts', 'apps/docs/test/**/*.test.ts'],
          // All code blocks of the documentation are one test, which runs beside other tests.
          testTimeout: 1_200_000,
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

// `npm run demo:measure [-- --runs 5]`: measures size and speed of the playground in Chromium, from a production build;
// writes docs/playground.md. Steps per second are measured in turns, page and command line, so that both run on the
// same machine state.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { chromium } from 'playwright';
import { build } from 'vite';
import { chromiumPath } from '../../packages/testkit/private/chromium.mjs';
import { serveFolder } from '../../packages/testkit/private/static-server.mjs';
import { machine, versions } from '../bench/machine.mjs';
import { median } from '../bench/statistics.mjs';
import { lastJson } from '../last-json.mjs';
import { playgroundReport } from './report.mjs';

/** @import { Page } from 'playwright' */

const { values } = parseArgs({ options: { runs: { type: 'string', default: '5' } } });
const RUNS = Number(values.runs);
const root = fileURLToPath(new URL('../..', import.meta.url));
const started = performance.now();
/** @param {string} what */
const say = (what) =>
  process.stderr.write(`[playground] ${((performance.now() - started) / 1000).toFixed(0).padStart(5)} s  ${what}\n`);

/** The command line's toy preset. */
const PAPER = 'blocks=6&hidden=128-128&batch=256';

// Checked before anything is written.
const of = { machine: machine(), versions: versions() };

const folder = mkdtempSync(join(tmpdir(), 'impflow-playground-'));
await build({ root: `${root}/apps/demo`, logLevel: 'error', build: { outDir: folder, emptyOutDir: true } });
const site = await serveFolder(folder);
const browser = await chromium.launch({
  executablePath: chromiumPath(),
  args: ['--no-sandbox', '--enable-precise-memory-info', '--js-flags=--expose-gc'],
});

/**
 * Uses a separate page with empty caches. `scripts` are the sizes of the loaded scripts by path.
 *
 * @template T
 * @param {string} hash
 * @param {(page: Page, scripts: ReadonlyMap<string, number>) => Promise<T>} use
 * @returns {Promise<T>}
 */
const visit = async (hash, use) => {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  const scripts = new Map();
  page.on('response', async (response) => {
    const { pathname } = new URL(response.url());
    if (pathname.endsWith('.js')) scripts.set(pathname, gzipSync(await response.body()).length);
  });
  try {
    await page.goto(`${site.address}#${hash}`);
    return await use(page, scripts);
  } finally {
    await context.close();
  }
};

/**
 * The steps of the first run. The playground shows its runs to tests as `impflow`.
 *
 * @param {Page} page
 * @returns {Promise<number>}
 */
const stepsOf = (page) => page.evaluate(() => Reflect.get(globalThis, 'impflow').runs.value[0]?.step.value ?? 0);
/**
 * @param {Page} page
 * @param {number} step
 */
const untilStep = (page, step) =>
  page.waitForFunction(
    (wanted) => (Reflect.get(globalThis, 'impflow')?.runs.value[0]?.step.value ?? 0) >= wanted,
    step,
    { timeout: 600_000, polling: 50 },
  );

/**
 * Times from the request of the page to its first paint and its first training step, and the scripts loaded by then and
 * five seconds later.
 */
const arrival = () =>
  visit('play=1', async (page, scripts) => {
    // The page's clock starts at the request.
    const firstStep = await page.evaluate(
      /** @returns {Promise<number>} */
      () =>
        new Promise((resolve) => {
          const look = () => {
            if ((Reflect.get(globalThis, 'impflow')?.runs.value[0]?.step.value ?? 0) > 0) resolve(performance.now());
            else setTimeout(look, 5);
          };
          look();
        }),
    );
    const firstPaint = await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime);
    const loaded = () => [...scripts.values()].reduce((sum, bytes) => sum + bytes, 0);
    const byThen = loaded();
    // The charts come with the first losses.
    await page.waitForTimeout(5000);
    return { firstPaint, firstStep, scripts: byThen, scriptsLater: loaded() };
  });

/**
 * Tasks of the main thread above 50 ms, and the times between frames, during some seconds of training.
 *
 * @param {number} seconds
 */
const smoothness = (seconds) =>
  visit('play=1', async (page) => {
    await untilStep(page, 20);
    return page.evaluate(
      /**
       * @param {number} length
       * @returns {Promise<{ long: number[]; frames: number[] }>}
       */
      (length) =>
        new Promise((resolve) => {
          /** @type {number[]} */
          const long = [];
          new PerformanceObserver((list) => {
            long.push(...list.getEntries().map(({ duration }) => duration));
          }).observe({ type: 'longtask' });
          /** @type {number[]} */
          const frames = [];
          const end = performance.now() + 1000 * length;
          /** @type {number | undefined} */
          let last;
          const frame = (/** @type {number} */ now) => {
            if (last !== undefined) frames.push(now - last);
            last = now;
            if (now < end) requestAnimationFrame(frame);
            else resolve({ long, frames });
          };
          requestAnimationFrame(frame);
        }),
      seconds,
    );
  });

/** @param {number} seconds */
const pageSpeed = (seconds) =>
  visit(`${PAPER}&play=1`, async (page) => {
    await untilStep(page, 30);
    const [from, begin] = [await stepsOf(page), performance.now()];
    await page.waitForTimeout(1000 * seconds);
    return ((await stepsOf(page)) - from) / ((performance.now() - begin) / 1000);
  });

/**
 * @param {number} steps
 * @returns {number}
 */
const nodeSpeed = (steps) => {
  const run = mkdtempSync(join(tmpdir(), 'impflow-run-'));
  try {
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      [
        `${root}/apps/trainer/bin/impflow.mjs`,
        'train',
        '--data',
        'moons',
        '--preset',
        'toy',
        '--batch',
        '256',
        '--lr',
        '5e-3',
        '--workers',
        '1',
        '--steps',
        String(steps),
        '--validate-every',
        String(steps),
        '--out',
        join(run, 'run'),
        '--json',
        '--quiet',
      ],
      { encoding: 'utf8' },
    );
    if (status !== 0) throw new Error(stderr);
    return 1 / lastJson(stdout).secondsPerStep;
  } finally {
    rmSync(run, { recursive: true });
  }
};

/**
 * Bytes of the page's heap after a collection, at some steps, late enough that the engine's compilers have finished.
 * Only an isolated page can measure the heaps of workers; a test does that.
 *
 * @param {readonly number[]} steps
 */
const heaps = (steps) =>
  visit('play=1&blocks=2&hidden=32-32&batch=128', async (page) => {
    /** @type {{ step: number; bytes: number }[]} */
    const out = [];
    for (const step of steps) {
      await untilStep(page, step);
      const bytes = await page.evaluate(
        /** @returns {number} */
        () => {
          globalThis.gc?.();
          globalThis.gc?.();
          return Reflect.get(performance, 'memory').usedJSHeapSize;
        },
      );
      out.push({ step: await stepsOf(page), bytes });
    }
    return out;
  });

say('arrivals');
const arrivals = [];
for (let i = 0; i < RUNS; i++) arrivals.push(await arrival());
say('a picture');
await visit('play=1', async (page) => {
  await untilStep(page, 500);
  await page.screenshot({ path: `${root}/docs/figures/playground.png` });
});
say('frames and long tasks');
const smooth = await smoothness(20);
say('steps a second, in turns');
const speeds = [];
for (let i = 0; i < RUNS; i++) speeds.push({ page: await pageSpeed(15), node: nodeSpeed(200) });
say('heaps over 5,000 steps');
const memory = await heaps([3000, 8000]);
const version = browser.version();
await browser.close();
site.close();
rmSync(folder, { recursive: true });

const sorted = [...smooth.frames].sort((a, b) => a - b);
/** @type {import('./report.mjs').PlaygroundMeasurements} */
const result = {
  ...of,
  versions: { ...of.versions, chromium: version },
  date: new Date().toISOString().slice(0, 10),
  runs: RUNS,
  firstPaintMs: median(arrivals.map(({ firstPaint }) => firstPaint)),
  firstStepMs: median(arrivals.map(({ firstStep }) => firstStep)),
  scriptsGzip: Math.max(...arrivals.map(({ scripts }) => scripts)),
  scriptsLaterGzip: Math.max(...arrivals.map(({ scriptsLater }) => scriptsLater)),
  longTasks: smooth.long,
  frames: {
    count: sorted.length,
    median: median(sorted),
    p95: sorted[Math.floor(0.95 * sorted.length)],
    worst: sorted[sorted.length - 1],
  },
  stepsPerSecond: {
    page: median(speeds.map(({ page }) => page)),
    node: median(speeds.map(({ node }) => node)),
    ratio: median(speeds.map(({ page, node }) => page / node)),
  },
  memory,
};
mkdirSync(`${root}/docs/measured`, { recursive: true });
writeFileSync(`${root}/docs/measured/playground.json`, `${JSON.stringify(result, null, 1)}\n`);
writeFileSync(`${root}/docs/playground.md`, playgroundReport(result));
console.log(JSON.stringify(result, null, 1));

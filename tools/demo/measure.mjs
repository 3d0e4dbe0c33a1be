// Measures size and speed of the playground in Chromium, from a production build. Steps per second of the page and of
// the command line are measured in turns, so that a slow phase of the machine affects both.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { chromium } from 'playwright';
import { build } from 'vite';
import { chromiumPath } from '../../packages/testkit/private/chromium.mjs';
import { serveFolder } from '../../packages/testkit/private/static-server.mjs';
import { median, quantile } from '../bench/statistics.mjs';
import { impflow } from '../measure/child.mjs';

/** @import { Page } from 'playwright' */

const root = fileURLToPath(new URL('../..', import.meta.url));
/** Parameters in the URL of the playground: the values of the preset `toy` of `impflow train`, and no end. */
const PAPER = 'blocks=6&hidden=128-128&batch=256&steps=0';

/**
 * Opens a link in a new page with empty caches. `scripts` contains the sizes of the loaded scripts, by path.
 *
 * @template T
 * @typedef {(hash: string, use: (page: Page, scripts: ReadonlyMap<string, number>) => Promise<T>) => Promise<T>} Visit
 */

/**
 * Returns a function that visits the playground at an address.
 *
 * @param {import('playwright').Browser} browser
 * @param {string} address
 * @returns {Visit<any>}
 */
const visits = (browser, address) => async (hash, use) => {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  const scripts = new Map();
  page.on('response', async (response) => {
    const { pathname } = new URL(response.url());
    if (pathname.endsWith('.js')) scripts.set(pathname, gzipSync(await response.body()).length);
  });
  try {
    await page.goto(`${address}#${hash}`);
    return await use(page, scripts);
  } finally {
    await context.close();
  }
};

/**
 * Returns the number of steps of the first run. The playground exposes its runs to tests as the global `impflow`.
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
 * Measures the times from the request of the page to the first paint and to the first training step. Also measures the
 * size of the scripts loaded at the first step and five seconds later.
 *
 * @param {Visit<any>} visit
 */
const arrival = (visit) =>
  visit('play=1', async (page, scripts) => {
    // In the page, `performance.now()` counts from the request of the page.
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
    // The charts are loaded when the first losses arrive.
    await page.waitForTimeout(5000);
    return { firstPaint, firstStep, scripts: byThen, scriptsLater: loaded() };
  });

/**
 * Measures the tasks of the main thread above 50 ms, and the times between frames, during some seconds of training.
 *
 * @param {Visit<any>} visit
 * @param {number} seconds
 */
const smoothness = (visit, seconds) =>
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

/**
 * @param {Visit<any>} visit
 * @param {number} seconds
 */
const pageSpeed = (visit, seconds) =>
  visit(`${PAPER}&play=1`, async (page) => {
    await untilStep(page, 30);
    const [from, begin] = [await stepsOf(page), performance.now()];
    await page.waitForTimeout(1000 * seconds);
    return ((await stepsOf(page)) - from) / ((performance.now() - begin) / 1000);
  });

/** @param {number} steps */
const nodeSpeed = async (steps) => {
  const folder = mkdtempSync(join(tmpdir(), 'impflow-run-'));
  const options = '--data moons --preset toy --batch 256 --lr 5e-3 --workers 1'.split(' ');
  try {
    const { secondsPerStep } = await impflow([
      'train',
      ...options,
      '--steps',
      steps,
      '--validate-every',
      steps,
      '--out',
      join(folder, 'run'),
    ]);
    return 1 / secondsPerStep;
  } finally {
    rmSync(folder, { recursive: true });
  }
};

/**
 * Measures the heap of the page in bytes, after a garbage collection, at the given steps. By these steps the compilers
 * of V8 must have finished. Heaps of workers are measured by a test, because only an isolated page can measure them.
 *
 * @param {Visit<any>} visit
 * @param {readonly number[]} steps
 */
const heaps = (visit, steps) =>
  visit('play=1&blocks=2&hidden=32-32&batch=128&steps=0', async (page) => {
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

/**
 * Makes all measurements, and writes docs/figures/playground.png.
 *
 * @param {number} runs Number of visits, and number of turns of page and command line.
 * @param {(what: string) => void} say
 */
export const measurePlayground = async (runs, say) => {
  const folder = mkdtempSync(join(tmpdir(), 'impflow-playground-'));
  await build({ root: `${root}/apps/demo`, logLevel: 'error', build: { outDir: folder, emptyOutDir: true } });
  const site = await serveFolder(folder);
  const browser = await chromium.launch({
    executablePath: chromiumPath(),
    args: ['--no-sandbox', '--enable-precise-memory-info', '--js-flags=--expose-gc'],
  });
  const visit = visits(browser, site.address);
  try {
    say('arrivals');
    const arrivals = [];
    for (let i = 0; i < runs; i++) arrivals.push(await arrival(visit));
    say('a picture');
    await visit('play=1', async (page) => {
      await untilStep(page, 500);
      await page.screenshot({ path: `${root}/docs/figures/playground.png` });
    });
    say('frames and long tasks');
    const smooth = await smoothness(visit, 20);
    say('steps a second, in turns');
    const speeds = [];
    for (let i = 0; i < runs; i++) speeds.push({ page: await pageSpeed(visit, 15), node: await nodeSpeed(200) });
    say('heaps over 5,000 steps');
    const memory = await heaps(visit, [3000, 8000]);
    return {
      runs,
      firstPaintMs: median(arrivals.map(({ firstPaint }) => firstPaint)),
      firstStepMs: median(arrivals.map(({ firstStep }) => firstStep)),
      scriptsGzip: Math.max(...arrivals.map(({ scripts }) => scripts)),
      scriptsLaterGzip: Math.max(...arrivals.map(({ scriptsLater }) => scriptsLater)),
      longTasks: smooth.long,
      frames: {
        count: smooth.frames.length,
        median: median(smooth.frames),
        p95: quantile(smooth.frames, 0.95),
        worst: Math.max(...smooth.frames),
      },
      stepsPerSecond: {
        page: median(speeds.map(({ page }) => page)),
        node: median(speeds.map(({ node }) => node)),
        ratio: median(speeds.map(({ page, node }) => page / node)),
      },
      memory,
      versions: { chromium: browser.version() },
    };
  } finally {
    await browser.close();
    site.close();
    rmSync(folder, { recursive: true });
  }
};

// `node tools/demo/screenshots.mjs --out FOLDER [--site BUILT] [--only NAME]`: pictures of the playground in Chromium,
// wide and on a phone, light and dark: the first visit, each scene, two planes at three moments, slow motion.
// `--site`: a page that was built before, to compare with.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright';
import { build } from 'vite';
import { chromiumPath } from '../../packages/testkit/private/chromium.mjs';
import { serveFolder } from '../../packages/testkit/private/static-server.mjs';

/** @import { Page } from 'playwright' */

const { values } = parseArgs({
  options: { out: { type: 'string' }, site: { type: 'string' }, only: { type: 'string' } },
});
if (values.out === undefined) throw new Error('Name a folder for the pictures: --out FOLDER.');
const out = values.out;
mkdirSync(out, { recursive: true });

const root = fileURLToPath(new URL('../..', import.meta.url));
const built = values.site ?? mkdtempSync(join(tmpdir(), 'impflow-playground-'));
if (values.site === undefined)
  await build({ root: `${root}/apps/demo`, logLevel: 'error', build: { outDir: built, emptyOutDir: true } });
const site = await serveFolder(built);
const browser = await chromium.launch({ executablePath: chromiumPath(), args: ['--no-sandbox'] });

/**
 * Waits for a step of the first model. The playground shows its runs to tests as `impflow`.
 *
 * @param {Page} page
 * @param {number} step
 */
const untilStep = (page, step) =>
  page.waitForFunction(
    (wanted) => (Reflect.get(globalThis, 'impflow')?.runs.value[0]?.step.value ?? 0) >= wanted,
    step,
    { timeout: 180_000, polling: 50 },
  );
/**
 * Presses what is on the page; an older page may lack it.
 *
 * @param {import('playwright').Locator} place
 */
const click = (place) =>
  place
    .first()
    .click({ timeout: 3000 })
    .catch(() => {});
/**
 * Trains to a step, and waits for the last pictures.
 *
 * @param {Page} page
 * @param {number} step
 */
const train = async (page, step) => {
  await untilStep(page, step);
  await click(page.getByRole('button', { name: 'Pause' }));
  await page.waitForTimeout(1500);
};
/**
 * Opens a scene by its link, as a visitor does.
 *
 * @param {Page} page
 * @param {string} name
 */
const scene = async (page, name) => {
  await page.waitForTimeout(1000);
  await click(page.getByRole('link', { name }));
};
/**
 * Two planes at a moment of the way through the blocks, from 0 to 1.
 *
 * @param {Page} page
 * @param {number} share
 */
const planesAt = async (page, share) => {
  await scene(page, 'Bend two moons');
  await train(page, 400);
  const slider = page.getByRole('slider', { name: 'Blocks passed' });
  await slider.fill(String(Number(await slider.getAttribute('max')) * share));
  await page.waitForTimeout(800);
};

/** Actions before each picture, by the name of the picture. */
const MOMENTS = /** @type {Readonly<Record<string, (page: Page) => Promise<unknown>>>} */ ({
  first: (page) => page.waitForTimeout(5000),
  expert: async (page) => {
    await click(page.getByRole('button', { name: 'Expert view' }));
    await click(page.getByRole('button', { name: 'Play' }));
    await train(page, 300);
  },
  'planes-start': (page) => planesAt(page, 0),
  'planes-middle': (page) => planesAt(page, 0.5),
  'planes-end': (page) => planesAt(page, 1),
  wall: async (page) => {
    await scene(page, 'Hit the wall');
    await page.getByText(/^Fitted in/).waitFor({ timeout: 120_000 });
    await page.waitForTimeout(500);
  },
  earthquakes: async (page) => {
    await scene(page, 'Race: earthquakes');
    await page.waitForTimeout(30_000);
    await train(page, 600);
  },
  clouds: async (page) => {
    await scene(page, 'Race: eight clouds');
    await page.waitForTimeout(3000);
    await train(page, 600);
  },
  heart: async (page) => {
    await scene(page, 'Draw a heart');
    await page.waitForTimeout(1500);
    await train(page, 300);
  },
  table: async (page) => {
    await scene(page, 'Your CSV');
    await page.waitForTimeout(1000);
  },
  solver: async (page) => {
    await scene(page, 'Watch the solver');
    await page.waitForTimeout(1500);
    await train(page, 300);
  },
  slow: async (page) => {
    await click(page.getByRole('button', { name: 'Play' }));
    await train(page, 200);
    const panel = page.locator('details.panel', { has: page.getByRole('heading', { name: 'Inside a block' }) });
    if (!(await panel.evaluate((element) => /** @type {HTMLDetailsElement} */ (element).open)))
      await panel.locator('summary').click();
    await click(page.getByRole('button', { name: 'Slow motion', exact: true }));
    await panel.evaluate((element) => element.scrollIntoView({ block: 'start' }));
    await page.waitForTimeout(4000);
  },
});

for (const [width, height] of [
  [1440, 900],
  [390, 844],
])
  for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
    const context = await browser.newContext({
      viewport: { width, height },
      colorScheme,
      hasTouch: width < 500,
      deviceScaleFactor: width < 500 ? 2 : 1,
    });
    for (const [name, reach] of Object.entries(MOMENTS)) {
      if (values.only !== undefined && !values.only.split(',').includes(name)) continue;
      const page = await context.newPage();
      const path = `${out}/${name}-${width}-${colorScheme}.png`;
      try {
        await page.goto(site.address);
        await reach(page);
        await page.screenshot({ path });
        if (name === 'first') await page.screenshot({ path: path.replace('.png', '-full.png'), fullPage: true });
        process.stderr.write(`${path}\n`);
      } catch (error) {
        process.stderr.write(`${path}: ${/** @type {Error} */ (error).message.split('\n')[0]}\n`);
      }
      await page.close();
    }
    await context.close();
  }
await browser.close();
site.close();
if (values.site === undefined) rmSync(built, { recursive: true });

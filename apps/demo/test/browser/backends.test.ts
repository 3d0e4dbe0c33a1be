// Tests of the page's backends. The tests choose a backend, use a browser in which a backend is missing, and move a
// model to another backend.
import type { Page } from 'playwright';
import { describe, expect, it } from 'vitest';
import { BROWSER_FLAGS } from '../../../../packages/testkit/private/chromium.mjs';
import {
  choose,
  config,
  distance,
  eventually,
  notices,
  now,
  press,
  scores,
  trainTo,
  until,
  untilReady,
  untilSeen,
  untilStep,
  untilTold,
} from './page-actions.ts';
import { useSite } from './site.ts';

const TINY = '#blocks=1&hidden=8-8&batch=16&lr=0.003&steps=0';
/**
 * Milliseconds that a first training step may take on a software-rendered graphics device. The step compiles about a
 * hundred programs.
 */
const COMPILING_MS = 120_000;

/** Returns the text in which the page describes the status of the model and its backend. */
const statusLine = async (page: Page): Promise<string> =>
  (await page.getByRole('article').locator('header .hint').textContent())!;

/** Waits until the model runs on a backend. */
const untilOn = (page: Page, computing: string, status: 'paused' | 'running' = 'paused'): Promise<void> =>
  until(
    page,
    ([words, wanted]) => {
      const run = impflow.runs.value[0]!;
      return run.computing.value.startsWith(words) && run.status.value === wanted;
    },
    [computing, status] as const,
    COMPILING_MS,
  );

describe('in a browser with graphics', () => {
  const { visit } = useSite({ flags: BROWSER_FLAGS });

  it(
    'a model keeps its weights when it moves from wasm to WebGL, WebGPU, plain JavaScript and back, and trains on each',
    { timeout: 300_000 },
    () =>
      visit(
        {
          // Console warnings of the software renderer, which replaces a graphics card in tests.
          hash: TINY,
          provokes: [/GPU stall|powerPreference|experimental/],
        },
        async ({ page }) => {
          await untilReady(page);
          await trainTo(page, 60);
          expect(await statusLine(page)).toMatch(/^Paused on WebAssembly, (relaxed )?SIMD$/);
          for (const [label, words] of [
            ['WebGL', 'WebGL on '],
            ['WebGPU', 'WebGPU on '],
            ['Plain JavaScript', 'plain JavaScript'],
            ['wasm', 'WebAssembly, '],
          ] as const) {
            const [before, { step }] = [await scores(page), await now(page)];
            await choose(page, 'Computes on', label);
            await untilOn(page, words);
            expect(await statusLine(page)).toContain(`Paused on ${words}`);
            expect((await now(page)).step).toBe(step);
            expect(distance(await scores(page), before)).toBeLessThan(1e-4);
            await press(page, 'Step');
            await untilStep(page, step + 1, 0, COMPILING_MS);
            await untilReady(page);
            expect((await now(page)).losses.at(-1)).toBeLessThan(5);
          }
          // One loss curve contains the steps on all backends.
          expect(
            await page.evaluate(() => impflow.runs.value[0]!.history.value.steps.every((at, i) => at === i + 1)),
          ).toBe(true);
          expect(await notices(page)).toEqual([]);
        },
      ),
  );

  it('if the visitor changes the backend during training, the model moves to the new backend and training continues', () =>
    visit({ hash: `${TINY}&play=1`, provokes: [/GPU stall/] }, async ({ page }) => {
      await untilStep(page, 100);
      const { losses } = await now(page);
      for (const [label, words, more] of [
        ['WebGL', 'WebGL on ', 3],
        ['Plain JavaScript', 'plain JavaScript', 10],
        ['wasm', 'WebAssembly, ', 50],
      ] as const) {
        const { step } = await now(page);
        await choose(page, 'Computes on', label);
        await untilOn(page, words, 'running');
        expect(await statusLine(page)).toContain(`Training on ${words}`);
        expect((await now(page)).step).toBeGreaterThanOrEqual(step);
        await untilStep(page, step + more, 0, COMPILING_MS);
      }
      expect((await now(page)).losses.at(-1)).toBeLessThan(losses[0]!);
      expect(await notices(page)).toEqual([]);
    }));
});

describe('in a browser without graphics', () => {
  const { visit } = useSite({
    flags: ['--no-sandbox', '--disable-gpu', '--disable-3d-apis', '--disable-software-rasterizer'],
  });

  it.each(['WebGL', 'WebGPU'])('a notice says that %s is missing, and training continues with WebAssembly', (name) =>
    visit({ hash: TINY, provokes: [/WebGL|WebGPU|navigator\.gpu/] }, async ({ page }) => {
      await untilReady(page);
      await trainTo(page, 50);
      const [trained, { step }] = [await scores(page), await now(page)];
      await choose(page, 'Computes on', name);
      await untilTold(page, new RegExp(`This browser offers no ${name}( 2)?: training runs in WebAssembly instead\\.`));
      await untilOn(page, 'WebAssembly');
      expect(await statusLine(page)).toMatch(/^Paused on WebAssembly/);
      expect((await now(page)).step).toBe(step);
      expect(distance(await scores(page), trained)).toBeLessThan(1e-4);
      await trainTo(page, step + 20);
    }),
  );

  it('without graphics, an address that sets WebGL causes a notice, and the setting remains WebGL', () =>
    visit({ hash: `${TINY}&backend=webgl&play=1`, provokes: [/WebGL/] }, async ({ page }) => {
      await untilStep(page, 10);
      await untilTold(page, /This browser offers no WebGL 2: training runs in WebAssembly instead\./);
      expect((await config(page)).backend).toBe('webgl');
    }));
});

// This test runs only on x64, because on other processors SIMD cannot be switched off in Chromium.
describe.runIf(process.arch === 'x64')('in a browser without WebAssembly SIMD', () => {
  const { visit } = useSite({ flags: ['--no-sandbox', '--js-flags=--no-enable-sse4-1 --no-enable-ssse3'] });

  it('the page reports that SIMD is missing, trains in plain JavaScript, and draws pictures', () =>
    visit({ hash: TINY }, async ({ page }) => {
      await untilTold(page, 'This browser has no WebAssembly SIMD: training runs in plain JavaScript, much slower.');
      await untilSeen(page);
      expect(await statusLine(page)).toBe('Paused on plain JavaScript');
      await trainTo(page, 20);
      await untilSeen(page);
      await eventually(() => page.getByRole('application').getAttribute('aria-label')).toMatch(
        /^Density of moons after \d{2,} steps/,
      );
      await page.getByRole('radio', { name: 'Warped grid' }).check();
      await eventually(() => page.getByRole('application').getAttribute('aria-label')).toMatch(/^Grid of/);
    }));
});

describe('in a browser without WebAssembly', () => {
  const { visit } = useSite({ flags: ['--no-sandbox', '--js-flags=--jitless'] });

  it('the page reports that WebAssembly is missing, trains in plain JavaScript, and draws pictures', () =>
    visit({ hash: TINY }, async ({ page }) => {
      await untilTold(page, 'This browser has no WebAssembly: training runs in plain JavaScript, much slower.');
      await untilReady(page);
      await press(page, 'Step');
      await untilStep(page, 1);
      await untilSeen(page);
      expect(await statusLine(page)).toBe('Paused on plain JavaScript');
    }));
});

// Tests that a visitor's work is not lost: weights, drawings and trainings. Other tests in this file check that the
// page works without a network.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright';
import { rolldown } from 'rolldown';
import { beforeAll, describe, expect, it } from 'vitest';
import { give, openModel, saved } from './files.ts';
import {
  choose,
  config,
  distance,
  eventually,
  hitTheWall,
  notices,
  now,
  onlyTwo,
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

const site = useSite();
const { visit } = site;
const TINY = '#blocks=1&hidden=8-8&batch=32&steps=0';
/** Console messages of a reload, which aborts requests of workers that are still loading. */
const CUT_SHORT = /failed: blob|ERR_ABORTED|net::ERR_FAILED/;

/** Waits until the browser has stored the model of this tab after at least `step` steps. */
const untilStored = async (page: Page, step: number): Promise<void> => {
  await eventually(() =>
    page.evaluate(
      () =>
        new Promise<number>((resolve) => {
          const request = indexedDB.open('impflow', 1);
          // The test must not create the database. The page creates the database when it first stores a model.
          request.addEventListener('upgradeneeded', () => request.transaction!.abort());
          request.addEventListener('error', () => resolve(-1));
          request.addEventListener('success', () => {
            const { result } = request;
            const all = result.transaction('last-models').objectStore('last-models').getAll();
            all.addEventListener('success', () => {
              result.close();
              resolve(
                Math.max(
                  ...all.result.map(({ stored }) => (stored.models[0]?.recorder.history.steps.at(-1) ?? -1) as number),
                ),
              );
            });
          });
        }),
    ),
  ).toBeGreaterThanOrEqual(step);
};

describe('weights of a model', () => {
  it('if the solver or the estimator changes, the model keeps its weights and its loss curve continues', () =>
    visit({ hash: TINY }, async ({ page }) => {
      await untilReady(page);
      await trainTo(page, 40);
      const [{ step, losses }, before] = [await now(page), await scores(page)];
      for (const [label, option] of [
        ['Solver', 'Newton'],
        ['Log-determinant', 'Power series'],
      ] as const) {
        const field = page.getByRole('combobox', { name: label, exact: true });
        const options = await field.getByRole('option').allTextContents();
        await choose(page, label, options.find((name) => name.startsWith(option)) ?? options.at(-1)!);
        await until(
          page,
          (wanted) =>
            impflow.config.value.models[0]![wanted === 'Solver' ? 'solver' : 'logDet'] !== undefined &&
            impflow.runs.value[0]!.status.value === 'paused',
          label,
        );
        expect((await now(page)).step).toBe(step);
        expect(distance(await scores(page), before)).toBeLessThan(1e-3);
      }
      await trainTo(page, step + 10);
      expect((await now(page)).losses.slice(0, losses.length)).toEqual(losses);
      // If the widths change, the model starts from initial weights.
      await page.getByRole('textbox', { name: 'Hidden widths' }).fill('9, 9');
      await page.keyboard.press('Tab');
      await untilReady(page);
      await eventually(async () => (await now(page)).step).toBe(0);
    }));
});

describe('a backend on which the model cannot train', () => {
  beforeAll(async () => {
    const bundle = await rolldown({
      input: fileURLToPath(new URL('wasm-only.ts', import.meta.url)),
      resolve: { conditionNames: ['@impflow/source', 'browser', 'module', 'import', 'default'] },
      platform: 'browser',
      external: [],
      logLevel: 'silent',
    });
    await bundle.write({ file: join(site.folder(), 'wasm-only.js'), format: 'es', codeSplitting: false });
    await bundle.close();
  });

  it('a backend on which a model cannot train is refused with a reason, and the previous backend continues', () =>
    visit({ hash: TINY, provokes: [/Platform browser has already been set/] }, async ({ page }) => {
      await untilReady(page);
      await page.evaluate(() => impflow.usePlugin('wasm-only.js'));
      await page.evaluate(() => {
        const [model] = impflow.config.value.models;
        return impflow.configure({ models: [{ ...model!, solver: { name: 'wasm-only' } }] });
      });
      await press(page, 'Play');
      await untilStep(page, 30);
      await page.evaluate(() => void impflow.configure({ backend: 'cpu' }));
      await untilTold(page, /The model cannot train there, and continues on WebAssembly, .*No kernel for this method/);
      expect((await config(page)).backend).toBe('wasm');
      const { step, status, computing } = await now(page);
      expect([status, computing]).toEqual(['running', expect.stringContaining('WebAssembly')]);
      expect(step).toBeGreaterThanOrEqual(30);
      await untilStep(page, step + 30);
    }));
});

describe('a drawing', () => {
  it('Escape discards a drawing only after a confirmation', () =>
    visit({ hash: TINY }, async ({ page }) => {
      await untilReady(page);
      await page.getByRole('button', { name: 'Draw your own' }).click();
      const pad = page.getByRole('application', { name: /Drawing pad/ });
      await pad.focus();
      for (const key of ['Enter', 'Shift+ArrowRight', 'Enter']) await page.keyboard.press(key);
      const dialog = page.getByRole('dialog', { name: 'Draw your own' });
      await dialog.getByText('50 points').waitFor();
      const question = page.getByRole('dialog', { name: 'Discard the drawing of 50 points?' });
      await page.keyboard.press('Escape');
      await question.getByRole('button', { name: 'Keep it' }).click();
      await question.waitFor({ state: 'detached' });
      expect(await pad.getAttribute('aria-label')).toContain('50 points');
      await dialog.getByRole('button', { name: 'Close', exact: true }).click();
      await question.getByRole('button', { name: 'Discard' }).click();
      await dialog.waitFor({ state: 'detached' });
      // Nothing has been drawn, so the page does not ask for confirmation.
      await page.getByRole('button', { name: 'Draw your own' }).click();
      await dialog.waitFor();
      await page.keyboard.press('Escape');
      await dialog.waitFor({ state: 'detached' });
    }));

  it('a notice reports that the address contains only some points of a large drawing', () =>
    visit({ hash: TINY }, async ({ page }) => {
      await untilReady(page);
      await page.evaluate(() =>
        impflow.useDrawn(Float32Array.from({ length: 2 * 764 }, (_, i) => 3 * Math.sin(i * (i % 2 === 0 ? 1 : 1.7)))),
      );
      await untilTold(page, 'The address of the page holds 600 of your 764 points');
      await until(page, () => location.hash.includes('drawn='), undefined);
      const address = page.url();
      await visit({ hash: new URL(address).hash }, async ({ page: other }) => {
        await untilReady(other);
        expect(await other.evaluate(() => impflow.drawn.value!.length)).toBe(1200);
        expect(await notices(other)).toEqual([]);
      });
    }));
});

describe('a training after a reload', () => {
  it('after a reload a training continues at the step that it had reached', () =>
    visit({ hash: `${TINY}&data=rings`, provokes: [CUT_SHORT] }, async ({ page }) => {
      await untilReady(page);
      await trainTo(page, 60);
      const [{ step, losses }, before] = [await now(page), await scores(page)];
      await untilStored(page, step);
      await page.reload();
      await untilTold(page, /This tab continues where it stopped, at about step \d+\. Reset starts a new training\./);
      await untilReady(page);
      expect(await now(page)).toMatchObject({ step, losses });
      expect(await scores(page)).toEqual(before);
      await trainTo(page, step + 5);
      await press(page, 'Reset');
      await eventually(async () => (await now(page)).step).toBe(0);
    }));

  it('a training on a table continues after a reload; if the tab opens another address, Undo restores the training', () =>
    visit({ hash: TINY, provokes: [CUT_SHORT] }, async ({ page, address }) => {
      await untilReady(page);
      const table = ['a,b', ...Array.from({ length: 80 }, (_, i) => `${Math.sin(i)},${Math.cos(1.7 * i)}`)].join('\n');
      await page.getByRole('button', { name: 'Open a table' }).click();
      await give(page.getByRole('button', { name: 'Choose a file…' }), 'pairs.csv', table);
      await (await onlyTwo(page)).click();
      await until(page, () => impflow.config.value.data.kind === 'table', undefined);
      await untilReady(page);
      await trainTo(page, 20);
      const { step } = await now(page);
      await untilStored(page, step);
      await until(page, () => location.hash.includes('file=pairs.csv'), undefined);
      await page.reload();
      await untilTold(page, 'This tab continues where it stopped');
      await untilReady(page);
      expect(await now(page)).toMatchObject({ step });
      await until(page, () => impflow.data.value !== undefined, undefined);
      expect(await page.evaluate(() => impflow.data.value!.columns)).toEqual(['a', 'b']);
      expect((await notices(page)).length).toBe(1);

      await page.goto(`${address}#blocks=2&hidden=8-8&batch=32`);
      await until(page, () => globalThis.impflow?.config.value.models[0]!.blocks === 2, undefined);
      await untilTold(page, /Undo restores the earlier training of this tab, \d+ steps\./);
      await untilReady(page);
      expect((await now(page)).step).toBe(0);
      await press(page, 'Undo');
      await until(page, () => impflow.config.value.data.kind === 'table', undefined);
      await untilStep(page, step);
    }));

  it('a new tab starts a training from initial weights', () =>
    visit({ hash: TINY }, async ({ page, address }) => {
      await untilReady(page);
      await trainTo(page, 20);
      await untilStored(page, (await now(page)).step);
      const other = await page.context().newPage();
      await other.goto(`${address}${TINY}`);
      await untilReady(other);
      expect(await now(other)).toMatchObject({ step: 0 });
      expect(await notices(other)).toEqual([]);
    }));
});

describe('a model from a file', () => {
  it('an opened model is shown with its training data; if the data are a table, a warning asks for the table', () =>
    visit({ hash: `${TINY}&data=rings` }, async ({ page }) => {
      await untilReady(page);
      await trainTo(page, 15);
      const rings = await saved(page, 'Save model');
      const table = ['a,b', ...Array.from({ length: 80 }, (_, i) => `${Math.sin(i)},${Math.cos(1.7 * i)}`)].join('\n');
      const openTable = async (): Promise<void> => {
        await page.getByRole('button', { name: 'Open a table' }).click();
        await give(page.getByRole('button', { name: 'Choose a file…' }), 'pairs.csv', table);
        await (await onlyTwo(page)).click();
        await until(page, () => impflow.config.value.data.kind === 'table', undefined);
        await untilReady(page);
      };
      await openTable();
      await trainTo(page, 20);
      const [pairs, { step }] = [await saved(page, 'Save model'), await now(page)];

      await visit({ hash: TINY }, async ({ page: other }) => {
        await untilReady(other);
        await openModel(other, 'rings.safetensors', rings.bytes);
        await untilTold(other, 'The page now shows the training data of rings.safetensors: rings.');
        await untilSeen(other);
        expect((await config(other)).data.name).toBe('rings');
        expect((await now(other)).step).toBeGreaterThanOrEqual(15);
        await openModel(other, 'pairs.safetensors', pairs.bytes);
        await untilTold(other, /pairs\.safetensors was trained on pairs\.csv \(a, b\), and is shown over rings/);
        expect((await config(other)).data.name).toBe('rings');
        // The training of the opened model continues only after its table is opened.
        await other.getByRole('button', { name: 'Open a table' }).click();
        await give(other.getByRole('button', { name: 'Choose a file…' }), 'pairs.csv', table);
        await (await onlyTwo(other)).click();
        await until(other, () => impflow.config.value.data.kind === 'table', undefined);
        await untilReady(other);
        expect((await now(other)).step).toBe(step);
      });
    }));
});

describe('without a network', () => {
  it('after a first visit, the whole page works without a network', () =>
    visit({ hash: TINY, provokes: [/ERR_INTERNET_DISCONNECTED/, CUT_SHORT] }, async ({ page }) => {
      await untilSeen(page);
      await eventually(() =>
        page.evaluate(async () => (await navigator.serviceWorker.getRegistration())?.active?.state),
      ).toBe('activated');
      await page.context().setOffline(true);
      await page.reload();
      await untilReady(page);
      expect(await page.evaluate(() => navigator.serviceWorker.controller !== null)).toBe(true);
      expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
      await trainTo(page, 10);
      // The following actions need files that this visit has not loaded yet: geographic data, backends, the reader of
      // tables.
      await choose(page, 'Points from', 'Zip codes of the United States');
      await until(page, () => impflow.data.value?.name === 'zipcodes', undefined);
      await untilReady(page);
      await choose(page, 'Computes on', 'Plain JavaScript');
      await until(page, () => impflow.runs.value[0]!.computing.value === 'plain JavaScript', undefined);
      await untilReady(page);
      await trainTo(page, 5);
      await page.getByRole('button', { name: 'Open a table' }).click();
      await give(
        page.getByRole('button', { name: 'Choose a file…' }),
        'pairs.csv',
        ['a,b', ...Array.from({ length: 80 }, (_, i) => `${Math.sin(i)},${Math.cos(1.7 * i)}`)].join('\n'),
      );
      await (await onlyTwo(page)).click();
      await until(page, () => impflow.config.value.data.kind === 'table', undefined);
      await hitTheWall(page);
      await page.getByText(/^Fitted in 500 steps/).waitFor({ timeout: 90_000 });
      expect((await notices(page)).filter((notice) => notice.startsWith('error'))).toEqual([]);
    }));
});

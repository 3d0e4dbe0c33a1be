// Tests of the address of the page, which stores the visitor's settings.
import type { Page } from 'playwright';
import { describe, expect, it } from 'vitest';
import { encodePoints } from '../../src/state/points-text.ts';
import {
  choose,
  config,
  eventually,
  notices,
  now,
  POINTS,
  press,
  type,
  until,
  untilReady,
  untilSeen,
  untilStep,
  untilTold,
} from './page-actions.ts';
import { useSite } from './site.ts';

const { visit } = useSite();

/** Console messages about requests that the browser aborts when it leaves the page. */
const CUT_SHORT = /^failed: .*ERR_ABORTED/;

const hash = (page: Page): Promise<string> => page.evaluate(() => location.hash);

/** Returns the display settings of the page, without the settings that depend on the scroll position. */
const viewOf = async (page: Page): Promise<Readonly<Record<string, unknown>>> => {
  const { solves: _solves, norms: _norms, ...chosen } = await page.evaluate(() => impflow.view.value);
  return chosen;
};

/** Reloads the page, and waits until a model can be trained. */
const reload = async (page: Page): Promise<void> => {
  await page.reload();
  await untilReady(page);
};

describe('the address', () => {
  it('the address contains every setting, so that a reload restores all settings', () =>
    visit({ hash: '#blocks=1&hidden=8-8&batch=16', provokes: [CUT_SHORT] }, async ({ page }) => {
      await untilReady(page);
      await choose(page, 'Points from', 'Four rings');
      await type(page, 'Noise', '0.05');
      await type(page, 'Rows', 500);
      await page.getByRole('radio', { name: 'Residual' }).check();
      await type(page, 'Blocks', 2);
      await type(page, 'Hidden widths', '10, 6, 4');
      await choose(page, 'Activation', 'elu');
      await type(page, 'Lipschitz coefficient', '0.9');
      await choose(page, 'Solver', 'Anderson');
      await type(page, 'Memory', 3);
      await choose(page, 'Log-determinant', 'Russian roulette');
      await choose(page, 'Number of random terms', 'poisson');
      await type(page, 'λ of the Poisson', '1.5');
      await type(page, 'Learning rate', '0.002');
      await type(page, 'Batch size', 24);
      await type(page, 'Seed', 7);
      await choose(page, 'Computes on', 'Plain JavaScript');
      await page.getByRole('radio', { name: 'Stretching' }).check();
      await page.getByRole('checkbox', { name: 'Data', exact: true }).uncheck();
      await page.getByRole('checkbox', { name: 'Samples', exact: true }).check();
      // The page applies changes in order, so all changes are applied when the last change is applied. The test chooses
      // the point last, because a change of the data removes the chosen point.
      await until(page, () => impflow.config.value.backend === 'cpu', undefined);
      await untilSeen(page);
      await page.getByRole('application').click();
      await page.getByText(/goes through the blocks/).waitFor();

      const [chosen, looked] = [await config(page), await viewOf(page)];
      expect(chosen).toMatchObject({
        data: { kind: 'toy', name: 'rings', noise: 0.05, size: 500 },
        seed: 7,
        learningRate: 0.002,
        batch: 24,
        backend: 'cpu',
        models: [
          {
            kind: 'residual',
            blocks: 2,
            hidden: [10, 6, 4],
            activation: 'elu',
            coeff: 0.9,
            solver: { name: 'anderson', options: { memory: 3 } },
            logDet: { name: 'roulette', options: { distribution: 'poisson', lambda: 1.5 } },
          },
        ],
      });
      expect(looked).toMatchObject({
        stage: 'logDet',
        showData: false,
        showSamples: true,
        point: [expect.any(Number), expect.any(Number)],
      });
      await eventually(() => hash(page)).toMatch(
        /^#data=rings&noise=0\.05&rows=500&model=residual&blocks=2&hidden=10-6-4&activation=elu&coeff=0\.9&.*seed=7.*&at=[-\d.]+,[-\d.]+$/,
      );

      const address = await hash(page);
      await reload(page);
      expect(await config(page)).toEqual(chosen);
      const { point, ...others } = await viewOf(page);
      const { point: before, ...othersBefore } = looked;
      expect(others).toEqual(othersBefore);
      (point as readonly number[]).forEach((x, i) => {
        expect(x).toBeCloseTo((before as readonly number[])[i]!, 4);
      });
      expect(await page.getByRole('textbox', { name: 'Memory' }).inputValue()).toBe('3');
      expect(await page.getByRole('textbox', { name: 'Hidden widths' }).inputValue()).toBe('10, 6, 4');
      expect(await page.getByRole('radio', { name: 'Residual' }).isChecked()).toBe(true);
      expect(await page.getByRole('combobox', { name: 'Points from' }).locator('option:checked').textContent()).toBe(
        'Four rings',
      );
      await page.getByText(/goes through the blocks/).waitFor();
      expect(await notices(page)).toEqual([]);
      await press(page, 'Step');
      await untilStep(page, 1);
      expect(await hash(page)).toBe(address);
    }));

  it('the address is written 300 ms after the last change, and is empty if all settings have their defaults', () =>
    visit(
      {
        before: (page) =>
          page.addInitScript(() => {
            const write = history.replaceState.bind(history);
            history.replaceState = (...args): void => {
              performance.mark('written');
              write(...args);
            };
          }),
      },
      async ({ page }) => {
        await untilReady(page);
        expect(await hash(page)).toBe('');
        await page.getByRole('button', { name: 'Expert view' }).click();
        await eventually(() => hash(page)).toBe('#view=expert');
        await page.evaluate(() => {
          performance.clearMarks();
          impflow.config.subscribe(() => {
            performance.mark('chosen');
          });
        });
        const slider = page.getByRole('slider', { name: 'Learning rate, slider' });
        await slider.scrollIntoViewIfNeeded();
        const { x, y, width, height } = (await slider.boundingBox())!;
        await page.mouse.move(x + width / 2, y + height / 2);
        await page.mouse.down();
        await page.mouse.move(x + width / 4, y + height / 2, { steps: 30 });
        await page.mouse.up();
        await until(page, () => location.hash === `#lr=${impflow.config.value.learningRate}`, undefined);
        const [chosen, written] = await page.evaluate(() =>
          ['chosen', 'written'].map((name) => performance.getEntriesByName(name).map(({ startTime }) => startTime)),
        );
        expect(chosen!.length).toBeGreaterThan(15);
        expect(written!.length).toBeLessThan(chosen!.length / 3);
        for (const at of written!) expect(at - Math.max(...chosen!.filter((time) => time < at))).toBeGreaterThan(290);
        await type(page, 'Learning rate', '0.005');
        await eventually(() => hash(page)).toBe('#view=expert');
        await page.getByRole('button', { name: 'Expert view' }).click();
        await eventually(() => hash(page)).toBe('');
      },
    ));

  it('if the address has invalid values, a notice names each invalid value, and the page uses the valid values', () =>
    visit(
      {
        hash:
          '#data=moon&blocks=1000&hidden=8-8&batch=many&solver=guess&color=red&at=here&model=transformer&noise=-1' +
          '&play=yes&backend=abacus&seed=3',
      },
      async ({ page }) => {
        await untilReady(page);
        for (const words of [
          /data must be one of moons, .*; it is “moon”/,
          /blocks must be a whole number from 1 to 32; it is “1000”/,
          /batch must be a whole number from 8 to 4096; it is “many”/,
          /solver is “guess”, which is not built in/,
          /a setting “color”, which this page does not have/,
          /at must be two numbers/,
          /model must be one of implicit, residual, monotone, coupling/,
          /noise must be a number from 0 to 1000/,
          /play must be 0 or 1/,
          /backend must be one of wasm/,
        ])
          await untilTold(page, words);
        expect((await notices(page)).filter((notice) => !notice.startsWith('warning: '))).toEqual([]);
        expect(await config(page)).toMatchObject({
          data: { kind: 'toy', name: 'moons', noise: 0 },
          models: [{ kind: 'implicit', blocks: 4, hidden: [8, 8] }],
          batch: 256,
          seed: 3,
          backend: 'wasm',
        });
        expect((await now(page)).playing).toBe(false);
        await press(page, 'Step');
        await untilStep(page, 1);
      },
    ));

  it('an address of random characters causes no error', () =>
    visit(
      {
        hash: '#%E0%A4%A&&==&drawn=%00&hidden=&model2=&data=drawn&at=,&__proto__=1&toString=2&rows=1e999&seed=%E0%A4%A&blocks=2',
      },
      async ({ page }) => {
        await untilReady(page);
        expect(await config(page)).toMatchObject({
          data: { kind: 'toy', name: 'moons', size: 0 },
          seed: 0,
          models: [{ blocks: 2, hidden: [64, 64] }, { kind: 'implicit' }],
        });
        await untilTold(page, /The drawing in the address is damaged: draw again/);
        await press(page, 'Step');
        await untilStep(page, 1);
      },
    ));

  it('an address can set two models; without widths for the second, both get nearly equal numbers of parameters', () =>
    visit(
      {
        hash: '#model=implicit&blocks=2&hidden=16-16&batch=32&model2=residual&blocks2=1&activation2=elu',
        provokes: [CUT_SHORT],
      },
      async ({ page }) => {
        await untilReady(page, 0);
        await untilReady(page, 1);
        const { models, equalParameters } = await config(page);
        expect(models).toMatchObject([
          { kind: 'implicit', blocks: 2, hidden: [16, 16] },
          { kind: 'residual', blocks: 1, activation: 'elu' },
        ]);
        expect(equalParameters).toBe(true);
        const [first, second] = [await now(page, 0), await now(page, 1)];
        expect(Math.abs(second.parameters / first.parameters - 1)).toBeLessThan(0.02);
        expect(await page.getByRole('article').count()).toBe(2);
        const before = await config(page);
        await press(page, 'Step');
        await untilStep(page, 1, 0);
        await untilStep(page, 1, 1);
        await page.getByRole('radio', { name: 'Warped grid' }).check();
        await eventually(() => hash(page)).toContain('show=warp');
        await reload(page);
        await untilReady(page, 1);
        expect(await config(page)).toEqual(before);
      },
    ));

  it('an address with `play` starts the training of two models and shows the path of a point', () =>
    visit(
      { hash: '#blocks=1&hidden=8-8&batch=16&model2=coupling&blocks2=3&hidden2=10-10&equal=0&play=1&at=0.5,-1' },
      async ({ page }) => {
        await untilStep(page, 3, 0);
        await untilStep(page, 3, 1);
        expect(await config(page)).toMatchObject({
          equalParameters: false,
          models: [
            { kind: 'implicit', hidden: [8, 8] },
            { kind: 'coupling', blocks: 3, hidden: [10, 10] },
          ],
        });
        expect((await now(page)).playing).toBe(true);
        await until(
          page,
          () => impflow.runs.value.every(({ path }) => path.value?.point[0] === 0.5 && path.value.point[1] === -1),
          undefined,
        );
        await press(page, 'Pause');
        await untilSeen(page, 0);
        await untilSeen(page, 1);
      },
    ));

  it('the address contains the points of a drawing, so that a reload restores the drawing', () =>
    visit(
      {
        hash: `#data=drawn&drawn=${encodePoints(Float32Array.from(POINTS.slice(0, 200)))}&blocks=1&hidden=8-8&batch=16`,
        provokes: [CUT_SHORT],
      },
      async ({ page }) => {
        await untilReady(page);
        const drawn = (): Promise<readonly number[]> => page.evaluate(() => Array.from(impflow.drawn.value!));
        expect((await config(page)).data).toMatchObject({ kind: 'drawn' });
        const points = await drawn();
        expect(points.length).toBe(200);
        points.forEach((x, i) => {
          expect(Math.abs(x - POINTS[i]!)).toBeLessThan(0.01);
        });
        expect(await page.getByRole('combobox', { name: 'Points from' }).locator('option:checked').textContent()).toBe(
          'Your drawing',
        );
        await press(page, 'Step');
        await untilStep(page, 1);

        await page.getByRole('button', { name: 'Draw your own' }).click();
        await page.getByRole('application', { name: /Drawing pad/ }).focus();
        for (const key of ['Enter', 'Shift+ArrowRight', 'Enter', 'Shift+ArrowUp', 'Enter'])
          await page.keyboard.press(key);
        await page.getByRole('button', { name: 'Use these points' }).click();
        await until(page, () => impflow.drawn.value?.length === 150, undefined);
        await untilReady(page);
        const made = await drawn();
        await eventually(() => hash(page)).toContain(encodePoints(Float32Array.from(made)));
        await reload(page);
        const again = await drawn();
        expect(again.length).toBe(150);
        again.forEach((x, i) => {
          expect(Math.abs(x - made[i]!)).toBeLessThan(0.01);
        });
        expect(await notices(page)).toEqual([]);
      },
    ));

  it('editing the address of the open page changes the settings; following a link to an anchor keeps the settings', () =>
    visit({ hash: '#blocks=1&hidden=8-8&batch=16', provokes: [CUT_SHORT] }, async ({ page, address }) => {
      await untilReady(page);
      await press(page, 'Step');
      await untilStep(page, 1);
      await page.evaluate(() => {
        location.hash = '#about-title';
      });
      await press(page, 'Step');
      await untilStep(page, 2);
      await page.evaluate(() => {
        location.hash = '#data=circles&blocks=2&hidden=8-8&batch=16';
      });
      await until(page, () => globalThis.impflow?.config.value.data.name === 'circles', undefined);
      await untilSeen(page);
      expect(await now(page)).toMatchObject({ step: 0 });
      expect((await config(page)).models[0]).toMatchObject({ blocks: 2 });
      // Changes the address of the open page, like an edit in the address bar.
      await page.goto(`${address}#data=8gaussians&blocks=1&hidden=8-8&batch=16`);
      await until(page, () => globalThis.impflow?.config.value.data.name === '8gaussians', undefined);
      await untilSeen(page);
      await eventually(() => page.getByRole('application').getAttribute('aria-label')).toContain('8gaussians');
    }));
});

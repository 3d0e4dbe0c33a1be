// Tests of the page's controls for training.
import type { Page } from 'playwright';
import { describe, expect, it } from 'vitest';
import {
  config,
  distance,
  eventually,
  now,
  PATIENCE_MS,
  press,
  STILL,
  scores,
  stepShown,
  trainTo,
  type,
  until,
  untilReady,
  untilSeen,
  untilStep,
  untilTold,
} from './page-actions.ts';
import { useSite } from './site.ts';

const { visit } = useSite();

/** Address with a model that is so small that its steps take almost no time. */
const TINY = '#blocks=2&hidden=16-16&batch=64&steps=0';

describe('controls of training', () => {
  it('training brings the loss of two moons (entropy 2.394 nats) below 2.5 nats within 400 steps', () =>
    visit({ hash: STILL }, async ({ page }) => {
      await untilSeen(page);
      const before = await page.evaluate(() => Array.from(impflow.runs.value[0]!.map.value!.values));
      await press(page, 'Play');
      // At a constant learning rate, the held-out loss swings by 0.05 nats from step to step, so the test waits until
      // one held-out loss is below the limit.
      await until(
        page,
        (nats) => {
          const { step, history } = impflow.runs.value[0]!;
          return step.value >= 400 || history.value.heldOut.some((result) => result.nats < nats);
        },
        2.5,
        4 * PATIENCE_MS,
      );
      await press(page, 'Pause');
      await untilSeen(page);
      const { step, losses } = await now(page);
      expect(losses[0]).toBeGreaterThan(3.5);
      // While training is paused, all pictures and numbers of the page belong to the current weights.
      await until(page, (wanted) => impflow.runs.value[0]!.history.value.heldOut.at(-1)?.step === wanted, step);
      const heldOut = await page.evaluate(() => impflow.runs.value[0]!.history.value.heldOut);
      const below = heldOut.find(({ nats }) => nats < 2.5);
      expect(
        below,
        `held-out losses: ${heldOut.map((result) => `${result.step} ${result.nats}`).join(', ')}`,
      ).toBeDefined();
      expect(below!.step).toBeLessThan(400);
      expect(await stepShown(page)).toBe(String(step));
      expect(await page.evaluate(() => Array.from(impflow.runs.value[0]!.map.value!.values))).not.toEqual(before);
      await eventually(() =>
        page.getByRole('img', { name: /^Model implicit: training loss/ }).getAttribute('aria-label'),
      ).toMatch(/held out 2\.[45]\d+ ± 0\.\d+/);
      expect((await now(page)).heldOut).toBeLessThan(2.6);
    }));

  it('training stops after Pause, and makes exactly one step for each press of Step', () =>
    visit({ hash: TINY }, async ({ page }) => {
      await untilReady(page);
      await trainTo(page, 20);
      const { step } = await now(page);
      const weights = await scores(page);
      // If training had not stopped, it would make about a hundred steps in this time.
      await page.evaluate(
        () =>
          new Promise((resolve) => {
            setTimeout(resolve, 600);
          }),
      );
      expect((await now(page)).step).toBe(step);
      expect(await scores(page)).toEqual(weights);
      for (const made of [1, 2, 3]) {
        await press(page, 'Step');
        await untilStep(page, step + made);
        expect(await now(page)).toMatchObject({ step: step + made, playing: false });
      }
      expect(distance(await scores(page), weights)).toBeGreaterThan(0);
      await eventually(() => stepShown(page)).toBe(String(step + 3));
    }));

  it('in slow motion training waits between steps; slow motion can be turned on and off during training', () =>
    visit({ hash: TINY }, async ({ page }) => {
      await untilReady(page);
      await press(page, 'Play');
      await untilStep(page, 5);
      await press(page, 'Slow');
      expect(await page.getByRole('button', { name: 'Slow', exact: true }).getAttribute('aria-pressed')).toBe('true');
      const { times, steps } = await page.evaluate(
        () =>
          new Promise<{ times: number[]; steps: number[] }>((resolve) => {
            const seen: { times: number[]; steps: number[] } = { times: [], steps: [] };
            const stop = impflow.runs.value[0]!.step.subscribe((step) => {
              seen.times.push(performance.now());
              seen.steps.push(step);
              if (seen.steps.length === 5)
                setTimeout(() => {
                  stop();
                  resolve(seen);
                });
            });
          }),
      );
      // The first step may have started before slow motion was turned on.
      expect(steps.slice(2)).toEqual([1, 2, 3].map((more) => steps[1]! + more));
      expect(times[4]! - times[2]!).toBeGreaterThan(600);
      await press(page, 'Slow');
      await untilStep(page, steps[4]! + 50);
    }));

  it('Reset restarts training from the same initial weights, and Undo restores the trained model', () =>
    visit({ hash: TINY }, async ({ page }) => {
      await untilReady(page);
      const undo = page.getByRole('button', { name: 'Undo' });
      expect(await undo.isDisabled()).toBe(true);
      const first = await scores(page);
      await trainTo(page, 60);
      const [trained, { step, losses }] = [await scores(page), await now(page)];
      expect(distance(trained, first)).toBeGreaterThan(0.1);

      await press(page, 'Reset');
      await until(
        page,
        () =>
          impflow.canUndo.value &&
          impflow.runs.value[0]!.status.value === 'paused' &&
          impflow.runs.value[0]!.step.value === 0,
        undefined,
      );
      expect(await scores(page)).toEqual(first);
      expect((await now(page)).losses).toEqual([]);
      expect(await stepShown(page)).toBe('0');

      await press(page, 'Undo');
      await untilStep(page, step);
      await untilReady(page);
      expect(distance(await scores(page), trained)).toBeLessThan(1e-6);
      await eventually(async () => (await now(page)).losses).toEqual(losses);
      expect(await undo.isDisabled()).toBe(true);
      await trainTo(page, step + 10);
    }));

  it('training continues without a restart if the visitor changes the learning rate or the batch size', () =>
    visit({ hash: TINY }, async ({ page }) => {
      await untilReady(page);
      await press(page, 'Play');
      await untilStep(page, 10);
      await type(page, 'Learning rate', '1e-6');
      await type(page, 'Batch size', 128);
      await until(
        page,
        () => impflow.config.value.learningRate === 1e-6 && impflow.config.value.batch === 128,
        undefined,
      );
      const { step } = await now(page);
      expect(step).toBeGreaterThanOrEqual(10);
      await untilStep(page, step + 10);
      await press(page, 'Pause');
      await untilReady(page);
      // At the low learning rate a step changes the log-densities little. At the higher rate a step changes the
      // log-densities much.
      const change = async (): Promise<number> => {
        const { step: done } = await now(page);
        const before = await scores(page);
        await press(page, 'Step');
        await untilStep(page, done + 1);
        return distance(await scores(page), before);
      };
      const little = await change();
      const slider = page.getByRole('slider', { name: 'Learning rate, slider' });
      await slider.focus();
      await slider.press('End');
      await until(page, () => impflow.config.value.learningRate === 0.1, undefined);
      const much = await change();
      expect(little).toBeLessThan(1e-3);
      expect(much).toBeGreaterThan(100 * little);
      expect((await config(page)).seed).toBe(0);
      expect(await page.evaluate(() => impflow.canUndo.value)).toBe(false);
    }));

  it('a training that diverges is reported, and continues from good weights at a lower learning rate', () =>
    visit({ hash: '#model=coupling&blocks=12&batch=64' }, async ({ page }) => {
      await untilReady(page);
      await press(page, 'Play');
      await untilStep(page, 10);
      await type(page, 'Learning rate', 1);
      await untilTold(page, /The loss of step \d+ .*lower the learning rate, then continue/);
      await untilReady(page);
      expect((await now(page)).playing).toBe(false);
      expect(await page.getByRole('button', { name: 'Play', exact: true }).isVisible()).toBe(true);
      const { step } = await now(page);
      expect((await scores(page)).every(Number.isFinite)).toBe(true);
      await type(page, 'Learning rate', 0.001);
      await press(page, 'Play');
      await untilStep(page, step + 30);
      const { losses } = await now(page);
      // The restored weights result from some steps of learning rate 1, so the loss of the restored weights is not
      // small.
      expect(losses.at(-1)).toBeLessThan(100);
      await page.getByRole('button', { name: 'Dismiss' }).first().click();
      expect(await page.evaluate(() => impflow.notices.value.length)).toBe(0);
    }));

  it('an invalid number in a field does not affect training; the field keeps the text and shows the error', () =>
    visit({ hash: TINY }, async ({ page }) => {
      await untilReady(page);
      const before = await config(page);
      await type(page, 'Batch size', 'many');
      await page.getByRole('alert').getByText('Batch size must be a whole number from 8 to 4096').waitFor();
      await type(page, 'Blocks', 0);
      await page.getByRole('alert').getByText('Blocks must be a whole number from 1 to 32').waitFor();
      await type(page, 'Hidden widths', '64, wide');
      await page.getByRole('alert').getByText('Hidden widths must').waitFor();
      expect((await config(page)).batch).toBe(before.batch);
      expect((await config(page)).models[0]!.blocks).toBe(2);
      await page.getByRole('textbox', { name: 'Batch size' }).press('Escape');
      expect(await page.getByRole('textbox', { name: 'Batch size' }).inputValue()).toBe('64');
    }));
});

describe('keyboard shortcuts', () => {
  const stage = (page: Page): Promise<string> => page.evaluate(() => impflow.view.value.stage);

  it('keys start and pause training, make a step, reset, undo, and choose the kind of picture', () =>
    visit({ hash: TINY }, async ({ page }) => {
      await untilReady(page);
      await page.keyboard.press('s');
      await untilStep(page, 1);
      await page.keyboard.press('Space');
      await untilStep(page, 20);
      await page.keyboard.press('Space');
      await untilReady(page);
      const { step } = await now(page);
      for (const [key, shown, name] of [
        ['2', 'logDet', 'Stretching'],
        ['3', 'steps', 'Solver steps'],
        ['4', 'warp', 'Warped grid'],
        ['1', 'density', 'Density'],
      ] as const) {
        await page.keyboard.press(key);
        expect(await stage(page)).toBe(shown);
        expect(await page.getByRole('radio', { name, exact: true }).isChecked()).toBe(true);
      }
      await page.keyboard.press('r');
      await until(page, () => impflow.canUndo.value && impflow.runs.value[0]!.step.value === 0, undefined);
      await untilReady(page);
      await page.keyboard.press('u');
      await untilStep(page, step);
      await page.keyboard.press('m');
      expect(await page.getByRole('button', { name: 'Slow', exact: true }).getAttribute('aria-pressed')).toBe('true');
    }));

  it('shortcuts have no effect while the visitor types, in dialogs, with Control pressed, or if they are turned off', () =>
    visit({ hash: TINY }, async ({ page }) => {
      await untilReady(page);
      const idle = async (): Promise<void> => {
        // When this call returns, the page has completed all actions that were requested earlier.
        await scores(page);
        expect(await now(page)).toMatchObject({ step: 0, playing: false });
        expect(await stage(page)).toBe('density');
      };
      const field = page.getByRole('textbox', { name: 'Seed' });
      await field.focus();
      await page.keyboard.press('End');
      for (const key of ['Space', 's', 'r', '2', '4', '?']) await page.keyboard.press(key);
      expect(await field.inputValue()).toBe('0 sr24?');
      await idle();
      await page.keyboard.press('Escape');
      // Typing a letter would select an entry of the list. No entry of the list contains the typed characters.
      await page.getByRole('combobox', { name: 'Points from' }).focus();
      for (const key of ['2', '?']) await page.keyboard.press(key);
      await page.getByRole('slider', { name: 'Learning rate, slider' }).focus();
      for (const key of ['s', 'r', '2', '?']) await page.keyboard.press(key);
      await idle();
      await page.getByRole('button', { name: 'Help' }).focus();
      await page.keyboard.press('Control+s');
      await page.keyboard.press('?');
      const help = page.getByRole('dialog', { name: 'Help' });
      await help.waitFor();
      await page.keyboard.press('s');
      await idle();
      await help.getByRole('checkbox', { name: 'Use these keys' }).uncheck();
      await page.keyboard.press('Escape');
      await help.waitFor({ state: 'detached' });
      // The focus has returned to the Help button.
      expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Help');
      await page.keyboard.press('s');
      await idle();
    }));

  it('arrow keys move a cross-hair over the picture, and Enter shows the path of the point under the cross-hair', () =>
    visit({ hash: TINY }, async ({ page }) => {
      await untilSeen(page);
      await page.getByRole('application').focus();
      await page.keyboard.press('ArrowRight');
      await page.keyboard.press('Shift+ArrowUp');
      await page.keyboard.press('Enter');
      await page.getByText(/The point \(0\.160, 0\.800\) goes through the blocks/).waitFor();
      await until(page, () => impflow.runs.value[0]!.path.value !== undefined, undefined);
      expect(await page.evaluate(() => impflow.runs.value[0]!.path.value!.error)).toBeLessThan(1e-4);
      await page.keyboard.press('Escape');
      await page.getByText(/goes through the blocks/).waitFor({ state: 'detached' });
    }));
});

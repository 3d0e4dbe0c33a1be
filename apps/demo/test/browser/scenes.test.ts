// Tests of the parts of the page for first visitors: one-click scenes, the simple view, and races of
// two models.
import type { Page } from 'playwright';
import { describe, expect, it } from 'vitest';
import {
  choose,
  config,
  eventually,
  now,
  press,
  STILL,
  until,
  untilReady,
  untilSeen,
  untilStep,
} from './page-actions.ts';
import { useSite } from './site.ts';

const { visit } = useSite();
const TINY = '#blocks=1&hidden=8-8';

const scene = (page: Page, name: string): Promise<void> =>
  page.getByRole('navigation', { name: 'Scenes' }).getByRole('link', { name }).click();

describe('scenes of the page', () => {
  it('a click opens a scene and changes the address, and Undo restores the earlier state', () =>
    visit({ hash: STILL }, async ({ page }) => {
      await untilSeen(page);
      await press(page, 'Play');
      await untilStep(page, 30);
      await press(page, 'Pause');
      await untilReady(page);
      const { step } = await now(page);
      await scene(page, 'Watch the solver');
      await until(page, () => impflow.view.value.stage === 'steps' && impflow.playing.value, undefined);
      await eventually(() => page.evaluate(() => location.hash)).toContain('data=pinwheel');
      await untilStep(page, 5);
      await press(page, 'Undo');
      await untilStep(page, step);

      await scene(page, 'Draw a heart');
      await until(page, () => impflow.config.value.data.kind === 'drawn', undefined);
      await untilStep(page, 5);
      await eventually(() => page.evaluate(() => location.hash)).toContain('drawn=');
      await scene(page, 'Watch the solver');
      await until(page, () => impflow.view.value.stage === 'steps', undefined);
      await page.getByRole('heading', { name: 'How the solver gets there' }).waitFor();
      await page.getByText('Watch the solver. Each block solves an equation').waitFor();
      await scene(page, 'Race: earthquakes');
      await page.getByText('Race: earthquakes. The data lie on thin lines.').waitFor();
      expect(await page.locator('.scenes [aria-current]').allTextContents()).toEqual(['Race: earthquakes']);
      expect(await page.getByRole('checkbox', { name: 'Log colors' }).isChecked()).toBe(true);
      await until(page, () => impflow.runs.value.length === 2 && impflow.runs.value[1]!.step.value > 3, undefined);
      await page.getByText(/s of computing; B \(residual\):/).waitFor();
      await scene(page, 'Your table');
      await page.getByRole('dialog', { name: 'Open a table' }).waitFor();
      expect((await config(page)).data.name).toBe('earthquakes');
    }));

  it('on a phone, opening a scene brings the picture into view', () =>
    visit({ hash: STILL, context: { viewport: { width: 390, height: 844 }, hasTouch: true } }, async ({ page }) => {
      await untilSeen(page);
      await scene(page, 'Watch the solver');
      await until(page, () => impflow.view.value.stage === 'steps', undefined);
      await eventually(() =>
        page.evaluate(() => {
          const { top, bottom } = document.querySelector('.pictures')!.getBoundingClientRect();
          return top > 0 && bottom < innerHeight;
        }),
      ).toBe(true);
      expect((await config(page)).data.name).toBe('pinwheel');
    }));

  it('a click on the picture of a data set chooses the data set', () =>
    visit({ hash: TINY }, async ({ page }) => {
      await untilReady(page);
      const rings = page.getByRole('button', { name: 'Four rings' });
      await rings.click();
      await until(page, () => impflow.data.value?.name === 'rings', undefined);
      await eventually(() => rings.getAttribute('aria-pressed')).toBe('true');
      await choose(page, 'Points from', 'Pinwheel');
      await eventually(() => rings.getAttribute('aria-pressed')).toBe('false');
      await until(page, () => impflow.data.value?.name === 'pinwheel', undefined);
      expect((await config(page)).data.name).toBe('pinwheel');
    }));
});

describe('the simple view', () => {
  it('the simple view hides settings that the expert view shows, and the address stores the chosen view', () =>
    visit({ hash: TINY }, async ({ page }) => {
      await untilSeen(page);
      const theory = ['Activation', 'Solver', 'Log-determinant'];
      const seen = async (): Promise<number> => {
        let count = 0;
        for (const label of theory) count += await page.getByLabel(label, { exact: true }).count();
        return count + (await page.getByRole('heading', { name: 'Lipschitz norms and their caps' }).count());
      };
      expect(await seen()).toBe(0);
      await page.getByRole('button', { name: 'Expert view' }).click();
      await eventually(seen).toBe(theory.length + 1);
      await eventually(() => page.evaluate(() => location.hash)).toContain('view=expert');
      await page.reload();
      await untilReady(page);
      expect(await seen()).toBe(theory.length + 1);
      // An address that sets a solver opens the expert view.
      await visit({ hash: `${TINY}&solver=newton` }, async ({ page: other }) => {
        await untilReady(other);
        await other.getByRole('heading', { name: 'Lipschitz norms and their caps' }).waitFor();
      });
    }));
});

describe('the panel that shows the inside of a block', () => {
  it('the numbers shown for a block satisfy its equation; slow motion highlights the numbers one by one', () =>
    visit({ hash: '#blocks=2&hidden=8-8', context: { viewport: { width: 1440, height: 1600 } } }, async ({ page }) => {
      await untilReady(page);
      await press(page, 'Play');
      await untilStep(page, 40);
      await press(page, 'Pause');
      await untilReady(page);
      await until(
        page,
        () => impflow.runs.value[0]!.block.value?.step === impflow.runs.value[0]!.step.value,
        undefined,
      );
      const seen = await page.evaluate(() => impflow.runs.value[0]!.block.value!);
      for (const axis of [0, 1])
        expect(seen.z[axis]! + seen.gz!.value[axis]!).toBeCloseTo(seen.x[axis]! + seen.gx.value[axis]!, 3);
      await page.getByText('implicit block 1 of 2').waitFor();
      await page.getByRole('button', { name: 'Next block' }).click();
      await page.getByText('implicit block 2 of 2').waitFor();
      await page.getByRole('button', { name: 'Slow motion' }).click();
      for (const part of [0, 3, 5])
        await page.locator(`.block-parts li:nth-child(${part + 1})[data-now="true"]`).waitFor();
      await page.getByRole('button', { name: 'Slow motion' }).waitFor();
      // A part of the block diagram links to the panel with details of this part.
      await page.getByTitle('Opens “How the solver gets there”').click();
      await page.getByRole('heading', { name: 'How the solver gets there' }).waitFor();
      expect(await page.evaluate(() => impflow.view.value.level)).toBe('expert');
    }));
});

describe('a race of two models', () => {
  const steps = (page: Page): Promise<readonly number[]> =>
    page.evaluate(() => impflow.runs.value.map(({ step }) => step.value));

  it('a race by steps gives both models equal numbers of steps; a race by seconds gives both equal computing time', () =>
    visit({ hash: `${TINY}&model2=residual&race=steps&steps=0` }, async ({ page }) => {
      await untilReady(page, 1);
      await press(page, 'Play');
      await untilStep(page, 40, 1);
      for (let look = 0; look < 10; look++) {
        const [a, b] = (await steps(page)) as [number, number];
        expect(Math.abs(a - b)).toBeLessThanOrEqual(1);
      }
      await press(page, 'Pause');
      await untilReady(page);
      await untilReady(page, 1);
      await page.getByRole('radio', { name: 'Equal seconds' }).check();
      await press(page, 'Reset');
      await until(page, () => impflow.runs.value.every(({ seconds }) => seconds.value === 0), undefined);
      await press(page, 'Play');
      // The model with less computing time makes the next step, so the times differ by at most the duration of a step.
      const { difference, longest } = await page.evaluate(async () => {
        const times = (): number[] => impflow.runs.value.map(({ seconds }) => seconds.value);
        const found = { difference: 0, longest: 0 };
        for (let before = times(); before.some((seconds) => seconds < 0.5);) {
          await new Promise((resolve) => {
            requestAnimationFrame(resolve);
          });
          const now = times();
          found.longest = Math.max(found.longest, ...now.map((seconds, slot) => seconds - before[slot]!));
          found.difference = Math.max(found.difference, Math.abs(now[0]! - now[1]!));
          before = now;
        }
        return found;
      });
      expect(longest).toBeGreaterThan(0);
      expect(difference).toBeLessThanOrEqual(longest + 1e-9);
      await page.getByText(/^(Level: their losses on the same|[AB] is ahead: its loss)/).waitFor();
      await press(page, 'Pause');
      await untilReady(page);
      const before = await steps(page);
      await page.getByRole('radio', { name: 'Free' }).check();
      await press(page, 'Play');
      await untilStep(page, before[0]! + 10);
      await untilStep(page, before[1]! + 10, 1);
      expect((await config(page)).race).toBe('free');
    }));

  it('a race says what to expect and when; it ends, and its headline and its table show the same numbers', () =>
    visit(
      { hash: `${TINY}&data=earthquakes&batch=64&model2=residual&race=seconds&steps=130&view=simple` },
      async ({ page }) => {
        await untilReady(page, 1);
        await page
          .getByText(/the implicit model ended ahead by [\d.]+ nats .* the band in the chart of losses/)
          .waitFor();
        await page.getByText('Neither model has learned anything yet.').waitFor();
        await page.getByText('where the study expects the final leader to take the lead').waitFor();
        await page.getByText('Train the model to see what happens to a point inside a block.').waitFor();
        await page.getByRole('radio', { name: 'Equal steps' }).check();
        await page.getByText('There both models computed for equal times.').waitFor();
        await press(page, 'Play');
        await until(page, () => impflow.runs.value.every(({ ended }) => ended.value), undefined);
        await until(page, () => !impflow.playing.value, undefined);
        expect(await steps(page)).toEqual([130, 130]);
        await page.getByText('Trained', { exact: true }).first().waitFor();
        await untilSeen(page, 0);
        await untilSeen(page, 1);
        // The last pictures are finer and show more points, so the numbers may change until the pictures are finest.
        const shown = (): Promise<readonly [string, readonly string[]]> =>
          page.evaluate(() => [
            document.querySelector('.race-score strong')!.textContent!,
            [...document.querySelectorAll('.numbers tbody tr')].map((row) => row.children[2]!.textContent!),
          ]);
        await eventually(async () => (await shown())[0]).toMatch(/on the same 168 new points/);
        const [headline, cells] = await shown();
        const [, lead] = /by (\d+\.\d+) ± \d+\.\d+/.exec(headline)!;
        const [a, b] = cells.map((cell) => Number(/^(\S+) ±/.exec(cell)![1]!.replace('−', '-')));
        expect(Math.abs(Math.abs(a! - b!) - Number(lead))).toBeLessThan(0.0016);
        expect(headline).toMatch(a! < b! ? /^(A is ahead|Level)/ : /^(B is ahead|Level)/);
        // After the end the visitor can continue.
        await press(page, 'Play');
        await untilStep(page, 132, 1);
      },
    ));

  it('in a race, the pictures of both models use the same color scale', () =>
    visit({ hash: `${TINY}&data=rings&model2=residual&race=steps&play=1` }, async ({ page }) => {
      await untilStep(page, 60, 1);
      await press(page, 'Pause');
      await untilSeen(page, 0);
      await untilSeen(page, 1);
      const highs = await page.evaluate(() => impflow.runs.value.map(({ map }) => map.value!.high));
      expect(highs[0]).not.toBe(highs[1]);
      // The ends of both color bars have the same color in the pixels of the pictures.
      const bars = await page.evaluate(() =>
        [...document.querySelectorAll<HTMLCanvasElement>('.stage-layer:first-child')].map((canvas) => {
          const { data } = canvas
            .getContext('2d')!
            .getImageData(canvas.width - 70, 0, 70, Math.round((26 * canvas.width) / canvas.clientWidth));
          return Array.from(data).join(' ');
        }),
      );
      expect(bars[0]).toBe(bars[1]);
    }));
});

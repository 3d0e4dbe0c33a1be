// Tests of the picture that shows the data plane and the base plane side by side.
import type { Page } from 'playwright';
import { describe, expect, it } from 'vitest';
import { saved } from './files.ts';
import { eventually, trainTo, until, untilReady } from './page-actions.ts';
import { useSite } from './site.ts';

const { visit } = useSite();
const SMALL = '#blocks=3&hidden=32-32&show=planes&view=expert';

const moments = (page: Page, which: 'dots' | 'samples', stage: number): Promise<readonly number[]> =>
  page.evaluate(
    ([name, at]) => {
      const all = impflow.runs.value[0]!.warp.value![name];
      const points = all.at(at)!;
      const n = points.length / 2;
      return [0, 1].flatMap((axis) => {
        const values = Array.from({ length: n }, (_, i) => points[2 * i + axis]!);
        const mean = values.reduce((sum, x) => sum + x, 0) / n;
        return [mean, values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / n];
      });
    },
    [which, stage] as const,
  );

describe('the picture of two planes, data and base', () => {
  it('the right plane shows data mapped to base space; the left plane shows base draws mapped to data space', () =>
    visit({ hash: SMALL }, async ({ page }) => {
      await untilReady(page);
      await trainTo(page, 250);
      await until(page, () => impflow.runs.value[0]!.warp.value?.step === impflow.runs.value[0]!.step.value, undefined);
      const base = await moments(page, 'dots', -1);
      for (const [i, value] of base.entries()) expect(Math.abs(value - (i % 2))).toBeLessThan(0.35);
      const [data, samples] = [await moments(page, 'dots', 0), await moments(page, 'samples', 0)];
      data.forEach((value, i) => expect(Math.abs(value - samples[i]!)).toBeLessThan(0.6));
      const planes = page.getByRole('application');
      expect(await planes.count()).toBe(2);
      await eventually(() => planes.first().getAttribute('aria-label')).toMatch(
        /^Two planes after \d+ steps: at the left moons, at the right the same points after 3 of 3 blocks/,
      );
      const slider = page.getByRole('slider', { name: 'Blocks passed' });
      await slider.press('Home');
      await eventually(() => planes.last().getAttribute('aria-label')).toContain('after 0 of 3 blocks');
      await page.getByRole('button', { name: 'Gaussian → samples' }).click();
      await page.getByText('3 of 3 blocks back').waitFor();
      await eventually(() => planes.last().getAttribute('aria-label')).toContain('after 3 of 3 blocks backwards');
      const picture = await saved(page, 'Save picture');
      expect(picture.name).toBe('impflow-planes.png');
      expect(picture.bytes.length).toBeGreaterThan(20_000);
    }));

  it('the page describes the grid cell under the mouse or the cross-hair; a click shows the path of a point', () =>
    visit({ hash: SMALL }, async ({ page }) => {
      await untilReady(page);
      await trainTo(page, 150);
      const [left, right] = [page.getByRole('application').first(), page.getByRole('application').last()];
      const middle = async (plane: typeof left): Promise<{ readonly x: number; readonly y: number }> => {
        const box = (await plane.boundingBox())!;
        return { x: box.width / 2, y: box.height / 2 };
      };
      const told = page.getByText(
        /^This cell holds .* of the data\. The blocks make it .* the Gaussian there holds .*%\.$/,
      );
      for (const plane of [left, right]) {
        await plane.hover({ position: await middle(plane) });
        await told.waitFor();
        await page.mouse.move(5, 5);
        await told.waitFor({ state: 'detached' });
      }
      await right.focus();
      await page.keyboard.press('ArrowLeft');
      const first = await told.textContent();
      await page.keyboard.press('ArrowUp');
      await page.keyboard.press('ArrowUp');
      await eventually(() => told.textContent()).not.toBe(first);
      await left.click({ position: await middle(left) });
      await page.getByText(/^The point \(.*\) goes through the blocks to/).waitFor();
      expect(await page.evaluate(() => impflow.view.value.point)).toHaveLength(2);
    }));
});

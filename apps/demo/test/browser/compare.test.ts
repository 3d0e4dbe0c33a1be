// Tests of two models side by side, and of the experiment with one block of each kind.
import type { Locator, Page } from 'playwright';
import { describe, expect, it } from 'vitest';
import {
  config,
  eventually,
  hitTheWall,
  now,
  press,
  scores,
  type,
  until,
  untilReady,
  untilSeen,
  untilStep,
  workersOf,
} from './page-actions.ts';
import { useSite } from './site.ts';

const { visit } = useSite();

describe('comparing two models', () => {
  it('two models with equal numbers of parameters train side by side; removing the second does not stop the first', () =>
    visit({ hash: '#blocks=2&hidden=24-24&batch=64' }, async ({ page }) => {
      await untilReady(page);
      await press(page, 'Step');
      await untilStep(page, 1);
      const learned = await scores(page);
      await page.getByRole('checkbox', { name: 'Compare with a second model' }).check();
      await untilReady(page, 1);
      // The first model has kept its weights and its number of training steps.
      expect((await now(page, 0)).step).toBe(1);
      expect(await scores(page, 0)).toEqual(learned);
      const apart = async (): Promise<number> =>
        Math.abs((await now(page, 1)).parameters / (await now(page, 0)).parameters - 1);
      expect((await config(page)).models.map(({ kind }) => kind)).toEqual(['implicit', 'residual']);
      expect(await apart()).toBeLessThan(0.02);

      // The second model follows every change of the first model. In a coupling model, layers of the same widths have a
      // different number of parameters. Therefore the second model gets widths with which both models have about the
      // same number of parameters.
      const [first, second] = [
        page.getByRole('group', { name: 'Model A' }),
        page.getByRole('group', { name: 'Model B' }),
      ];
      await second.getByRole('radio', { name: 'Coupling' }).check();
      await first.getByRole('textbox', { name: 'Hidden widths' }).fill('32, 32');
      await first.getByRole('textbox', { name: 'Hidden widths' }).press('Enter');
      await until(
        page,
        () => {
          const [one, two] = impflow.runs.value;
          return (
            impflow.config.value.models[0]!.hidden[0] === 32 &&
            impflow.config.value.models[1]!.kind === 'coupling' &&
            one!.status.value === 'paused' &&
            two!.status.value === 'paused'
          );
        },
        undefined,
      );
      expect(await apart()).toBeLessThan(0.02);
      expect(await second.getByRole('textbox', { name: 'Hidden widths' }).getAttribute('readonly')).not.toBeNull();

      await press(page, 'Play');
      await untilStep(page, 60, 0);
      await untilStep(page, 60, 1);
      await press(page, 'Pause');
      await untilSeen(page, 0);
      await untilSeen(page, 1);
      for (const slot of [0, 1]) {
        const { losses } = await now(page, slot);
        expect(losses.at(-1)).toBeLessThan(losses[0]! - 0.3);
      }
      expect(await page.getByRole('application').count()).toBe(2);
      expect(await page.getByRole('rowheader', { name: /^A, implicit|^B, coupling/ }).count()).toBe(2);

      const kept = await scores(page, 0);
      await page.getByRole('checkbox', { name: 'Compare with a second model' }).uncheck();
      await eventually(() => page.getByRole('application').count()).toBe(1);
      const { step } = await now(page);
      expect(step).toBeGreaterThanOrEqual(60);
      expect(await scores(page)).toEqual(kept);
      await press(page, 'Step');
      await untilStep(page, step + 1);
      await eventually(async () => (await workersOf(page, 'trainer')).length).toBe(1);
    }));

  it('a second model can be added and removed while the first model trains', () =>
    visit({ hash: '#blocks=1&hidden=8-8&batch=32&play=1' }, async ({ page }) => {
      await untilStep(page, 20);
      const compare = page.getByRole('checkbox', { name: 'Compare with a second model' });
      await compare.check();
      await untilStep(page, 20, 1);
      const { step } = await now(page, 0);
      expect(step).toBeGreaterThan(20);
      await compare.uncheck();
      await eventually(() => page.getByRole('application').count()).toBe(1);
      await untilStep(page, step + 50);
      expect(await now(page)).toMatchObject({ playing: true, status: 'running' });
      // The curve merges adjacent points when it has too many points, so a point may stand for several steps. All points
      // stand for the same number of steps: no step is missing or occurs twice.
      const steps = await page.evaluate(() => impflow.runs.value[0]!.history.value.steps);
      expect(steps.every((at, i) => at === (i + 1) * steps[0]!)).toBe(true);
    }));

  it('two models may have different sizes and different solvers', () =>
    visit({ hash: '#blocks=1&hidden=8-8&batch=32&model2=implicit&blocks2=1&hidden2=8-8' }, async ({ page }) => {
      await untilReady(page, 1);
      await page.getByRole('checkbox', { name: 'Equal parameters' }).uncheck();
      const second = page.getByRole('group', { name: 'Model B' });
      await second.getByRole('textbox', { name: 'Blocks' }).fill('3');
      await second.getByRole('textbox', { name: 'Blocks' }).press('Enter');
      await second.getByRole('combobox', { name: 'Solver' }).selectOption({ label: 'Fixed point' });
      await until(
        page,
        () =>
          impflow.config.value.models[1]?.solver?.name === 'fixed-point' &&
          impflow.config.value.models[1].blocks === 3 &&
          impflow.runs.value[1]!.status.value === 'paused',
        undefined,
      );
      expect((await config(page)).models[0]!.solver).toBeUndefined();
      expect((await now(page, 1)).parameters).toBeGreaterThan(2 * (await now(page, 0)).parameters);
      await press(page, 'Play');
      await untilStep(page, 10, 0);
      await untilStep(page, 10, 1);
      // The chart shows the residuals of both models and the names of their solvers.
      await page.getByRole('heading', { name: 'How the solver gets there' }).scrollIntoViewIfNeeded();
      await until(page, () => impflow.runs.value.every(({ solves }) => solves.value.length > 0), undefined);
      expect(
        await page.evaluate(() =>
          impflow.runs.value.map(({ solves }) => [solves.value.length, solves.value[0]!.solver]),
        ),
      ).toEqual([
        [1, 'quasi-newton'],
        [3, 'fixed-point'],
      ]);
    }));
});

// These tests run concurrently, because they wait for descriptions of pictures, which change only every three seconds.
describe.concurrent('pictures for each kind of model', () => {
  it.concurrent.each(['Implicit', 'Residual', 'Coupling'])('every kind of picture appears for %s models', (kind) =>
    visit({ hash: '#blocks=2&hidden=16-16&batch=64' }, async ({ page }) => {
      await untilReady(page);
      await page.getByRole('radio', { name: kind }).check();
      await until(
        page,
        (wanted) => impflow.config.value.models[0]!.kind === wanted && impflow.runs.value[0]!.status.value === 'paused',
        kind.toLowerCase(),
      );
      await type(page, 'Batch size', 65);
      await press(page, 'Play');
      await untilStep(page, 30);
      await press(page, 'Pause');
      await untilReady(page);
      await page.getByRole('checkbox', { name: 'Samples' }).check();
      for (const [name, words] of [
        ['Stretching', /^Log \|det J\| of moons after \d+ steps, from −?\d/],
        ['Solver steps', /^Solver steps of moons after \d+ steps, from \d/],
        ['Warped grid', /^Grid of 34 lines over moons/],
        ['Density', /^Density of moons after \d+ steps, largest 0\.\d/],
      ] as const) {
        await page.getByRole('radio', { name, exact: true }).check();
        await page.getByRole('application', { name: words }).waitFor();
      }
      await until(page, () => (impflow.runs.value[0]!.samples.value?.length ?? 0) > 1000, undefined);
      const box = (await page.getByRole('application').boundingBox())!;
      await page.getByRole('application').click({ position: { x: box.width / 2, y: box.height / 2 } });
      await page.getByText(/The point \(.*\) goes through the blocks to .* log p = −?\d/).waitFor();
      expect(await page.evaluate(() => impflow.runs.value[0]!.path.value!.error)).toBeLessThan(1e-3);
      const caps = await page.getByRole('meter').count();
      expect(caps).toBe(kind === 'Coupling' ? 0 : 12);
      expect(await page.getByText('A coupling model needs no caps').count()).toBe(kind === 'Coupling' ? 1 : 0);
      expect(
        await page.evaluate(() => impflow.runs.value[0]!.norms.value.every(({ norm, cap }) => norm <= cap + 1e-3)),
      ).toBe(true);
    }),
  );
});

describe('the experiment with one block of each kind', () => {
  const TINY = '#blocks=1&hidden=8-8&batch=32&steps=0';
  const FITTING_MS = 90_000;
  const wallOf = (page: Page): Locator => page.getByRole('region', { name: 'Where a residual block hits the wall' });

  /** Returns the numbers that the page shows at the end of a fit. */
  const result = async (
    page: Page,
  ): Promise<{ readonly implicit: number; readonly residual: number; readonly bound: number }> => {
    const text = wallOf(page)
      .getByRole('status')
      .getByText(/^Fitted in 500 steps/);
    await text.waitFor({ timeout: FITTING_MS });
    const said =
      /the implicit block is at most (.+) off, the residual block (.+), and (?:no residual block gets below (.+)|longer training .+)\.$/.exec(
        (await text.textContent())!,
      )!;
    const [implicit, residual, bound] = said.slice(1).map((number) => Number(number ?? 0)) as [number, number, number];
    return { implicit, residual, bound };
  };
  /** Waits until the page has removed the previous result, which means that a new fit has begun. */
  const untilBegun = (page: Page): Promise<void> =>
    wallOf(page)
      .getByRole('status')
      .getByText(/^Fitted/)
      .waitFor({ state: 'detached' });

  it('the first fit starts after the prediction; only the implicit block has an error below the bound for residual blocks', () =>
    visit({ hash: TINY }, async ({ page }) => {
      await untilReady(page);
      expect(await workersOf(page, 'wall')).toEqual([]);
      await hitTheWall(page);
      const { implicit, residual, bound } = await result(page);
      expect(bound).toBeGreaterThan(1);
      expect(residual).toBeGreaterThanOrEqual(bound * (1 - 1e-3));
      expect(implicit).toBeLessThan(bound / 10);
      await wallOf(page).getByText('You are right: it cannot.').waitFor();
      await wallOf(page).getByText('Numbers and more settings').click();
      // The table shows the errors of the message above it. The table also shows that both blocks have nearly equal
      // numbers of parameters.
      const cells = async (kind: string): Promise<readonly number[]> =>
        (await wallOf(page).getByRole('row', { name: kind }).getByRole('cell').allTextContents()).map((text) =>
          Number(text.replace(',', '')),
        );
      const [ofImplicit, ofResidual] = [await cells('implicit'), await cells('residual')];
      expect([ofImplicit.at(-1), ofResidual.at(-2), ofResidual.at(-1)]).toEqual([implicit, bound, residual]);
      expect(Math.abs(ofImplicit[0]! / ofResidual[0]! - 1)).toBeLessThan(0.1);

      // A fit from different initial weights leads to nearly the same errors.
      await wallOf(page).getByRole('button', { name: 'Fit again' }).click();
      await untilBegun(page);
      const again = await result(page);
      expect(again.implicit).not.toBe(implicit);
      expect(again).toMatchObject({ bound });
      expect(again.implicit).toBeLessThan(bound / 10);
    }));

  it('a new fit starts when the visitor has stopped moving a slider', () =>
    visit({ hash: TINY }, async ({ page }) => {
      await untilReady(page);
      await hitTheWall(page);
      const first = await result(page);
      const steepest = wallOf(page).getByRole('slider', { name: 'Largest slope' });
      await steepest.press('End');
      await untilBegun(page);
      const steep = await result(page);
      expect(steep.bound).toBeGreaterThan(first.bound);
      expect(steep.residual).toBeGreaterThanOrEqual(steep.bound * (1 - 1e-3));
      expect(steep.implicit).toBeLessThan(steep.bound / 3);

      // A residual block can reach the smallest slope that the slider offers.
      await steepest.press('Home');
      await wallOf(page).getByText('There is no wall').waitFor();
      await untilBegun(page);
      const flat = await result(page);
      expect(flat.bound).toBe(0);
      expect(flat.residual).toBeLessThan(0.3);
      await wallOf(page).getByText('Numbers and more settings').click();
      await wallOf(page).getByRole('slider', { name: 'Slope allowed per layer' }).press('Home');
      await wallOf(page)
        .getByText(/But it cannot rise by less than/)
        .waitFor();
      await untilBegun(page);
      expect((await result(page)).bound).toBeGreaterThan(0);
    }));
});

// Tests of points that the visitor draws with a mouse, a finger or keys, and of the bundled data sets.
import { toy } from '@impflow/tables/toys';
import type { Locator, Page } from 'playwright';
import { describe, expect, it } from 'vitest';
import {
  choose,
  config,
  eventually,
  now,
  press,
  scores,
  trainTo,
  type,
  until,
  untilReady,
  untilSeen,
  untilStep,
} from './page-actions.ts';
import { useSite } from './site.ts';

const { visit } = useSite();
const TINY = '#blocks=2&hidden=16-16&batch=64&steps=0';

/**
 * Waits until the page has data, and returns the data. The wait is needed because a model can be ready before the data.
 */
const dataSeen = async (
  page: Page,
): Promise<{
  readonly name: string;
  readonly columns: readonly string[];
  readonly trainRows: number;
  readonly heldOutRows: number;
  readonly entropy?: number;
  readonly points: readonly number[];
}> => {
  await until(page, () => impflow.data.value !== undefined, undefined);
  return page.evaluate(() => ({ ...impflow.data.value!, points: Array.from(impflow.data.value!.points) }));
};

/** Waits until the page uses the data of this kind and name, and a model can be trained on these data. */
const untilData = (page: Page, kind: 'toy' | 'place' | 'drawn', name: string): Promise<void> =>
  until(
    page,
    ([wanted, called]) => {
      const { data } = impflow.config.value;
      return data.kind === wanted && data.name === called && impflow.runs.value[0]!.status.value === 'paused';
    },
    [kind, name] as const,
  );

describe('drawing points', () => {
  it('points drawn with the mouse become the training data of a model; Undo restores the previous data', () =>
    visit({ hash: TINY }, async ({ page }) => {
      await untilReady(page);
      await trainTo(page, 10);
      const [before, { step }] = [await scores(page), await now(page)];
      const pad = await openPad(page);
      expect(await pad.use.isDisabled()).toBe(true);
      await pad.draw([
        [-2, -2],
        [0, 0],
        [2, -2],
      ]);
      await pad.draw([
        [-2, 2],
        [2, 2],
      ]);
      const all = await pad.points();
      expect(all).toBeGreaterThan(100);

      // Undo removes the last stroke, and the test draws the stroke again. Then the eraser removes a part of this
      // stroke, and Undo restores the part.
      await pad.dialog.getByRole('button', { name: 'Undo' }).click();
      const first = await pad.points();
      expect(first).toBeGreaterThan(50);
      expect(first).toBeLessThan(all);
      await pad.draw([
        [-2, 2],
        [2, 2],
      ]);
      const again = await pad.points();
      await pad.dialog.getByRole('button', { name: 'Eraser' }).click();
      await pad.draw([
        [1, 2],
        [2, 2],
      ]);
      expect(await pad.points()).toBeLessThan(again);
      await pad.dialog.getByRole('button', { name: 'Undo' }).click();
      expect(await pad.points()).toBe(again);
      await pad.use.click();
      await pad.dialog.waitFor({ state: 'detached' });

      await untilData(page, 'drawn', 'drawn');
      const { trainRows, heldOutRows, entropy, points, columns } = await dataSeen(page);
      // As many rows as are held out choose the best weights.
      expect([trainRows + 2 * heldOutRows, entropy, columns]).toEqual([again, undefined, ['x', 'y']]);
      // The drawn points lie along the strokes, within the spread of the brush.
      expect(points.every((value) => Math.abs(value) < 3)).toBe(true);
      await page.getByText('Points drawn by hand. They stay in this browser.').waitFor();
      expect(await page.getByRole('combobox', { name: 'Points from' }).locator('option:checked').textContent()).toBe(
        'Your drawing',
      );
      expect(await now(page)).toMatchObject({ step: 0, losses: [] });
      await trainTo(page, 100);
      const { losses } = await now(page);
      expect(losses.at(-1)).toBeLessThan(losses[0]! - 0.2);
      // The density of the model is higher on the strokes than between or beside the strokes.
      const [on, off] = [
        await meanScore(page, [
          [-1.5, -1.5],
          [-0.5, -0.5],
          [0.5, -0.5],
          [1.5, -1.5],
          [-1.5, 2],
          [0, 2],
          [1.5, 2],
        ]),
        await meanScore(page, [
          [-3, 0],
          [3, 0],
          [-3, -3],
          [3, 3.5],
          [0, -3],
        ]),
      ];
      expect(on).toBeGreaterThan(off + 1);

      await press(page, 'Undo');
      await untilData(page, 'toy', 'moons');
      await untilStep(page, step);
      await untilReady(page);
      expect(await scores(page)).toEqual(before);
    }));

  it('a drawing is stored in the address of the page', () =>
    visit({ hash: TINY }, async ({ page }) => {
      await untilReady(page);
      const pad = await openPad(page);
      await pad.draw([
        [-2, 0],
        [2, 0],
      ]);
      await pad.use.click();
      await untilData(page, 'drawn', 'drawn');
      const { points, trainRows } = await dataSeen(page);
      await until(page, () => location.hash.includes('drawn='), undefined);
      await page.reload();
      await untilReady(page);
      expect((await config(page)).data.kind).toBe('drawn');
      const after = await dataSeen(page);
      expect(after.trainRows).toBe(trainRows);
      // Drawn and restored points differ by at most a 4096th of the drawing's width and height.
      expect(after.points.every((value, i) => Math.abs(value - points[i]!) < 0.002)).toBe(true);
      expect(await page.evaluate(() => impflow.notices.value.length)).toBe(0);
    }));

  it('on a phone a finger can draw points, and the page does not scroll', () =>
    visit(
      {
        hash: TINY,
        context: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 },
      },
      async ({ page }) => {
        await untilReady(page);
        await unfolded(page, 'Data');
        const pad = await openPad(page, 'tap');
        const before = await page.evaluate(() => [scrollX, scrollY, document.querySelector('dialog')!.scrollTop]);
        await pad.touch([
          [-2, 2],
          [-2, -2],
          [2, -2],
        ]);
        expect(await pad.points()).toBeGreaterThan(100);
        expect(await page.evaluate(() => [scrollX, scrollY, document.querySelector('dialog')!.scrollTop])).toEqual(
          before,
        );
        // All drawn points lie along the two strokes.
        await pad.use.tap();
        await untilData(page, 'drawn', 'drawn');
        const { points } = await dataSeen(page);
        const near = points.filter(
          (_, i) => i % 2 === 0 && (Math.abs(points[i]! + 2) < 0.7 || Math.abs(points[i + 1]! + 2) < 0.7),
        ).length;
        expect(near).toBe(points.length / 2);
        await trainTo(page, 40);
        const { losses } = await now(page);
        expect(losses.at(-1)).toBeLessThan(losses[0]!);
      },
    ));

  it('points can be drawn with only the keyboard', () =>
    visit({ hash: TINY }, async ({ page }) => {
      await untilReady(page);
      await page.getByRole('button', { name: 'Draw your own' }).focus();
      await page.keyboard.press('Enter');
      const dialog = page.getByRole('dialog', { name: 'Draw your own' });
      await dialog.waitFor();
      await reach(page, 'application');
      // Keyboard shortcuts of the page have no effect in the dialog.
      for (const key of ['s', 'r', '2']) await page.keyboard.press(key);
      // The cross-hair moves by 0.8 to the left with each key press, and by 0.2 upwards.
      for (const key of ['Shift+ArrowLeft', 'Enter', 'Shift+ArrowRight', 'Shift+ArrowRight', 'ArrowUp', 'Space'])
        await page.keyboard.press(key);
      await dialog.getByText('50 points, cross-hair at 0.80, 0.20').waitFor();
      await reach(page, 'button', 'Use these points');
      await page.keyboard.press('Enter');
      await dialog.waitFor({ state: 'detached' });
      await untilData(page, 'drawn', 'drawn');
      const { trainRows, heldOutRows, points } = await dataSeen(page);
      expect(trainRows + 2 * heldOutRows).toBe(50);
      expect(
        points.every((value, i) => (i % 2 === 0 ? Math.abs(Math.abs(value) - 0.8) < 0.6 : Math.abs(value - 0.1) < 0.7)),
      ).toBe(true);
      expect(await now(page)).toMatchObject({ step: 0, playing: false });
      expect(await page.evaluate(() => impflow.view.value.stage)).toBe('density');
      expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Draw your own');
      await page.keyboard.press('s');
      await untilStep(page, 1);
    }));

  it('closing the drawing pad with Escape or Close does not change the data', () =>
    visit({ hash: TINY }, async ({ page }) => {
      await untilReady(page);
      await trainTo(page, 5);
      const [before, { step }] = [await config(page), await now(page)];
      for (const away of [
        () => page.keyboard.press('Escape'),
        () => page.getByRole('button', { name: 'Close' }).click(),
      ]) {
        const pad = await openPad(page);
        await pad.draw([
          [-2, 0],
          [2, 0],
        ]);
        await away();
        await page
          .getByRole('dialog', { name: /^Discard the drawing/ })
          .getByRole('button', { name: 'Discard' })
          .click();
        await pad.dialog.waitFor({ state: 'detached' });
        expect(await config(page)).toEqual(before);
        expect(await now(page)).toMatchObject({ step, status: 'paused' });
        // The focus has returned to the button that opened the dialog.
        expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Draw your own');
      }
    }));

  it('the page refuses a drawing of fewer than 12 points, and can train a model on a drawing of 12 points', () =>
    visit({ hash: TINY }, async ({ page }) => {
      await untilReady(page);
      const pad = await openPad(page);
      await pad.dialog.getByText('0 points; at least 12 are needed').waitFor();
      // Each click draws two points.
      for (const [i, place] of (
        [
          [-2, 0],
          [0, 2],
          [2, 0],
          [0, -2],
          [1, 1],
        ] as const
      ).entries()) {
        await pad.draw([place]);
        await pad.dialog.getByText(`${2 * i + 2} points; at least 12 are needed`).waitFor();
        expect(await pad.use.isDisabled()).toBe(true);
      }
      await pad.draw([[0, 0]]);
      await pad.dialog.getByText('12 points', { exact: true }).waitFor();
      await pad.use.click();
      await untilData(page, 'drawn', 'drawn');
      expect(await dataSeen(page)).toMatchObject({ trainRows: 10, heldOutRows: 1 });
      await trainTo(page, 10);
      const { losses } = await now(page);
      expect(losses.every(Number.isFinite)).toBe(true);
      await untilSeen(page);
    }));

  it('accepting a drawing during training starts a new training on the drawn points', () =>
    visit({ hash: TINY }, async ({ page }) => {
      await untilReady(page);
      await press(page, 'Play');
      await untilStep(page, 30);
      const pad = await openPad(page);
      await pad.draw([
        [-2, -2],
        [2, 2],
      ]);
      await pad.use.click();
      await until(
        page,
        () => impflow.config.value.data.kind === 'drawn' && impflow.runs.value[0]!.status.value === 'running',
        undefined,
      );
      await untilStep(page, 5);
      expect((await now(page)).playing).toBe(true);
      await press(page, 'Pause');
      await untilReady(page);
      const { losses, step } = await now(page);
      expect(losses.length).toBe(step);
    }));
});

describe('the data sets of the page', () => {
  it.each([
    [
      'Zip codes of the United States',
      'zipcodes',
      ['longitude (degrees)', 'latitude (degrees)'],
      33_109,
      /Source: GeoNames .* License: CC BY 4\.0\./,
    ],
    [
      'Earthquakes of one week',
      'earthquakes',
      ['longitude (degrees)', 'latitude (degrees)'],
      1679,
      /Source: U\.S\. Geological Survey, .* License: public domain\./,
    ],
  ])('data set %s can be loaded and learned, and the page names its source', (label, name, columns, rows, source) =>
    visit({ hash: TINY }, async ({ page, requests }) => {
      await untilReady(page);
      // Until now the page has not requested the data file, because this file is loaded on demand.
      expect(requests.filter((request) => request.includes(name))).toEqual([]);
      await choose(page, 'Points from', label);
      await untilData(page, 'place', name);
      const { trainRows, heldOutRows, columns: axes, points } = await dataSeen(page);
      expect(trainRows + 2 * heldOutRows).toBe(rows);
      expect(heldOutRows / rows).toBeCloseTo(0.1, 2);
      expect(axes).toEqual(columns);
      // The coordinates are in degrees.
      expect(points.every((value, i) => Math.abs(value) <= (i % 2 === 0 ? 180 : 90))).toBe(true);
      expect(points.some((value) => Math.abs(value) > 90)).toBe(true);
      await page.getByRole('region', { name: 'Choices' }).getByText(source).waitFor();
      await page.getByText(`Axes: ${columns.join(', ')}.`).waitFor();
      await trainTo(page, 60);
      const { losses } = await now(page);
      const mean = (some: readonly number[]): number => some.reduce((sum, loss) => sum + loss, 0) / some.length;
      expect(mean(losses.slice(-10))).toBeLessThan(mean(losses.slice(0, 10)) - 0.2);
      await untilSeen(page);
      await eventually(() => page.getByRole('application').getAttribute('aria-label')).toContain(
        `Density of ${name} after`,
      );
    }),
  );

  it('the page offers every toy density, and shows its entropy if the entropy is known', () =>
    visit({ hash: TINY }, async ({ page }) => {
      await untilReady(page);
      for (const [label, name] of [
        ['Swiss roll', 'swissroll'],
        ['Two circles', 'circles'],
        ['Four rings', 'rings'],
        ['Two spirals', '2spirals'],
        ['Checkerboard', 'checkerboard'],
        ['Eight Gaussians', '8gaussians'],
        ['Pinwheel', 'pinwheel'],
        ['Two moons', 'moons'],
      ] as const) {
        await choose(page, 'Points from', label);
        await untilData(page, 'toy', name);
        const { entropy, trainRows, points } = await dataSeen(page);
        expect([name, entropy, trainRows]).toEqual([name, toy(name).entropy, 0]);
        expect(points.every((value) => Math.abs(value) < 6)).toBe(true);
      }
    }));

  it('the visitor can add noise to a data set and choose its number of rows', () =>
    visit({ hash: TINY }, async ({ page }) => {
      await untilReady(page);
      const bare = await dataSeen(page);
      expect(bare.trainRows).toBe(0);
      await type(page, 'Noise', 0.5);
      await until(
        page,
        () => impflow.config.value.data.noise === 0.5 && impflow.runs.value[0]!.status.value === 'paused',
        undefined,
      );
      const noisy = await dataSeen(page);
      // The data are now the toy density plus noise, so their entropy is not known.
      const moves = noisy.points.map((value, i) => value - bare.points[i]!);
      expect(Math.sqrt(moves.reduce((sum, move) => sum + move ** 2, 0) / moves.length)).toBeCloseTo(0.5, 1);
      expect(noisy.entropy).toBeUndefined();
      await page.getByText('Gaussian noise of standard deviation 0.5 on top').waitFor();

      await type(page, 'Rows', 300);
      await until(
        page,
        () => impflow.data.value?.trainRows === 300 && impflow.runs.value[0]!.status.value === 'paused',
        undefined,
      );
      expect((await dataSeen(page)).points.length).toBe(600);
      await page.getByText('Trained on 300 rows, judged on 2,000 others.').waitFor();
      await trainTo(page, 10);

      // Only 300 rows of the bundled data set are used for training. The unit of the noise is the standard deviation of
      // each column.
      await choose(page, 'Points from', 'Earthquakes of one week');
      await untilData(page, 'place', 'earthquakes');
      expect((await dataSeen(page)).trainRows).toBe(300);
      await page.getByText('Gaussian noise of 0.5 standard deviations of each column added.').waitFor();
      await type(page, 'Rows', 0);
      await until(page, () => impflow.data.value!.trainRows > 1000, undefined);
      await type(page, 'Rows', 20);
      await page.getByRole('alert').getByText('Rows must be 0, or a whole number from 50 to 200000').waitFor();
      await type(page, 'Noise', -1);
      await page.getByRole('alert').getByText('Noise must be a number from 0 to 1000').waitFor();
      expect((await config(page)).data).toMatchObject({ noise: 0.5, size: 0 });
    }));
});

const meanScore = (page: Page, points: readonly (readonly [number, number])[]): Promise<number> =>
  page.evaluate(
    async (flat) =>
      (await impflow.logProb(0, Float32Array.from(flat))).reduce((sum, score) => sum + score, 0) / (flat.length / 2),
    points.flat(),
  );

/** Opens a closed panel of the page. */
const unfolded = async (page: Page, title: string): Promise<void> => {
  const panel = page.getByRole('group').filter({ has: page.getByRole('heading', { name: title, exact: true }) });
  if ((await panel.getAttribute('open')) === null)
    await panel.getByRole('heading', { name: title, exact: true }).click();
};

/** Presses Tab until a control of this role and name has the focus. */
const reach = async (page: Page, role: 'application' | 'button', name?: string): Promise<void> => {
  for (let i = 0; i < 30; i++) {
    if (
      await page.evaluate(
        ([wanted, words]) => {
          const at = document.activeElement!;
          return (
            (at.getAttribute('role') ?? at.localName) === wanted && (words === undefined || at.textContent === words)
          );
        },
        [role, name] as const,
      )
    )
      return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab does not get to the ${role} ${name ?? ''}`);
};

type Stroke = readonly (readonly [number, number])[];

/** Finds the drawing pad and returns functions that draw on the pad, in the units of its axes. */
interface Pad {
  readonly dialog: Locator;
  readonly use: Locator;
  points(): Promise<number>;
  draw(stroke: Stroke): Promise<void>;
  touch(stroke: Stroke): Promise<void>;
}

const openPad = async (page: Page, way: 'click' | 'tap' = 'click'): Promise<Pad> => {
  await page.getByRole('button', { name: 'Draw your own' })[way]();
  const dialog = page.getByRole('dialog', { name: 'Draw your own' });
  const pad = dialog.getByRole('application', { name: /^Drawing pad/ });
  // The function waits until the pad has measured its width and is as wide as the dialog.
  await eventually(async () => (await pad.boundingBox())?.width ?? 0).toBeGreaterThan(200);
  const at = async ([x, y]: readonly [number, number]): Promise<{ readonly x: number; readonly y: number }> => {
    const box = (await pad.boundingBox())!;
    return { x: box.x + (box.width * (x + 4)) / 8, y: box.y + (box.height * (4 - y)) / 8 };
  };
  return {
    dialog,
    use: dialog.getByRole('button', { name: 'Use these points' }),
    points: async () =>
      Number(/^([\d,]+) points/.exec((await dialog.getByRole('status').textContent()) ?? '')?.[1]?.replaceAll(',', '')),
    draw: async ([first, ...others]) => {
      const start = await at(first!);
      await page.mouse.move(start.x, start.y);
      await page.mouse.down();
      for (const place of others) {
        const { x, y } = await at(place);
        await page.mouse.move(x, y, { steps: 12 });
      }
      await page.mouse.up();
    },
    touch: async (stroke) => {
      const browser = await page.context().newCDPSession(page);
      // The simulated touch moves as fast as a finger, and rests before it ends. Without this rest the browser would
      // recognize a swipe, and would treat the next tap as the end of the swipe.
      let seconds = Date.now() / 1000 - 2;
      const send = (
        kind: 'touchStart' | 'touchMove' | 'touchEnd',
        after: number,
        ...touchPoints: { readonly x: number; readonly y: number }[]
      ): Promise<unknown> => {
        seconds += after;
        return browser.send('Input.dispatchTouchEvent', { type: kind, touchPoints, timestamp: seconds });
      };
      await send('touchStart', 0, await at(stroke[0]!));
      for (const [i, [x, y]] of stroke.entries()) {
        const [u, v] = stroke[Math.max(0, i - 1)]!;
        for (let part = 1; part <= 10; part++)
          await send('touchMove', 0.016, await at([u + ((x - u) * part) / 10, v + ((y - v) * part) / 10]));
      }
      await send('touchEnd', 0.2);
    },
  };
};

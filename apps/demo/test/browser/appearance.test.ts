// Tests of the page's appearance on a projector and on a phone, in the light and the dark theme. Other tests in this
// file check the accessibility of the page.
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright';
import { describe, expect, it } from 'vitest';
import { tooWide, violations } from './accessibility.ts';
import { eventually, now, trainTo, until, untilReady, untilSeen, untilStep } from './page-actions.ts';
import { useSite } from './site.ts';

const { visit } = useSite();

const WIDE = { width: 1440, height: 900 };
const PHONE = { width: 390, height: 844 };
/** The width at which WCAG requires pages without horizontal scrolling. */
const NARROWEST = { width: 320, height: 640 };
const THEMES = ['light', 'dark'] as const;
const TINY = '#blocks=2&hidden=16-16&batch=64&steps=0';

/** The screenshots are kept after the test, so that developers can look at them. */
const ARTIFACTS = fileURLToPath(new URL('../artifacts/', import.meta.url));

/** Brings the page into each of its states that look different, and calls `check` in each state. */
const everything = async (page: Page, check: (state: string) => Promise<void>): Promise<void> => {
  await check('as it is');
  const folded = page.locator('details:not([open]) > summary');
  while ((await folded.count()) > 0) await folded.first().click();
  await page.getByRole('combobox', { name: 'Log-determinant' }).selectOption({ label: 'Russian roulette' });
  await page.getByRole('textbox', { name: 'Batch size' }).fill('many');
  await page.getByRole('textbox', { name: 'Batch size' }).press('Tab');
  await page.getByText('Batch size must be').waitFor();
  await check('with everything unfolded, and a wrong number');

  await page.getByRole('radio', { name: 'Solver steps' }).check();
  await page.getByRole('application').click();
  await page.getByText(/goes through the blocks/).waitFor();
  await page
    .getByLabel('Model file')
    .setInputFiles({ name: 'no-model.safetensors', mimeType: '', buffer: Buffer.from('no model') });
  await page.getByRole('alert').filter({ hasText: 'Error' }).waitFor();
  await check('with solver steps, a followed point and a notice');
  await page.getByRole('button', { name: 'Dismiss' }).click();

  await page.getByRole('radio', { name: 'Warped grid' }).check();
  await page.getByText(/base \(\d of \d\)/).waitFor();
  await check('with the warped grid');

  await page.getByRole('button', { name: 'Help' }).click();
  await page.getByRole('dialog', { name: 'Help' }).waitFor();
  await check('with help');
  await page.keyboard.press('Escape');

  await page.getByRole('button', { name: 'Draw your own' }).click();
  await page.getByRole('application', { name: 'Drawing pad' }).press('Enter');
  await check('with the drawing pad');
  await page.getByRole('button', { name: 'Close' }).click();
  await page.getByRole('dialog', { name: /^Discard the drawing/ }).waitFor();
  await check('with the question before a drawing is discarded');
  await page.getByRole('button', { name: 'Discard' }).click();
  // The test waits until the dialog is closed, because it would otherwise find this dialog when it searches for the
  // next dialog.
  await until(page, () => document.querySelector('dialog') === null, undefined);

  await page.getByRole('button', { name: 'Open a table' }).click();
  await page.getByRole('dialog', { name: 'Open a table' }).waitFor();
  await check('with the ways to open a table');
  await page
    .getByRole('textbox', { name: 'Or paste it here' })
    .fill(
      `name,first,second,wide\n${Array.from({ length: 60 }, (_, i) => `row ${i},${i / 7},${Math.sin(i)},${1e15 + i * 1e13}`).join('\n')}`,
    );
  await page.getByRole('button', { name: 'Use what is pasted' }).click();
  await page.getByText('60 rows, 4 columns.').waitFor();
  await check('with a table');
  await page.getByRole('button', { name: 'Cancel' }).click();

  await page.getByRole('textbox', { name: 'Address of a module on this site' }).fill('plugins/mine.js');
  await page.getByRole('button', { name: 'Load…' }).click();
  await page.getByRole('dialog', { name: /Run code from/ }).waitFor();
  await check('with the question before a plugin is loaded');
  await page.getByRole('button', { name: 'Cancel' }).click();

  await page.getByRole('checkbox', { name: 'Compare with a second model' }).check();
  await untilReady(page, 1);
  await page
    .getByText(/base \(\d of \d\)/)
    .nth(1)
    .waitFor();
  await until(page, () => impflow.runs.value.every(({ path }) => path.value !== undefined), undefined);
  await check('with two models');
  await page.getByRole('radio', { name: 'Density' }).check();
  await untilSeen(page, 1);
  await check('with the densities of two models');
};

describe.each([
  [1440, WIDE],
  [390, PHONE],
] as const)('the page at a width of %i pixels', (width, viewport) => {
  it('after some training, axe finds no violation in either theme, and a screenshot of each theme is saved', () =>
    visit({ hash: '#view=expert', context: { viewport } }, async ({ page }) => {
      await untilReady(page);
      await trainTo(page, 250);
      await page.getByRole('checkbox', { name: 'Samples', exact: true }).check();
      // The page computes these charts only while they are visible.
      await page.getByRole('heading', { name: 'How the solver gets there' }).scrollIntoViewIfNeeded();
      await until(
        page,
        () => !impflow.view.value.solves || impflow.runs.value[0]!.solves.value.some(({ median }) => median.length > 1),
        undefined,
      );
      await page.getByRole('heading', { level: 1 }).scrollIntoViewIfNeeded();
      await until(
        page,
        () => impflow.runs.value[0]!.map.value!.side === 192 && impflow.runs.value[0]!.samples.value !== undefined,
        undefined,
      );
      for (const colorScheme of THEMES) {
        await page.emulateMedia({ colorScheme });
        await page.screenshot({ path: `${ARTIFACTS}${width}-${colorScheme}.png`, fullPage: true });
        expect(await violations(page)).toEqual([]);
      }
    }));
});

it.each([
  ['1440', WIDE],
  ['390', PHONE],
  ['320', NARROWEST],
])('first visit at %s pixels: axe finds no fault in either theme, and no element is too wide', (_, viewport) =>
  visit({ context: { viewport } }, async ({ page }) => {
    await untilStep(page, 5);
    for (const colorScheme of THEMES) {
      await page.emulateMedia({ colorScheme });
      expect([colorScheme, ...(await tooWide(page)), ...(await violations(page))]).toEqual([colorScheme]);
    }
  }),
);

describe.concurrent('accessibility in every state of the page', () => {
  it.each([
    ['1440', WIDE, [WIDE]],
    ['390', PHONE, [PHONE, NARROWEST]],
  ])('at %s pixels axe finds no violation in both themes, and no element is too wide', (_, viewport, widths) =>
    visit({ hash: TINY, context: { viewport } }, async ({ page }) => {
      await untilSeen(page);
      await everything(page, async (state) => {
        const found = [];
        for (const size of widths) {
          await page.setViewportSize(size);
          found.push(...(await tooWide(page)).map((element) => `at ${size.width}: ${element}`));
        }
        await page.setViewportSize(viewport);
        await page.emulateMedia({ colorScheme: 'dark' });
        found.push(...(await violations(page, 'colors')).map((violation) => `dark: ${violation}`));
        await page.emulateMedia({ colorScheme: 'light' });
        found.push(...(await violations(page)));
        expect([state, ...found]).toEqual([state]);
      });
    }),
  );
});

describe('the light and the dark theme', () => {
  const paper = (page: Page): Promise<string> => page.evaluate(() => getComputedStyle(document.body).backgroundColor);

  it('the page has the theme of the system until the visitor chooses a theme; the choice is stored', () =>
    visit({ hash: TINY, context: { colorScheme: 'light' }, provokes: [/ERR_ABORTED/] }, async ({ page }) => {
      const toggle = page.getByRole('button', { name: 'Dark theme' });
      await toggle.waitFor();
      const light = await paper(page);
      expect(await toggle.getAttribute('aria-pressed')).toBe('false');
      await page.emulateMedia({ colorScheme: 'dark' });
      await eventually(() => toggle.getAttribute('aria-pressed')).toBe('true');
      const dark = await paper(page);
      expect(dark).not.toBe(light);

      await toggle.click();
      await eventually(() => paper(page)).toBe(light);
      await page.reload();
      await untilReady(page);
      expect(await paper(page)).toBe(light);
      expect(await toggle.getAttribute('aria-pressed')).toBe('false');
    }));
});

describe('animations', () => {
  /**
   * Returns the number of animations while a panel opens, and the number of different pictures while the grid moves
   * through the blocks.
   */
  const motion = async (page: Page): Promise<{ readonly animations: number; readonly pictures: number }> => {
    await untilReady(page);
    // Without training the blocks are the identity, and the grid would not move.
    await trainTo(page, 50);
    const animations = await page.evaluate(() => {
      const panel = document.querySelector<HTMLDetailsElement>('.panel')!;
      panel.open = !panel.open;
      return document.getAnimations().length;
    });
    await page.getByRole('radio', { name: 'Warped grid' }).check();
    const button = page.getByRole('button', { name: 'Through the blocks' });
    await button.and(page.locator(':enabled')).waitFor();
    const pictures = page.evaluate(async () => {
      const frame = (): Promise<number> =>
        new Promise((resolve) => {
          requestAnimationFrame(resolve);
        });
      const running = (): boolean =>
        [...document.querySelectorAll('.warp-slider button')].some(({ textContent }) => textContent === 'Stop');
      const seen = new Set<string>();
      while (!running()) await frame();
      while (running()) {
        seen.add(document.querySelector<HTMLCanvasElement>('.stage-layer')!.toDataURL());
        await frame();
      }
      return seen.size;
    });
    await button.click();
    return { animations, pictures: await pictures };
  };

  it('by default panels and the warped grid are animated', () =>
    visit({ hash: TINY, context: { viewport: PHONE } }, async ({ page }) => {
      const { animations, pictures } = await motion(page);
      expect(animations).toBeGreaterThan(0);
      expect(pictures).toBeGreaterThan(6);
    }));

  it('if the visitor prefers reduced motion, the grid jumps from block to block', () =>
    visit({ hash: TINY, context: { viewport: PHONE, reducedMotion: 'reduce' } }, async ({ page }) => {
      const { animations, pictures } = await motion(page);
      expect(animations).toBe(0);
      expect(pictures).toBeGreaterThanOrEqual(2);
      // There are at most four pictures: the previous picture, the data, the grid after the first block, and the base.
      expect(pictures).toBeLessThanOrEqual(4);
    }));
});

describe('use of the page with only the keyboard', () => {
  /** Presses Tab and describes the element that then has the focus. Resolves with undefined if no further element of the page can have the focus. */
  const next = async (
    page: Page,
  ): Promise<
    { readonly name: string; readonly folded: boolean; readonly shown: boolean; readonly inView: boolean } | undefined
  > => {
    await page.keyboard.press('Tab');
    return page.evaluate(() => {
      const here = document.activeElement;
      if (here === null || here === document.body) return undefined;
      here.setAttribute('data-reached', '');
      const outlined = (element: Element | null): boolean =>
        element !== null &&
        getComputedStyle(element).outlineStyle === 'solid' &&
        Number.parseFloat(getComputedStyle(element).outlineWidth) >= 2;
      // If a link spans several lines, its first line is checked.
      const { left, top, width, height } = here.getClientRects()[0]!;
      const hit = document.elementFromPoint(left + width / 2, top + height / 2);
      return {
        name: here.getAttribute('aria-label') ?? here.textContent ?? '',
        folded: here.localName === 'summary' && !(here.parentElement as HTMLDetailsElement).open,
        shown: outlined(here) || outlined(here.nextElementSibling),
        inView: hit !== null && (here.contains(hit) || here.closest('label')?.contains(hit) === true),
      };
    });
  };

  it.each([
    ['wide', WIDE],
    ['narrow', PHONE],
  ] as const)('Tab reaches every control of the %s page; a focused control is in view and outlined', (_, viewport) =>
    visit(
      { hash: `${TINY}&model2=residual&blocks2=2&show=warp&at=0.5,-1`, context: { viewport } },
      async ({ page }) => {
        await untilReady(page, 1);
        await page
          .getByText(/goes through the blocks/)
          .nth(1)
          .waitFor();
        for (let at = await next(page); at !== undefined; at = await next(page))
          if (at.folded) await page.keyboard.press('Enter');
        // The content of these charts appears only when the charts become visible. The charts then get higher.
        await page.getByRole('heading', { name: 'Lipschitz norms and their caps' }).scrollIntoViewIfNeeded();
        await until(page, () => impflow.runs.value.every(({ norms }) => norms.value.length > 0), undefined);
        await page.getByRole('heading', { name: 'How the solver gets there' }).scrollIntoViewIfNeeded();
        await until(page, () => impflow.runs.value[0]!.solves.value.length > 0, undefined);
        const unseen: string[] = [];
        for (let at = await next(page); at !== undefined; at = await next(page))
          if (!at.shown || !at.inView) unseen.push(at.name);
        expect(unseen).toEqual([]);
        const missed = await page.evaluate(() =>
          [...document.querySelectorAll('button, input, select, textarea, a[href], summary, [tabindex]')]
            .filter(
              (element) =>
                element.checkVisibility() &&
                !element.matches(':disabled, [tabindex="-1"]') &&
                !element.hasAttribute('data-reached'),
            )
            // Tab reaches only one option of a radio group. The arrow keys reach the remaining options.
            .filter((element) => !(element instanceof HTMLInputElement && element.type === 'radio' && !element.checked))
            .map((element) => element.outerHTML.slice(0, 120)),
        );
        expect(missed).toEqual([]);
        expect(await page.locator('[data-reached]').count()).toBeGreaterThan(40);
      },
    ),
  );

  it('every kind of control can be used with only the keyboard', () =>
    visit({ hash: TINY }, async ({ page }) => {
      await untilReady(page);
      const chosen = async (holds: () => boolean): Promise<void> => {
        await until(page, holds, undefined);
      };
      await page.getByRole('radio', { name: 'Implicit' }).press('ArrowRight');
      await chosen(() => impflow.config.value.models[0]!.kind === 'residual');
      await page.getByRole('combobox', { name: 'Points from' }).press('ArrowDown');
      await chosen(() => impflow.config.value.data.name === 'swissroll');
      await page.getByRole('slider', { name: 'Lipschitz coefficient, slider' }).press('Home');
      await chosen(() => impflow.config.value.models[0]!.coeff === 0.1);
      await page.getByRole('textbox', { name: 'Batch size' }).fill('32');
      await page.keyboard.press('Enter');
      await chosen(() => impflow.config.value.batch === 32);
      await page.getByRole('checkbox', { name: 'Samples' }).press('Space');
      await chosen(() => impflow.view.value.showSamples);
      await untilReady(page);
      await page.getByRole('button', { name: 'Play', exact: true }).press('Enter');
      await untilStep(page, 5);
      await page.getByRole('button', { name: 'Pause', exact: true }).press('Space');
      await untilReady(page);
      expect((await now(page)).playing).toBe(false);
      await page.getByRole('button', { name: 'Open a table' }).press('Enter');
      const dialog = page.getByRole('dialog', { name: 'Open a table' });
      await dialog.waitFor();
      for (let i = 0; i < 8; i++) {
        await page.keyboard.press('Tab');
        expect(
          await page.evaluate(
            () => document.activeElement === document.body || document.activeElement?.closest('dialog') !== null,
          ),
        ).toBe(true);
      }
      await page.keyboard.press('Escape');
      await dialog.waitFor({ state: 'detached' });
      expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Open a table');
    }));
});

it('on a phone the picture and its controls fit on one screen, and all controls work by touch', () =>
  visit(
    { hash: TINY, context: { viewport: PHONE, hasTouch: true, isMobile: true, deviceScaleFactor: 2 } },
    async ({ page }) => {
      await untilSeen(page);
      const picture = page.getByRole('application');
      const box = (await picture.boundingBox())!;
      expect(box.y + box.height).toBeLessThan(PHONE.height);
      for (const button of await page.getByRole('region', { name: 'Training', exact: true }).getByRole('button').all())
        expect((await button.boundingBox())!.height).toBeGreaterThanOrEqual(44);
      await page.getByRole('button', { name: 'Play', exact: true }).tap();
      await untilStep(page, 10);
      await page.getByRole('button', { name: 'Pause', exact: true }).tap();
      await untilReady(page);
      await picture.tap();
      await page.getByText(/goes through the blocks/).waitFor();
      await page.getByRole('heading', { name: 'Model', exact: true }).tap();
      await page.getByRole('radio', { name: 'Coupling' }).tap();
      await until(page, () => impflow.config.value.models[0]!.kind === 'coupling', undefined);
    },
  ));

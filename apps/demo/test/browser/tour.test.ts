// Tests of the tour: five stations and two questions, by keyboard, by mouse and by touch.
import type { Page } from 'playwright';
import { describe, expect, it } from 'vitest';
import { STATION_NAMES, type StationName } from '../../src/station-names.ts';
import { tooWide, violations } from './accessibility.ts';
import { config, eventually, now, until, untilReady, untilStep } from './page-actions.ts';
import { useSite } from './site.ts';

const { visit } = useSite();
const TINY = '#blocks=2&hidden=16-16&batch=64';
const THEMES = ['light', 'dark'] as const;

/** How a visitor presses a button. */
type Press = (page: Page, name: string) => Promise<void>;
const byKey: Press = (page, name) => page.getByRole('button', { name, exact: true }).first().press('Enter');
const byTouch: Press = (page, name) => page.getByRole('button', { name, exact: true }).first().tap();

/** What a visitor does and sees at each station. */
const STATIONS: Readonly<Record<StationName, (page: Page, press: Press) => Promise<unknown>>> = {
  cloud: async (page) => {
    await until(page, () => impflow.view.value.stage === 'planes' && impflow.playing.value, undefined);
    await eventually(() => page.getByRole('application').count()).toBe(2);
    // The dots move by themselves until the visitor takes the slider.
    await page.getByRole('button', { name: 'Stop' }).waitFor();
    const slider = page.getByRole('slider', { name: 'Blocks passed' });
    await slider.press('End');
    await slider.press('Home');
    await page.getByRole('button', { name: 'Stop' }).waitFor({ state: 'detached' });
    expect(await page.evaluate(() => impflow.view.value.moves)).toBe(false);
  },
  wall: async (page, press) => {
    expect((await now(page)).playing).toBe(false);
    await page.getByRole('heading', { name: 'Can one residual block copy this curve?' }).waitFor();
    // Nothing gives the answer away before the prediction.
    expect(await page.getByText(/no residual block|It cannot:/).count()).toBe(0);
    await press(page, 'It can');
    await page.getByText('You said it can, but it cannot.').waitFor();
    await page.getByText(/Both blocks are learning|^Fitted in/).waitFor();
  },
  divide: async (page, press) => {
    const told = page.getByRole('status').filter({ hasText: /^Guess/ });
    expect(await told.textContent()).toMatch(/^Guess 1 of \d: z = 0\.05\. There the curve is 0\.\d\d below the line/);
    while (await page.getByRole('button', { name: 'Next guess' }).isEnabled()) await press(page, 'Next guess');
    expect(await told.textContent()).toMatch(
      /z = 0\.35\. The curve meets the line: this is the answer to x = 0\.05\.$/,
    );
    await press(page, 'Start again');
    await page.getByRole('slider', { name: /^input x/ }).press('Home');
    await eventually(() => told.textContent()).toContain('this is the answer to x = -1.00');
  },
  pays: async (page) => {
    await untilStep(page, 2, 1);
    expect((await config(page)).models.map(({ kind }) => kind)).toEqual(['implicit', 'residual']);
  },
  yours: async (page) => {
    await until(page, () => impflow.runs.value.length === 1, undefined);
    await untilStep(page, 2);
    expect((await config(page)).data.kind).toBe('drawn');
  },
  questions: async (page, press) => {
    await press(page, 'a steep edge');
    await page.getByText(/^No: this edge stretches 10 times/).waitFor();
    await press(page, 'a gentle rise');
    await page.getByText(/^Right\. The push of a residual block is gentle/).waitFor();
    const second = page.getByRole('region', {
      name: 'Which curve can one implicit block learn, and one residual block cannot?',
    });
    await second.getByRole('button', { name: 'up and down again' }).click();
    await second.getByText(/could not be undone/).waitFor();
    await second.getByRole('button', { name: 'a steep edge' }).click();
    await second.getByText(/^Right\./).waitFor();
  },
};

describe('the whole tour', () => {
  it.each([
    ['the keyboard at 1366 x 768', byKey, { viewport: { width: 1366, height: 768 } }],
    [
      'touch at 390 x 844',
      byTouch,
      { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 },
    ],
  ] as const)(
    'with %s: every station sets the machine, axe finds no fault in either theme, and no element is too wide',
    (_, press, context) =>
      visit({ hash: TINY, context }, async ({ page }) => {
        await untilReady(page);
        await press(page, 'Take the tour');
        for (const [i, name] of STATION_NAMES.entries()) {
          await page.locator(`main[data-tour="${name}"]`).waitFor();
          await STATIONS[name](page, press);
          for (const colorScheme of THEMES) {
            await page.emulateMedia({ colorScheme });
            const found = [
              ...(await tooWide(page)),
              ...(await violations(page, colorScheme === 'dark' ? 'colors' : 'all')),
            ];
            expect([name, colorScheme, ...found]).toEqual([name, colorScheme]);
          }
          await press(page, i === STATION_NAMES.length - 1 ? 'Done' : 'Next');
        }
        await eventually(() => page.evaluate(() => document.activeElement?.textContent)).toBe('Take the tour');
        await page.getByRole('application').waitFor();
      }),
  );
});

it('a word lights its part of the page, and a part lights its word; an address opens a station', () =>
  visit({ hash: '#tour=divide' }, async ({ page }) => {
    const word = page.getByRole('button', { name: 'a line' });
    const lit = (selector: string): Promise<boolean> =>
      page.locator(selector).evaluate((element) => 'lit' in (element as HTMLElement).dataset);
    await word.focus();
    expect(await lit('.divide-line')).toBe(true);
    await page.getByRole('button', { name: 'crosses it' }).focus();
    expect(await lit('.divide-line')).toBe(false);
    await page.getByText(/^input x/).hover();
    await eventually(() => lit('.tour-word[data-part="input"]')).toBe(true);
    await page.getByRole('heading', { name: 'An implicit block searches' }).hover();
    await eventually(() => lit('.tour-word[data-part="input"]')).toBe(false);
    await page.getByRole('button', { name: 'End the tour' }).click();
    expect(await page.locator('[data-lit]').count()).toBe(0);
    await page.getByRole('application').waitFor();
    expect(await page.evaluate(() => location.hash)).not.toContain('tour');
  }));

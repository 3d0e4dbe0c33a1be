// Tests of a whole table that the page learns: texts, empty cells, any number of columns. The numbers of the page are
// the numbers of the command line.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { decodeCheckpoint } from '@impflow/training';
import type { Locator, Page } from 'playwright';
import { expect, it } from 'vitest';
import { tooWide, violations } from './accessibility.ts';
import { drag, folderOfTest, give, saved } from './files.ts';
import { eventually, now, press, untilReady, untilStep, untilTold } from './page-actions.ts';
import { useSite } from './site.ts';

const { visit } = useSite();
const { write, folder } = folderOfTest();
const TINY = '#blocks=1&hidden=16-16&batch=64';
const PENGUINS = new URL('../../../../examples/impflow/penguins.json', import.meta.url);

/** Penguins with texts and empty cells, an identifier, a date, row numbers, and a column that is the same everywhere. */
const penguins = (): string => {
  const rows = JSON.parse(readFileSync(PENGUINS, 'utf8')) as readonly Readonly<Record<string, unknown>>[];
  const names = Object.keys(rows[0]!);
  const line = (row: Readonly<Record<string, unknown>>, i: number): string =>
    [
      `B-${((i * 7919) % 10_007) + 100}`,
      i + 1,
      new Date(Date.UTC(2009, 10, 1 + ((i * 37) % 60))).toISOString().slice(0, 10),
      'Palmer',
      ...names.map((name) => row[name] ?? ''),
    ].join(',');
  return [['Tag', 'Number', 'Day', 'Place', ...names].join(','), ...rows.map(line)].join('\n');
};

/** Returns the SHA-256 of every tensor of a checkpoint, by name. */
const tensorsOf = (bytes: Uint8Array): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(decodeCheckpoint(bytes, 'it').tensors).map(([name, { data }]) => [
      name,
      createHash('sha256').update(data).digest('hex'),
    ]),
  );

/**
 * Rounds the float64 numbers of a line to 13 digits. The last digit of `Math.exp` and `Math.log`, with which rows with
 * empty cells are integrated and cells are explained, differs between the engines of Node and Chromium.
 */
const rounded = (line: string): string =>
  line
    .split(',')
    .map((cell) => (cell === '' || Number.isNaN(Number(cell)) ? cell : Number(cell).toPrecision(13)))
    .join(',');

const run = promisify(execFile);
const PROGRAM = fileURLToPath(new URL('../../../trainer/bin/impflow.mjs', import.meta.url));

/** Runs the compiled command, and returns what it prints. @throws with its messages if it fails. */
const impflow = async (...args: readonly string[]): Promise<string> =>
  (await run(process.execPath, [PROGRAM, ...args, '--quiet'])).stdout;

/** Returns which columns are ticked, and the words next to the columns that are not. */
const ticks = async (dialog: Locator): Promise<Readonly<Record<string, string>>> => {
  const rows = await dialog.getByRole('region', { name: 'What is in each column' }).locator('tbody tr').all();
  return Object.fromEntries(
    await Promise.all(
      rows.map(async (row) => {
        const box = row.getByRole('checkbox');
        const state = (await box.isChecked()) ? 'learned' : (await box.isDisabled()) ? 'cannot' : 'not';
        const why = row.locator('td').nth(3).locator('.problem, .hint');
        return [await row.locator('th').innerText(), [state, ...(await why.allTextContents())].join(': ')];
      }),
    ),
  );
};

/** What the page says about the chosen row: cells, and the exact nats of cells that cost something. */
const cardOf = async (
  dialog: Locator,
): Promise<{ readonly words: string; readonly cells: readonly string[][]; readonly nats: readonly number[] }> => {
  const card = dialog.getByRole('region', { name: 'The chosen row' });
  await card.getByRole('table').waitFor();
  return {
    words: await card.getByRole('status').innerText(),
    cells: await Promise.all(
      (await card.locator('tbody tr').all()).map((row) => row.locator('th, td').allInnerTexts()),
    ),
    nats: await card.locator('meter').evaluateAll((meters) => meters.map((meter) => (meter as HTMLMeterElement).value)),
  };
};

const setSteps = async (dialog: Locator, steps: number): Promise<void> => {
  await dialog.locator('summary').filter({ hasText: 'How long' }).click();
  await dialog.getByRole('textbox', { name: 'Steps' }).fill(String(steps));
  await dialog.getByRole('textbox', { name: 'Seed' }).fill('3');
  await dialog.getByRole('textbox', { name: 'Seed' }).press('Tab');
};

const studioOf = async (page: Page): Promise<Locator> => {
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('region', { name: 'The chosen row' }).waitFor({ timeout: 120_000 });
  return dialog;
};

it(
  'a penguins file with texts and gaps is learned, explained and filled in the page with the numbers of the command line',
  () =>
    visit({ hash: TINY }, async ({ page }) => {
      await untilReady(page);
      await press(page, 'Play');
      await untilStep(page, 1);
      const file = write('penguins.csv', penguins());
      await (await drag(page, file)).drop();
      const dialog = page.getByRole('dialog', { name: 'penguins.csv' });
      await dialog.getByText('344 rows, 11 columns.').waitFor();
      const learned = 'learned';
      expect(await ticks(dialog)).toEqual({
        Tag: 'cannot: 344 different texts in 344 cells',
        Number: 'not: row numbers: they say only how the rows are sorted',
        Day: 'not: a date: learn it if times belong to the question',
        Place: 'cannot: the same in every row: "Palmer"',
        Species: learned,
        Island: learned,
        'Beak Length (mm)': learned,
        'Beak Depth (mm)': learned,
        'Flipper Length (mm)': learned,
        'Body Mass (g)': learned,
        Sex: learned,
      });
      expect(await violations(page)).toEqual([]);

      // A training can be stopped at once. The choices of the visitor remain.
      await dialog.getByRole('checkbox', { name: 'Beak Depth (mm)' }).uncheck();
      await dialog.getByText('Tick Beak Depth (mm), or choose another column to look at.').waitFor();
      const button = dialog.getByRole('button', { name: 'Learn the table' });
      expect(await button.isDisabled()).toBe(true);
      await dialog.getByRole('combobox', { name: 'Upwards' }).selectOption('Body Mass (g)');
      await button.click();
      await dialog.getByRole('progressbar', { name: 'Learning the table' }).waitFor();
      await dialog.getByRole('button', { name: 'Stop' }).click();
      await dialog.getByRole('checkbox', { name: 'Beak Depth (mm)' }).waitFor();
      expect((await ticks(dialog))['Beak Depth (mm)']).toBe('not');
      await setSteps(dialog, 8);
      await button.click();
      await studioOf(page);
      // The model of the page waits while the table is open.
      expect((await now(page)).playing).toBe(false);
      expect(await violations(page)).toEqual([]);
      const strange = await cardOf(dialog);

      // The page shows the command that computes the same model.
      await dialog.locator('summary').filter({ hasText: 'Report: ' }).click();
      const shown = await dialog.locator('.report code').innerText();
      expect(shown).toContain('--steps 8 --seed 3');
      const trained = join(folder, 'trained');
      const words = [...shown.matchAll(/"([^"]*)"|(\S+)/g)].map(([, text, word]) => text ?? word!);
      const data = words.map((word) => (word === 'penguins.csv' ? file : word));
      await impflow(...data.slice(1), '--backend', 'wasm', '--out', trained);
      const model = await saved(page, 'Save model', dialog);
      expect(model.name).toBe('penguins.safetensors');
      const bytes = readFileSync(join(trained, 'checkpoint.safetensors'));
      expect(tensorsOf(model.bytes)).toEqual(tensorsOf(bytes));

      // The scores of the page are the cells of the file with the columns of `impflow score`.
      const scores = join(folder, 'scores.csv');
      await impflow('score', trained, file, '--out', scores);
      const lines = (text: string | Uint8Array): readonly string[] => Buffer.from(text).toString().trim().split('\n');
      const [there, here, cells] = [
        lines(readFileSync(scores)),
        lines((await saved(page, 'Save scores', dialog)).bytes),
        lines(penguins()),
      ];
      expect(here.map((line, i) => line.slice(cells[i]!.length + 1)).map(rounded)).toEqual(there.map(rounded));
      const complete = there.flatMap((line, i) => (line.split(',').at(-1) === '' ? [] : [i]));
      expect(complete.length).toBeGreaterThan(330);
      expect(complete.map((i) => here[i])).toEqual(complete.map((i) => `${cells[i]},${there[i]}`));

      // The row that costs most is explained with the numbers of `impflow score --explain`.
      const values = there.slice(1).map((line) => Number(line.split(',')[0]));
      const least = complete.slice(1).reduce((low, i) => (values[i - 1]! < values[low - 1]! ? i : low), complete[1]!);
      await dialog.getByRole('heading', { name: `Row ${least}`, exact: true }).waitFor();
      const alone = write('strange.csv', [cells[0], cells[least]].join('\n'));
      const { lowest } = JSON.parse(await impflow('score', trained, alone, '--explain', '--json')) as {
        readonly lowest: readonly [{ readonly reasons: readonly { readonly part: number }[] }];
      };
      const costs = lowest[0].reasons
        .map(({ part }) => part)
        .filter((part) => part > 0)
        .sort((a, b) => b - a);
      expect(costs.length).toBeGreaterThan(0);
      expect(rounded(strange.nats.filter((nats) => nats > 0).join(','))).toEqual(rounded(costs.join(',')));

      // Empty cells are filled as `impflow impute` fills them.
      const filled = join(folder, 'filled.csv');
      await impflow('impute', trained, file, '--draws', '1', '--out', filled);
      const whole = lines((await saved(page, 'Save filled table', dialog)).bytes);
      expect(whole).toEqual(lines(readFileSync(filled)));
      await dialog.getByRole('radio', { name: 'With empty cells' }).check();
      await dialog.getByRole('button', { name: 'Row 9 1 gap' }).click();
      await dialog.getByRole('heading', { name: 'Row 9', exact: true }).waitFor();
      const gap = await cardOf(dialog);
      const one = write('one.csv', [cells[0], cells[9]].join('\n'));
      const { imputed } = JSON.parse(await impflow('impute', trained, one, '--draws', '200', '--json')) as {
        readonly imputed: readonly { readonly Sex: string }[];
      };
      const males = Math.round((100 * imputed.filter(({ Sex }) => Sex === 'MALE').length) / 200);
      expect(gap.cells.find(([column]) => column === 'Sex')).toEqual([
        'Sex',
        'empty',
        expect.stringContaining(`MALE ${males} %`),
        '–',
      ]);

      // A click on a dot chooses its row.
      const picture = dialog.getByRole('img', {
        name: 'Body Mass (g) over Beak Length (mm): 344 rows and draws of the model',
      });
      const { width, height } = (await picture.boundingBox())!;
      await picture.click({ position: { x: 0.45 * width, y: 0.45 * height } });
      await eventually(() => dialog.getByRole('heading', { name: /^Row \d+$/ }).innerText()).not.toBe('Row 9');
      await dialog.getByRole('combobox', { name: 'Upwards' }).selectOption('Species');
      await dialog
        .getByRole('img', { name: 'Species over Beak Length (mm): 344 rows and draws of the model' })
        .waitFor();
      await page.setViewportSize({ width: 390, height: 844 });
      expect([...(await tooWide(page)), ...(await violations(page))]).toEqual([]);
      await page.setViewportSize({ width: 1440, height: 900 });

      // The model was saved, so the dialog closes, and the model of the page trains again.
      await page.keyboard.press('Escape');
      await dialog.waitFor({ state: 'detached' });
      await eventually(async () => (await now(page)).playing).toBe(true);
      await press(page, 'Pause');

      // The run folder of the command opens with its report and the same tools.
      await (await drag(page, trained)).drop();
      const opened = page.getByRole('dialog', { name: 'trained' });
      await opened.getByText(/^Loss on 3\d test rows: /).waitFor();
      expect(await violations(page)).toEqual([]);
      await give(opened.getByRole('button', { name: 'Open rows…' }), 'penguins.csv', penguins());
      await studioOf(page);
      expect(await cardOf(opened)).toEqual(strange);
      expect(lines((await saved(page, 'Save scores', opened)).bytes)).toEqual(here);
      await page.keyboard.press('Escape');
      await opened.waitFor({ state: 'detached' });

      // A folder without a run is refused with what to do.
      const empty = join(folder, 'empty');
      mkdirSync(empty);
      await (await drag(page, empty)).drop();
      await untilTold(page, 'No run in the folder empty: expected the file checkpoint.safetensors.');
    }),
  300_000,
);

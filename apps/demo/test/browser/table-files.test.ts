// Tests of tables that the visitor chooses, drops or pastes. Valid tables become the data of the page. Invalid tables
// are rejected with a reason.
import type { Locator, Page } from 'playwright';
import { describe, expect, it } from 'vitest';
import { drag, folderOfTest, give, type Content } from './files.ts';
import {
  choose,
  config,
  eventually,
  now,
  onlyTwo,
  press,
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
const { write } = folderOfTest();
const TINY = '#blocks=1&hidden=16-16&batch=64';

const table = (rows: number, row: (i: number) => string, header?: string): string =>
  [...(header === undefined ? [] : [header]), ...Array.from({ length: rows }, (_, i) => row(i))].join('\n');
/** Two columns with numbers far from 0 and of different sizes, so that an error in scale or order is detected. */
const wide = (i: number): string => (300 + 40 * Math.sin(i) + 9 * Math.cos(2.3 * i)).toFixed(3);
const high = (i: number): string => (-2 + 0.5 * Math.cos(1.7 * i)).toFixed(4);
const pair = (i: number): string => `${wide(i)},${high(i)}`;
/** Four columns, two of them with numbers, as a spreadsheet exports them if the comma is the decimal sign. */
const FLOWERS = table(
  120,
  (i) => `k${i};"${wide(i)}";${high(i)};"a ""fine"" one"`,
  '"id";"width, cm";height;"species; all"',
).replaceAll('\n', '\r\n');

const chosenFile = async (page: Page, name: string, content: Content): Promise<Locator> => {
  await page.getByRole('button', { name: 'Open a table' }).click();
  const dialog = page.getByRole('dialog');
  await give(dialog.getByRole('button', { name: 'Choose a file…' }), name, content);
  return dialog;
};

/** Returns the table of columns that the dialog shows, cell by cell. */
const previewed = async (dialog: Locator): Promise<readonly (readonly string[])[]> => {
  await dialog.getByRole('table').waitFor();
  const rows = await dialog.getByRole('row').all();
  return Promise.all(rows.slice(1).map((row) => row.locator('th, td').allTextContents()));
};

/** Accepts the two columns that are chosen in the dialog, and waits for a model of these columns. */
const take = async (page: Page, name: string): Promise<void> => {
  const dialog = page.getByRole('dialog');
  await (await onlyTwo(page)).click();
  await dialog.waitFor({ state: 'detached' });
  await until(
    page,
    (wanted) => {
      const { data } = impflow.config.value;
      return data.kind === 'table' && data.name === wanted && impflow.runs.value[0]!.status.value === 'paused';
    },
    name,
  );
};

/** Returns the data that the page shows, after the worker has prepared them. */
const dataSeen = async (
  page: Page,
): Promise<{
  readonly columns: readonly string[];
  readonly trainRows: number;
  readonly heldOutRows: number;
  readonly points: readonly number[];
  readonly about: string;
}> => {
  await page.waitForFunction(() => impflow.data.value !== undefined);
  return page.evaluate(() => ({ ...impflow.data.value!, points: Array.from(impflow.data.value!.points) }));
};

describe('opening a valid table', () => {
  it('the dialog shows the columns and first cells of a table; the model learns the two chosen columns', () =>
    visit({ hash: TINY }, async ({ page }) => {
      await untilReady(page);
      const dialog = await chosenFile(page, 'flowers.csv', FLOWERS);
      await dialog.getByRole('heading', { name: 'flowers.csv' }).waitFor();
      await dialog.getByText('120 rows, 4 columns.').waitFor();
      const numbers = (cell: (i: number) => string): { readonly first: string; readonly ends: readonly string[] } => {
        const cells = Array.from({ length: 120 }, (_, i) => Number(cell(i)));
        return {
          first: Array.from({ length: 6 }, (_, i) => Number(cell(i))).join(', '),
          ends: [Math.min(...cells), Math.max(...cells)].map((value) => String(Number(value.toPrecision(5)))),
        };
      };
      const [width, height] = [numbers(wide), numbers(high)];
      expect(await previewed(dialog)).toEqual([
        ['id', 'k0, k1, k2, k3, k4, k5', '–', '–', '120 different texts in 120 cells', '–'],
        ['width, cm', width.first, ...width.ends, 'numbers', 'to the right'],
        ['height', height.first, ...height.ends, 'numbers', 'upwards'],
        [
          'species; all',
          Array.from({ length: 6 }, () => 'a "fine" one').join(', '),
          '–',
          '–',
          'the same in every row: "a "fine" one"',
          '–',
        ],
      ]);
      // The dialog has chosen the first two usable columns. Unusable columns cannot be chosen.
      const [across, up] = [
        dialog.getByRole('combobox', { name: 'To the right' }),
        dialog.getByRole('combobox', { name: 'Upwards' }),
      ];
      expect([await across.inputValue(), await up.inputValue()]).toEqual(['width, cm', 'height']);
      expect(await across.locator('option:disabled').allTextContents()).toEqual(['id', 'species; all']);
      await across.selectOption('height');
      // Buttons that cannot be pressed say why.
      const same = dialog.getByText('Choose two different columns to look at.');
      await same.last().waitFor();
      expect(await (await onlyTwo(page)).isDisabled()).toBe(true);
      expect(await dialog.getByRole('button', { name: 'Learn the table' }).isDisabled()).toBe(true);
      await up.selectOption('width, cm');
      await eventually(() => same.count()).toBe(0);
      await take(page, 'flowers.csv');

      const { columns, trainRows, heldOutRows, points, about } = await dataSeen(page);
      expect([columns, trainRows, heldOutRows]).toEqual([['height', 'width, cm'], 96, 12]);
      expect(about).toContain('They stay in this browser.');
      const rows = new Set(
        Array.from({ length: 120 }, (_, i) => [high(i), wide(i)].map((cell) => Math.fround(Number(cell))).join()),
      );
      expect(
        Array.from({ length: 96 }, (_, i) => points.slice(2 * i, 2 * i + 2).join()).filter((row) => !rows.has(row)),
      ).toEqual([]);
      await page.getByText('Trained on 96 rows, judged on 12 others. Axes: height, width, cm.').waitFor();
      expect(await page.getByRole('combobox', { name: 'Points from' }).locator('option:checked').textContent()).toBe(
        'flowers.csv',
      );
      await trainTo(page, 60);
      await untilSeen(page);
      const { losses } = await now(page);
      expect(losses.at(-1)).toBeLessThan(losses[0]! - 0.1);
      // The picture shows the plane of the two columns, and the axes have the names of these columns.
      await page.getByRole('application').focus();
      await page.keyboard.press('ArrowUp');
      await page.getByText(/^height −[12][.\d]*, width, cm \d{3}: density /).waitFor();
      await eventually(() => page.getByRole('application').getAttribute('aria-label')).toContain(
        'Density of flowers.csv after',
      );
      // The density refers to the units of the columns. Near the data, the density is about the reciprocal of the area
      // that the data cover. Far from the data, the density is almost 0.
      const [inside, outside, turned] = await page.evaluate(() =>
        impflow.logProb(0, Float32Array.of(-2, 300, 2, 300, 300, -2)),
      );
      expect(inside).toBeGreaterThan(-8);
      expect(inside).toBeLessThan(-1);
      expect(outside).toBeLessThan(inside! - 5);
      expect(turned).toBeLessThan(inside! - 5);
      expect(await page.evaluate(() => impflow.notices.value.length)).toBe(0);
    }));

  const numbersOnly: readonly (readonly [
    what: string,
    name: string,
    content: Content,
    columns: readonly [string, string],
  ])[] = [
    ['no header', 'plain.csv', table(40, pair), ['x0', 'x1']],
    ['tabs', 'tabs.tsv', table(40, (i) => `${wide(i)}\t${high(i)}`, 'wide\thigh'), ['wide', 'high']],
    [
      'tabs in a file named .txt',
      'tabs.txt',
      table(40, (i) => `${wide(i)}\t${high(i)}`, 'wide\thigh'),
      ['wide', 'high'],
    ],
    ['semicolons', 'semicolons.csv', table(40, (i) => `${wide(i)};${high(i)}`, 'wide;high'), ['wide', 'high']],
    [
      'byte-order mark, quotes and blank lines',
      'excel.csv',
      `\uFEFF${table(40, (i) => `"${wide(i)}" , "${high(i)}"\r\n`, '"wide","high"\r\n')}\r\n`,
      ['wide', 'high'],
    ],
    [
      'scientific notation',
      'small.csv',
      table(
        40,
        (i) => `${(Number(wide(i)) * 1e-9).toExponential()},${(Number(high(i)) * 1e9).toExponential()}`,
        'tiny,huge',
      ),
      ['tiny', 'huge'],
    ],
  ];
  it(`a table is read in every format: ${numbersOnly.map(([what]) => what).join('; ')}`, () =>
    visit({ hash: TINY }, async ({ page }) => {
      await untilReady(page);
      for (const [what, name, content, columns] of numbersOnly) {
        const dialog = await chosenFile(page, name, content);
        await dialog.getByText('40 rows, 2 columns.').waitFor();
        const preview = await previewed(dialog);
        expect([what, preview.map(([column]) => column), preview.map((cells) => cells.at(-2))]).toEqual([
          what,
          columns,
          ['numbers', 'numbers'],
        ]);
        await take(page, name);
        expect([what, (await dataSeen(page)).columns]).toEqual([what, columns]);
        await press(page, 'Step');
        await untilStep(page, 1);
        const { losses } = await now(page);
        expect([what, losses.every(Number.isFinite)]).toEqual([what, true]);
      }
    }));

  it('a table can be dropped anywhere on the page', () =>
    visit({ hash: TINY }, async ({ page }) => {
      await untilReady(page);
      const path = write('dropped.csv', FLOWERS);
      const words = page.getByText('Drop a table, a model, or a run folder');
      // The test drags the file over the page, and then away from the page.
      const away = await drag(page, path);
      await words.waitFor();
      await away.leave();
      await words.waitFor({ state: 'detached' });
      expect(await page.getByRole('dialog').count()).toBe(0);

      await (await drag(page, path)).drop();
      const dialog = page.getByRole('dialog', { name: 'dropped.csv' });
      await dialog.getByText('120 rows, 4 columns.').waitFor();
      expect(await words.count()).toBe(0);
      await dialog.getByRole('button', { name: 'Cancel' }).click();
      await dialog.waitFor({ state: 'detached' });
      expect((await config(page)).data.kind).toBe('toy');

      // If two files are dropped, only the first file is opened. A file that is dropped on the open dialog replaces the
      // opened file.
      await (await drag(page, path, write('second.csv', table(40, pair)))).drop();
      await untilTold(page, 'Only one file at a time: dropped.csv is opened, the other files are ignored.');
      await dialog.getByText('120 rows, 4 columns.').waitFor();
      await (await drag(page, write('second.csv', table(40, pair)))).drop();
      await page.getByRole('dialog', { name: 'second.csv' }).getByText('40 rows, 2 columns.').waitFor();
      await take(page, 'second.csv');
      expect((await dataSeen(page)).columns).toEqual(['x0', 'x1']);
    }));

  it('a table can be pasted from a spreadsheet', () =>
    visit({ hash: TINY, context: { permissions: ['clipboard-read', 'clipboard-write'] } }, async ({ page }) => {
      await untilReady(page);
      await page.getByRole('button', { name: 'Open a table' }).click();
      const dialog = page.getByRole('dialog', { name: 'Open a table' });
      const use = dialog.getByRole('button', { name: 'Use what is pasted' });
      expect(await use.isDisabled()).toBe(true);
      await page.evaluate(
        (text) => navigator.clipboard.writeText(text),
        table(50, (i) => `${wide(i)}\t${high(i)}`, 'wide, mm\thigh'),
      );
      await dialog.getByRole('textbox', { name: 'Or paste it here' }).focus();
      await page.keyboard.press('Control+V');
      await use.click();
      const read = page.getByRole('dialog', { name: 'pasted.tsv' });
      await read.getByText('50 rows, 2 columns.').waitFor();
      expect((await previewed(read)).map(([column]) => column)).toEqual(['wide, mm', 'high']);
      await take(page, 'pasted.tsv');
      expect(await dataSeen(page)).toMatchObject({ columns: ['wide, mm', 'high'], trainRows: 40, heldOutRows: 5 });
    }));

  it('the page reports that it adds noise to a column of whole numbers; samples of this column are whole numbers', () =>
    visit({ hash: TINY }, async ({ page }) => {
      await untilReady(page);
      const dialog = await chosenFile(
        page,
        'counts.csv',
        table(200, (i) => `${(i * i) % 7},${high(i)}`, 'children,height'),
      );
      expect((await previewed(dialog)).map((cells) => cells.at(-2))).toEqual([
        'whole numbers; values repeat',
        'numbers',
      ]);
      await onlyTwo(page);
      await dialog
        .getByText(
          'children: whole numbers that repeat have no density; random numbers between 0 and 1 will be added to them.',
        )
        .waitFor();
      await take(page, 'counts.csv');
      await page
        .getByText('Whole numbers in children: uniform noise in [0, 1) added, so that a density exists.')
        .waitFor();
      const { points } = await dataSeen(page);
      const children = points.filter((_, i) => i % 2 === 0);
      expect(children.filter(Number.isInteger).length).toBeLessThan(children.length / 10);
      expect(new Set(children.map(Math.floor))).toEqual(new Set([0, 1, 2, 4]));
      await trainTo(page, 30);
      await untilSeen(page);
      const [head, ...rows] = (await page.evaluate(() => impflow.samplesAsCsv(0, 50))).trim().split('\n');
      expect(head).toBe('children,height');
      expect(
        rows
          .map((row) => row.split(',').map(Number))
          .every(([whole, broken]) => Number.isInteger(whole) && !Number.isInteger(broken)),
      ).toBe(true);
    }));

  it('a table with missing cells, decimal commas, dates and text is read; rows with missing cells are skipped', () =>
    visit({ hash: TINY }, async ({ page }) => {
      await untilReady(page);
      const comma = (text: string): string => text.replace('.', ',');
      const dialog = await chosenFile(
        page,
        'visits.csv',
        table(
          60,
          (i) =>
            `${new Date(Date.UTC(2024, 0, 1 + ((i * 37) % 97))).toISOString().slice(0, 10)};${comma(wide(i))};` +
            `${i % 20 === 3 ? '' : comma(high(i))};${['north', 'south', 'south', ''][i % 4]}`,
          'day;width;height;place',
        ),
      );
      await dialog
        .getByText('visits.csv: header day, width, height, place; semicolons between cells; decimal comma, as in ')
        .waitFor();
      expect((await previewed(dialog)).map((cells) => cells.slice(-2))).toEqual([
        ['dates, as days since 2024-01-01a date: learn it if times belong to the question', '–'],
        ['numbers', 'to the right'],
        ['numbers; 3 gaps', 'upwards'],
        ['text, 2 categories; 15 gaps', '–'],
      ]);
      await onlyTwo(page);
      const color = dialog.getByRole('combobox', { name: 'Color of the points' });
      await color.selectOption('place');
      await dialog.getByRole('combobox', { name: 'To the right' }).selectOption('day');
      await dialog.getByText('The 3 rows with gaps in these columns are skipped; 57 rows remain.').waitFor();
      await take(page, 'visits.csv');
      const { columns, trainRows, heldOutRows, about } = await dataSeen(page);
      expect([columns, trainRows + 2 * heldOutRows]).toEqual([['day (days since 2024-01-01)', 'height'], 57]);
      expect(about).toContain('3 rows with gaps are left out.');
      await page.getByText('data by place: south north no value').waitFor();
      const { categories, values } = await page.evaluate(() => {
        const { colors } = impflow.data.value!;
        return { ...colors!, values: Array.from(colors!.values) };
      });
      expect(categories).toEqual(['south', 'north']);
      expect([values.length, new Set(values)]).toEqual([trainRows, new Set([0, 1, NaN])]);
      await trainTo(page, 5);
      await untilSeen(page);
    }));

  it('the model learns a table with a limited number of rows and with added noise', () =>
    visit({ hash: TINY }, async ({ page }) => {
      await untilReady(page);
      await chosenFile(page, 'many.csv', table(500, pair, 'wide,high'));
      await take(page, 'many.csv');
      expect(await dataSeen(page)).toMatchObject({ trainRows: 400, heldOutRows: 50 });
      await type(page, 'Rows', 60);
      await until(
        page,
        () => impflow.data.value?.trainRows === 60 && impflow.runs.value[0]!.status.value === 'paused',
        undefined,
      );
      expect(await dataSeen(page)).toMatchObject({ trainRows: 60, heldOutRows: 50, columns: ['wide', 'high'] });
      await type(page, 'Noise', 0.1);
      await page.getByText('Gaussian noise of 0.1 standard deviations of each column added.').waitFor();
      await untilReady(page);
      await trainTo(page, 10);
      const { step } = await now(page);
      await choose(page, 'Points from', 'Two moons');
      await until(
        page,
        () => impflow.data.value?.name === 'moons' && impflow.runs.value[0]!.status.value === 'paused',
        undefined,
      );
      await press(page, 'Undo');
      await untilStep(page, step);
      await eventually(() => dataSeen(page)).toMatchObject({ trainRows: 60, columns: ['wide', 'high'] });
      // The address contains the name of the file, but not the table.
      await until(page, () => location.hash.includes('file=many.csv'), undefined);
      await page.reload();
      await untilTold(page, 'An address cannot contain a table: drop the file “many.csv” on the page again.');
    }));
});

describe('opening an invalid table', () => {
  const withRow = (wrong: string): string => table(20, (i) => (i === 7 ? wrong : pair(i)), 'x,y');
  const oneColumn = 'Tick at least two columns, one of them with numbers.';
  /**
   * The invalid tables of the tests. Each entry contains the kind of the table, the contents of the file, and the
   * message in the dialog.
   */
  const bad: readonly (readonly [what: string, content: Content, ...words: string[]])[] = [
    ['empty', '', 'Empty file bad.csv: expected a table, got 0 bytes.'],
    ['blank', '\n \n\n', 'No rows in bad.csv: expected at least 10, got none.'],
    ['only a header', 'x,y\n', 'No rows in bad.csv: expected at least 10, got the columns x, y and no row.'],
    [
      'binary',
      Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13),
      'No text in bad.csv: expected comma-separated text in UTF-8, got binary data.',
    ],
    [
      'a line with too many cells',
      withRow('1,2,3'),
      'Line 9 has the wrong number of cells in bad.csv: expected 2 cells, got 3.',
    ],
    [
      'a line with too few cells',
      withRow('1'),
      'Line 9 has the wrong number of cells in bad.csv: expected 2 cells, got 1.',
    ],
    ['text in a column', withRow('0.5,seven'), 'text in line 9: "seven"', oneColumn],
    ['no numbers in a column', table(20, (i) => `${wide(i)},`, 'x,y'), 'no numbers, all cells are missing', oneColumn],
    ['infinite cells', withRow('-inf,0.5'), 'infinite in line 9', oneColumn],
    ['too large a number', withRow('0.5,1e300'), 'too large for float32 in line 9: 1e+300', oneColumn],
    [
      'one column',
      table(20, String, 'x'),
      'Only one column in bad.csv: expected at least 2, with a comma, a semicolon or a tab between their cells, got "x".',
    ],
    ['too few rows', table(9, pair, 'x,y'), 'Too few rows in bad.csv: expected at least 10, got 9.'],
    ['a constant column', table(20, (i) => `${wide(i)},7`, 'x,y'), 'the same in every row: 7', oneColumn],
    [
      'two columns with the same name',
      table(20, pair, 'x,x'),
      'Two columns of bad.csv have the same name: expected different names, got "x" twice.',
    ],
    [
      'not UTF-8',
      Buffer.concat([Buffer.from('x,gr'), Uint8Array.of(0xf6), Buffer.from(`sse\n${table(20, pair)}`)]),
      'Line 1 is not UTF-8 in bad.csv: expected text in UTF-8, got bytes of another encoding.',
    ],
    [
      'a quote without an end',
      withRow('"0.5,1'),
      'A misplaced quote in bad.csv',
      'a quote that opens after line 8 has no end',
    ],
  ];

  it(`an invalid table is refused with a reason, and training continues: ${bad.map(([what]) => what).join('; ')}`, () =>
    visit({ hash: `${TINY}&steps=0` }, async ({ page }) => {
      await untilReady(page);
      const [before, data] = [await config(page), await dataSeen(page)];
      await press(page, 'Play');
      await untilStep(page, 1);
      for (const [what, content, ...words] of bad) {
        const { step } = await now(page);
        const dialog = await chosenFile(page, 'bad.csv', content);
        for (const sentence of words) await dialog.getByText(sentence).waitFor();
        const use = dialog.getByRole('button', { name: 'Learn the table' });
        expect([what, (await use.count()) === 0 || (await use.isDisabled())]).toEqual([what, true]);
        await page.keyboard.press('Escape');
        await dialog.waitFor({ state: 'detached' });
        await untilStep(page, step + 1);
      }
      expect(await config(page)).toEqual(before);
      expect(await dataSeen(page)).toEqual(data);
      expect(await page.evaluate(() => [impflow.notices.value.length, impflow.canUndo.value])).toEqual([0, false]);
      expect((await now(page)).status).toBe('running');
    }));

  it('two equal columns of a table are refused when both are chosen; another column can be chosen instead', () =>
    visit({ hash: TINY }, async ({ page }) => {
      await untilReady(page);
      await trainTo(page, 5);
      const [before, { step }] = [await config(page), await now(page)];
      const dialog = await chosenFile(
        page,
        'twins.csv',
        table(40, (i) => `${wide(i)},${wide(i)},${high(i)}`, 'one,same,other'),
      );
      // The package finds the copy, so it is not chosen at first.
      expect((await previewed(dialog))[1]!.at(-2)).toContain('a linear combination of "one"');
      await dialog.getByRole('combobox', { name: 'Upwards' }).selectOption('same');
      await (await onlyTwo(page)).click();
      await dialog.getByRole('alert').getByText('The column "same" of twins.csv is a linear combination of').waitFor();
      expect(await config(page)).toEqual(before);
      expect(await now(page)).toMatchObject({ step, status: 'paused' });
      await dialog.getByRole('combobox', { name: 'Upwards' }).selectOption('other');
      await take(page, 'twins.csv');
      expect((await dataSeen(page)).columns).toEqual(['one', 'other']);
      await press(page, 'Undo');
      await untilStep(page, step);
      expect(await config(page)).toEqual(before);
    }));

  it('after an invalid table, the open dialog accepts a valid table; invalid pasted text is refused with a reason', () =>
    visit({ hash: TINY }, async ({ page }) => {
      await untilReady(page);
      const dialog = await chosenFile(page, 'bad.csv', table(9, pair));
      await dialog.getByText('Too few rows in bad.csv').waitFor();
      await dialog.getByRole('textbox', { name: 'Or paste it here' }).fill('x,y\n1,2,3\n');
      await dialog.getByRole('button', { name: 'Use what is pasted' }).click();
      await dialog.getByText('Line 2 has the wrong number of cells in pasted.csv').waitFor();
      expect(await dialog.getByText('Too few rows').count()).toBe(0);
      await give(dialog.getByRole('button', { name: 'Choose a file…' }), 'good.csv', table(20, pair));
      await dialog.getByText('20 rows, 2 columns.').waitFor();
      expect(await dialog.getByRole('alert').count()).toBe(0);
      await take(page, 'good.csv');
    }));

  it('after an invalid file, a corrected file of the same name can be dropped', () =>
    visit({ hash: TINY }, async ({ page }) => {
      await untilReady(page);
      await (await drag(page, write('mended.csv', table(9, pair)))).drop();
      const dialog = page.getByRole('dialog', { name: 'mended.csv' });
      await dialog.getByText('Too few rows in mended.csv').waitFor();
      await (await drag(page, write('mended.csv', table(30, pair)))).drop();
      await dialog.getByText('30 rows, 2 columns.').waitFor();
      await take(page, 'mended.csv');
      expect(await dataSeen(page)).toMatchObject({ trainRows: 24, heldOutRows: 3 });
    }));
});

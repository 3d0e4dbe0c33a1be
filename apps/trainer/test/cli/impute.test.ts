import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { readFrame } from '@impflow/tables';
import { beforeAll, describe, expect, it } from 'vitest';
import { realDatasets } from '../../src/dataset/bundled-tables.ts';
import { csv, json, temporary, within } from './harness.ts';
import { imageFolder } from './image-fixtures.ts';
import { csvRows, penguins, rowsCsv, vegaCsv, type VegaRow } from './tables.ts';

interface Answer {
  readonly rows: number;
  readonly rowsWithGaps: number;
  readonly cellsFilled: number;
  readonly acceptance: number;
  readonly smallestEffective: number;
  readonly left: readonly number[];
  readonly columns: readonly string[];
}

const folder = temporary();
const at = (name: string): string => join(folder, name);
const SHORT = [
  '--steps',
  '20',
  '--batch',
  '100',
  '--hidden',
  '8',
  '--blocks',
  '1',
  '--workers',
  '1',
  '--quiet',
  '--json',
];
const BODY = 'Body Mass (g)';
const birds = penguins();
const names = Object.keys(birds[0]!);
const isOpen = (row: VegaRow): boolean => names.some((name) => row[name] === null);
const imputed = async (...args: readonly string[]): Promise<Answer> =>
  json<Answer>(await within('impute', ...args, '--json'));

beforeAll(async () => {
  rowsCsv(
    at('birds.csv'),
    birds.map((row, i) => ({ note: `n${i}`, ...row })),
  );
  json(await within('train', '--data', at('birds.csv'), '--columns', names.join(), ...SHORT, '--out', at('run')));
  json(
    await within(
      'train',
      '--data',
      at('birds.csv'),
      '--columns',
      names.join(),
      '--given',
      'Species',
      ...SHORT,
      '--out',
      at('given'),
    ),
  );
  json(await within('train', '--data', 'cars', ...SHORT, '--out', at('cars')));
}, 120_000);

describe('impute', () => {
  it('`impute` with one draw fills each gap, and keeps the rows, the known cells and the unknown columns of the file', async () => {
    const answer = await imputed(at('run'), at('birds.csv'), '--draws', '1', '--out', at('one.csv'));
    const open = birds.filter(isOpen).length;
    expect(open).toBeGreaterThan(5);
    expect(answer).toMatchObject({ rows: birds.length, rowsWithGaps: open, left: [], columns: ['note', ...names] });
    expect(answer.cellsFilled).toBe(
      birds.reduce((sum, row) => sum + names.filter((name) => row[name] === null).length, 0),
    );
    const [before, after] = [csvRows(at('birds.csv')), csvRows(at('one.csv'))];
    expect(after).toHaveLength(before.length);
    before.forEach((row, i) => {
      for (const [name, cell] of Object.entries(row))
        expect(after[i]![name], `${name} of row ${i}`).toMatch(cell === '' ? /./ : new RegExp(`^${cell}$`));
    });
    // Drawn categories occur in the file, and drawn numbers are whole where the column has whole numbers.
    for (const { Sex, [BODY]: body } of after) {
      expect(['MALE', 'FEMALE']).toContain(Sex);
      expect(Number.isInteger(Number(body))).toBe(true);
    }
  });

  it('`impute` with several draws writes all rows once per draw; rows without gaps do not change', async () => {
    await imputed(at('run'), at('birds.csv'), '--draws', '6', '--out', at('six.csv'));
    const rows = csvRows(at('six.csv'));
    expect(Object.keys(rows[0]!)).toEqual(['row', 'draw', 'note', ...names]);
    expect(rows).toHaveLength(6 * birds.length);
    rows.forEach(({ row, draw }, i) =>
      expect([row, draw]).toEqual([String((i % birds.length) + 1), String(Math.floor(i / birds.length) + 1)]),
    );
    birds.forEach((bird, row) => {
      const own = rows.filter((_, i) => i % birds.length === row).map((cells) => JSON.stringify({ ...cells, draw: 0 }));
      // Only the sex is missing in such a row, so it has at most two different completions.
      const least = bird[BODY] === null ? 5 : 1;
      const most = !isOpen(bird) ? 1 : bird[BODY] === null ? 6 : 2;
      expect(new Set(own).size).toBeGreaterThanOrEqual(least);
      expect(new Set(own).size).toBeLessThanOrEqual(most);
    });
  });

  it('`impute` writes the same bytes for the same seed, and other bytes for another seed', async () => {
    const bytes = async (seed: string): Promise<string> => {
      await imputed(at('run'), at('birds.csv'), '--draws', '2', '--seed', seed, '--out', at('seed.csv'), '--force');
      return readFileSync(at('seed.csv'), 'utf8');
    };
    const first = await bytes('3');
    expect(await bytes('3')).toBe(first);
    expect(await bytes('4')).not.toBe(first);
    const { stdout, stderr } = await within('impute', at('run'), at('birds.csv'), '--draws', '2', '--seed', '3');
    expect(stdout).toBe(first);
    expect(stderr).toContain('proposals accepted');
  });

  it('`impute` draws values that fit the other cells, with the spread of the true values', async () => {
    const whole = birds.filter((row) => !isOpen(row));
    const hidden = whole.filter((_, i) => i % 5 === 0);
    rowsCsv(
      at('hidden.csv'),
      hidden.map((row) => ({ ...row, [BODY]: null })),
    );
    const answer = await imputed(at('run'), at('hidden.csv'), '--draws', '20', '--out', at('filled.parquet'));
    expect(answer.acceptance).toBeGreaterThan(0.5);
    expect(answer.smallestEffective).toBeGreaterThan(20);
    const { columns } = await readFrame(at('filled.parquet'));
    const drawn = columns.find(({ name }) => name === BODY)!.numbers;
    const ranks = hidden.map((row, i) => {
      const own = drawn.filter((_, k) => k % hidden.length === i);
      return own.filter((value) => value < Number(row[BODY])).length / own.length;
    });
    // The ranks of the true values among the draws are uniform: their mean is 1/2, and a quarter of the ranks is
    // outside of the middle 3/4.
    const mean = ranks.reduce((sum, rank) => sum + rank, 0) / ranks.length;
    expect(Math.abs(mean - 0.5)).toBeLessThan(5 * Math.sqrt(1 / 12 / ranks.length));
    const outside = ranks.filter((rank) => Math.abs(rank - 0.5) > 0.375).length / ranks.length;
    expect(Math.abs(outside - 0.25)).toBeLessThan(0.05 + 5 * Math.sqrt(0.1875 / ranks.length));
    // The known columns explain most of the variance of the hidden column.
    const error = hidden.map((row, i) => {
      const own = drawn.filter((_, k) => k % hidden.length === i);
      return (own.reduce((sum, value) => sum + value, 0) / own.length - Number(row[BODY])) ** 2;
    });
    expect(Math.sqrt(error.reduce((sum, each) => sum + each, 0) / error.length)).toBeLessThan(500);
  });

  it('`impute` leaves rows with a missing condition unchanged, and prints a note', async () => {
    rowsCsv(at('lost.csv'), [
      { ...birds[0]!, [BODY]: null },
      { ...birds[1]!, Species: null, [BODY]: null },
    ]);
    const { code, stdout, stderr } = await within(
      'impute',
      at('given'),
      at('lost.csv'),
      '--draws',
      '1',
      '--out',
      at('kept.csv'),
    );
    expect([code, stdout]).toEqual([0, expect.stringMatching(/rows left as they are +1\n/)]);
    expect(stderr).toContain('Rows that keep their gaps: 1 (row 2). They lack a condition that no training row lacked');
    const [first, second] = csvRows(at('kept.csv'));
    expect(first![BODY]).toMatch(/^\d+$/);
    expect([second!['Species'], second![BODY]]).toEqual(['', '']);
  });

  it('`impute` fills a table of numbers with a run on numbers', async () => {
    const cars = await realDatasets.cars.load();
    const columns = cars.columns.map(({ name }) => name);
    const rows = Array.from({ length: 40 }, (_, i) => cars.columns.map(({ numbers }) => numbers[i]!));
    const cells = rows.map((row, i) => row.map((value, j) => ((i + j) % 7 === 0 ? '' : String(value))));
    const quoted = columns.map((name) => `"${name}"`).join();
    csv(
      at('cars.csv'),
      `row,${quoted}`,
      cells.map((row, i) => [`r${i}`, ...row]),
    );
    const { stderr } = await within('impute', at('cars'), at('cars.csv'), '--draws', '2', '--out', at('cars-full.csv'));
    expect(stderr).toContain('the number of the row is in the column "row_"');
    const { columns: filled, rows: count } = await readFrame(at('cars-full.csv'));
    expect([count, filled.map(({ name }) => name)]).toEqual([80, ['row_', 'draw', 'row', ...columns]]);
    filled.slice(3).forEach(({ numbers }, j) =>
      numbers.forEach((value, i) => {
        expect(Number.isFinite(value)).toBe(true);
        const wasThere = cells[i % 40]![j] !== '';
        expect(wasThere ? Math.fround(value) : 0).toBe(wasThere ? rows[i % 40]![j] : 0);
      }),
    );
  });

  it('`impute` writes drawn dates in ISO format, keeps known dates as they are, and draws numbers as multiples of their step', async () => {
    const days = vegaCsv('seattle-weather.csv').slice(0, 200);
    const written = days.map(({ date, ...rest }, i) => {
      const [year, month, day] = date!.split('-');
      return {
        date: i % 10 === 3 ? null : `${day}.${month}.${year}`,
        ...rest,
        temp_max: i % 10 === 6 ? null : rest['temp_max']!,
      };
    });
    rowsCsv(at('days.csv'), written);
    json(await within('train', '--data', at('days.csv'), '--missing', 'drop', ...SHORT, '--out', at('days')));
    await imputed(at('days'), at('days.csv'), '--draws', '2', '--out', at('days-full.csv'));
    csvRows(at('days-full.csv')).forEach(({ date, temp_max: warmest }, i) => {
      const known = written[i % 200]!.date;
      expect(date).toMatch(known === null ? /^20\d\d-\d\d-\d\d$/ : new RegExp(`^${known}$`));
      expect(warmest).toMatch(/^-?\d+(\.\d)?$/);
    });
    expect((await within('impute', at('days'), at('days.csv'), '--draws', '1', '--json', '--quiet')).stdout).toMatch(
      /"temp_max":-?\d+\.\d,/,
    );
  }, 60_000);

  it('`impute` prints a note if no cell is missing', async () => {
    rowsCsv(at('whole.csv'), birds.slice(0, 3));
    const { code, stdout, stderr } = await within('impute', at('run'), at('whole.csv'), '--draws', '1', '--quiet');
    expect([code, stdout, stderr]).toEqual([0, readFileSync(at('whole.csv'), 'utf8'), '']);
    expect((await within('impute', at('run'), at('whole.csv'), '--draws', '1')).stderr).toContain('nothing to fill');
  });

  it.each([
    ['no draws', ['run', 'birds.csv', '--draws', '0'], /Wrong value of --draws: expected a whole number of at least 1/],
    ['an unknown run', ['nowhere', 'birds.csv'], /No run at .*nowhere/],
    ['a missing file', ['run', 'missing.csv'], /missing\.csv/],
    ['a file without a column of the model', ['run', 'other.csv'], /No column "Species" in/],
    [
      'too many draws',
      ['run', 'birds.csv', '--draws', '1000000'],
      /Too many rows in one call: expected --draws of at most/,
    ],
    ['an output that exists', ['run', 'birds.csv', '--out', 'other.csv'], /exists already/],
    [
      'its input as its output',
      ['run', 'birds.csv', '--out', 'birds.csv', '--force'],
      /birds\.csv is a file that this command reads/,
    ],
    ['an output without texts', ['run', 'birds.csv', '--out', 'new.npy'], /expected one of \.csv, \.parquet/],
  ])('`impute` refuses %s with one line', async (_, args, message) => {
    csv(at('other.csv'), 'a,b', [[1, 2]]);
    const own = args.map((arg) => (/^-|^\d+$/.test(arg) ? arg : at(arg)));
    const { code, stdout, stderr } = await within('impute', ...own, '--quiet');
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr.trimEnd().split('\n')).toEqual([expect.stringMatching(message)]);
  });

  it('`impute` refuses a run on images', async () => {
    imageFolder(at('images'), { count: 5 });
    json(
      await within(
        'train',
        '--data',
        at('images'),
        '--steps',
        '1',
        '--batch',
        '4',
        '--blocks',
        '1',
        '--scales',
        '1',
        '--hidden',
        '4',
        '--quiet',
        '--json',
        '--out',
        at('pictures'),
      ),
    );
    const { code, stderr } = await within('impute', at('pictures'), at('birds.csv'));
    expect([code, stderr]).toEqual([2, expect.stringMatching(/^\[cli\] impute does not apply to .*a run on images/)]);
    for (const option of [['--explain'], ['--alarm', '0.1']]) {
      const refused = await within('score', at('pictures'), at('images'), ...option);
      expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining(`${option[0]} does not apply`)]);
    }
    rmSync(at('pictures'), { recursive: true });
  }, 60_000);
});

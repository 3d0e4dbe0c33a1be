import { emptiedFrame, fitColumns, parseFrame, planColumns, valuesOf, type PlanOptions } from '@impflow/tables';
import { expect, it } from 'vitest';

const rows = 60;
const csv = (columns: Readonly<Record<string, (row: number) => string>>) =>
  parseFrame(
    'f.csv',
    Buffer.from(
      [
        Object.keys(columns).join(','),
        ...Array.from({ length: rows }, (_, row) =>
          Object.values(columns)
            .map((cell) => cell(row))
            .join(','),
        ),
      ].join('\n'),
    ),
  );
const x = (row: number): string => String(Math.sqrt(row + 2));
const planOf = (cell: (row: number) => string, options: PlanOptions = {}) =>
  planColumns(csv({ x, c: cell }), options)[1]!;

it.each<[string, (row: number) => string, string]>([
  ['zip codes, some with leading zeros', (row) => ['02134', '10001', '94103'][row % 3]!, '02134'],
  ['codes of months', (row) => String(1 + (row % 12)).padStart(3, '0'), '001'],
])('%s are categories', (_what, cell, example) => {
  expect(planOf(cell)).toEqual({
    name: 'c',
    kind: 'category',
    given: false,
    codes: { kind: 'leading zeros', example },
  });
  expect(planOf(cell, { decimals: { c: '.' } })).toMatchObject({ kind: 'number' });
});

it.each<[string, (row: number) => string]>([
  ['zeros', (row) => String(row % 3)],
  ['fractions', (row) => `0.${row}`],
  ['numbers, one of them with a leading zero and a fraction', (row) => (row === 3 ? '01.5' : String(row % 7))],
  ['row numbers of ten digits', (row) => String(5_100_000_000 + row)],
  ['numbers of ten digits that repeat', (row) => String(6_000_000_000 + (row % 20))],
])('%s are numbers', (_what, cell) => {
  expect(planOf(cell)).toMatchObject({ kind: 'number' });
});

it('a category keeps its leading zeros', () => {
  const frame = csv({ x, zip: (row) => ['02134', '10001'][row % 2]! });
  const { columns } = fitColumns(frame, planColumns(frame));
  expect(columns[1]).toMatchObject({ levels: ['02134', '10001'] });
  expect([...valuesOf(frame, columns).columns[1]!.subarray(0, 3)]).toEqual([0, 1, 0]);
});

it('one error names all identifiers, with the reason and how to read the cells as numbers', () => {
  const frame = csv({
    x,
    id: (row) => `a${row}`,
    pin: (row) => String(7 * row).padStart(4, '0'),
    phone: (row) => String(6_175_550_000 + 37 * row),
    mobile: (row) => `+1${6_175_550_000 + (row % 30)}`,
    took: (row) => `${row}m ${row % 60}s`,
  });
  expect(() => planColumns(frame)).toThrow(
    '[tables/planColumns] The columns "id", "pin", "phone", "mobile" and "took" of f.csv are identifiers: expected categories that many rows share, got 60 different values in 60 cells of "id"; 60 different values in 60 cells of "pin", with leading zeros, as in 0000; 60 different values in 60 cells of "phone", which look like telephone numbers; 30 different values in 60 cells of "mobile", which look like telephone numbers; 60 different values in 60 cells of "took", which look like durations, as in 0m 0s. To use "took", write numbers of one unit, such as minutes. If the cells of "pin", "phone" and "mobile" are numbers, set the option decimalOf to pin:point,phone:point,mobile:point. Leave them out with the option leaveOut: id,pin,phone,mobile,took',
  );
  const decimals = { pin: '.', phone: '.', mobile: '.' } as const;
  expect(planColumns(frame, { leaveOut: ['id', 'took'], decimals }).map(({ kind }) => kind)).toEqual([
    'number',
    'left out',
    'number',
    'number',
    'number',
    'left out',
  ]);
});

it('one error names the reasons of all columns that cannot be read, each with its hint', () => {
  const frame = csv({
    x,
    id: (row) => `a${row}`,
    hours: (row) => (row === 4 ? 'refused' : String(row % 9)),
    level: (row) => (row === 9 ? 'inf' : String(row / 8)),
  });
  expect(() => planColumns(frame)).toThrow(
    [
      '[tables/planColumns] The columns of f.csv cannot be read, for 3 reasons. (1) Text in the column "hours" of f.csv, line 6: expected a number, as in the other cells, got "refused". Repair that cell. If it marks missing cells, set the option gaps to hours:refused. If the column holds categories, name it in the option categorical.',
      '(2) Infinite numbers in the column "level" of f.csv, line 11: expected finite numbers, got 1 infinite cell. Repair the cells. If they mark missing cells, set the option gaps to level:inf.',
      '(3) The column "id" of f.csv is an identifier: expected categories that many rows share, got 60 different values in 60 cells. Leave it out with the option leaveOut: id',
    ].join('\n'),
  );
  expect(planColumns(frame, { leaveOut: ['id', 'level'], categorical: ['hours'] })).toHaveLength(4);
});

it.each(['', 'Unnamed: 0', '__index_level_0__'])(
  'a column "%s" with different whole numbers is left out as a stored index, also if the rows are shuffled',
  (name) => {
    const shuffled = (row: number): string => String((37 * row) % 101);
    const [plan] = planColumns(csv({ [name]: shuffled, x }));
    expect(plan).toMatchObject({ kind: 'left out', why: 'a stored index' });
    expect(planColumns(csv({ [name]: shuffled, x }), { decimals: { [plan!.name]: '.' } })[0]!.kind).toBe('number');
    expect(planColumns(csv({ [name]: (row) => String(row % 7), x }))[0]!.kind).toBe('number');
    expect(planColumns(csv({ id: shuffled, x }))[0]!.kind).toBe('number');
  },
);

it('a column whose only texts are marked as gaps is a column of numbers', () => {
  const cell = (row: number): string => (row % 6 === 1 ? 'refused' : x(row));
  const frame = emptiedFrame(csv({ x, c: cell }), { c: ['refused'] });
  expect(planColumns(frame)[1]).toEqual({ name: 'c', kind: 'number', given: false });
});

it('infinite cells are an error with their number and the first line, and a mark `inf` makes them gaps', () => {
  const frame = csv({ x, c: (row) => (row % 10 === 4 ? 'inf' : x(row)) });
  expect(() => planColumns(frame)).toThrow(
    '[tables/planColumns] Infinite numbers in the column "c" of f.csv, line 6: expected finite numbers, got 6 infinite cells, of which this is the first. Repair the cells. If they mark missing cells, set the option gaps to c:inf.',
  );
  const emptied = emptiedFrame(frame, { c: ['inf'] });
  expect(emptied.columns[1]!.numbers.filter(Number.isNaN)).toHaveLength(6);
  expect(planColumns(emptied)[1]!.kind).toBe('number');
});

it('errors of spreadsheets are gaps with a remark, in columns of numbers, dates and text', () => {
  const frame = csv({
    x: (row) => (row < 3 ? ['#DIV/0!', '#NV', '#N/A'][row]! : x(row)),
    day: (row) => (row === 5 ? '#VALUE!' : `2020-01-${10 + (row % 20)}`),
    kind: (row) => (row === 7 ? '#REF!' : 'ab'[row % 2]!),
  });
  expect(frame.remarks!.slice(1)).toEqual([
    'x: 3 cells are errors of a spreadsheet (#DIV/0!, #NV, #N/A), and count as gaps.',
    'day: 1 cell is an error of a spreadsheet (#VALUE!), and counts as a gap.',
    'kind: 1 cell is an error of a spreadsheet (#REF!), and counts as a gap.',
  ]);
  const plans = planColumns(frame);
  expect(plans.map(({ kind }) => kind)).toEqual(['number', 'number', 'category']);
  expect(fitColumns(frame, plans).columns[2]).toMatchObject({ levels: ['a', 'b'] });
});

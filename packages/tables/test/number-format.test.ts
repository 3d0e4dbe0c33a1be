import {
  assertRecordsSpec,
  fitColumns,
  formattedNumbers,
  frameOf,
  frameOfValues,
  parseFrame,
  planColumns,
  readingFor,
  toCsvFrame,
  valuesOf,
  type ColumnPlan,
  type ColumnSpec,
  type Frame,
  type FrameOptions,
  type PlanOptions,
} from '@impflow/tables';
import { describe, expect, it } from 'vitest';
import { withGiven } from '../src/density/with-given.ts';

const csv = (cells: readonly string[], options: FrameOptions = {}, name = 'price'): Frame =>
  parseFrame('f.csv', Buffer.from(`x,${name}\n${cells.map((cell, i) => `${i / 7},"${cell}"\n`).join('')}`), options);
const planOf = (cells: readonly string[], options: PlanOptions = {}, reading: FrameOptions = {}): ColumnPlan =>
  planColumns(csv(cells, reading), options)[1]!;
/** Returns the numbers that are read in a column, and undefined for a column that is not read as numbers. */
const numbersOf = (cells: readonly string[], options: PlanOptions = {}): readonly number[] | undefined => {
  const frame = csv(cells, { categories: Object.keys(options.decimals ?? {}) });
  const found = planColumns(frame, options)[1]!;
  if (found.kind !== 'number') return undefined;
  const column = frame.columns[1]!;
  return Array.from(found.format === undefined ? column.numbers : formattedNumbers(column, found.format));
};
/** Fits the columns of a CSV, and returns their descriptions and what a program with these descriptions reads and writes. */
const trained = (cells: readonly string[], options: PlanOptions = {}) => {
  const frame = csv(cells, { categories: Object.keys(options.decimals ?? {}) });
  const { columns } = fitColumns(frame, planColumns(frame, options));
  const { categories } = readingFor(columns);
  const read = (others: readonly string[]) => {
    const values = valuesOf(csv(others, { categories }), columns);
    const { offset = 0 } = columns[1] as Extract<ColumnSpec, { kind: 'number' }>;
    return { numbers: Array.from(values.columns[1]!, (value) => value + offset), remarks: values.remarks };
  };
  return { columns, read, numbers: (given: readonly string[]) => read(given).numbers };
};

describe('numbers in a format', () => {
  it.each<[string, readonly string[], readonly number[]]>([
    ['thousands commas', ['1,234.50', '999', '12,345,678.25'], [1234.5, 999, 12_345_678.25]],
    ['thousands points and decimal commas', ['1.234,50', '-3,5', '12.345.678'], [1234.5, -3.5, 12_345_678]],
    ['decimal commas', ['3,5', '12,75', '4'], [3.5, 12.75, 4]],
    ['a currency sign after a zero', ['0.00', '$5'], [0, 5]],
    ['a currency sign', ['$12.30', '-$1,000', '$-5', '$0'], [12.3, -1000, -5, 0]],
    ['a currency code', ['EUR 1.234,50', 'EUR 7', '12,5 EUR'], [1234.5, 7, 12.5]],
    ['percent', ['7.3%', '12 %', '0'], [7.3, 12, 0]],
    ['parentheses', ['(1,234.50)', '12'], [-1234.5, 12]],
    ['only parentheses', ['(45.20)', '(1,234.50)'], [-45.2, -1234.5]],
    ['zeros of Excel', ['$(59.50)', '$-', '$ -', '-', '$7'], [-59.5, 0, 0, 0, 7]],
    ['parentheses and a currency', ['($1,234.50)', '$7', '$(3)'], [-1234.5, 7, -3]],
    ['trailing minus signs', ['12.30-', '7', '1,000.00-'], [-12.3, 7, -1000]],
    ['a minus sign of typography', ['\u22125', '1,000'], [-5, 1000]],
    ['a unit', ['12 kg', '1,500.5kg', '-3 kg'], [12, 1500.5, -3]],
    ['spaces', ['1 234,5', '12', '1\u202F234\u00A0567'], [1234.5, 12, 1_234_567]],
    ['apostrophes', ["1'234.50", '1’000', '3'], [1234.5, 1000, 3]],
    ['lakhs', ['12,34,567', '1,000', '5'], [1_234_567, 1000, 5]],
    ['gaps', ['1,234', '-', 'NA', '12,345,678'], [1234, NaN, NaN, 12_345_678]],
  ])('a column of numbers with %s is read as numbers', (_what, cells, numbers) => {
    expect(numbersOf(cells)).toEqual(numbers);
  });

  it.each<[string, readonly string[]]>([
    ['different units', ['5 kg', '500 g']],
    ['letters in front', ['A1', 'A2']],
    ['both decimal signs', ['1.5', '1,5']],
    ['groups of other sizes', ['1,23', '1.2.3']],
    ['numbers of telephones', ['555 123 456', '555 123 457']],
    ['whole numbers in parentheses', ['(1)', '(2)']],
    ['leading zeros', ['0123 kg', '01,234 kg', '1-2 kg']],
    ['ranges', ['18-24', '25-34']],
  ])('a column of text with %s is not read as numbers', (_what, cells) => {
    expect(numbersOf(cells)).toBeUndefined();
  });

  it('the plan has the number of cells, the longest of them, and the number with the other decimal sign if it is possible', () => {
    expect(planOf(['$1,234.50', '$7', '$8.5'])).toMatchObject({
      format: { decimal: '.', group: ',', unit: '$', cells: 3, example: { cell: '$1,234.50', value: 1234.5 } },
    });
    expect(planOf(['1,234', '17'])).toMatchObject({ format: { cells: 1, example: { value: 1234 }, otherwise: 1.234 } });
    expect(planOf(['17%', '18%'])).not.toHaveProperty('format.otherwise');
    expect(planOf(['1.234', '17', '5.000'])).toMatchObject({ kind: 'number', grouped: '1.234' });
    for (const cells of [
      ['1.234', '5.5'],
      ['1.234', '1234'],
      ['0.234', '1.234'],
    ])
      expect(planOf(cells)).not.toHaveProperty('grouped');
  });

  it('in a file with decimal commas, points separate thousands if both are possible', () => {
    const frame = parseFrame('f.csv', Buffer.from('a;b;c\n0,5 kg;1.234 €;1.234\n1,25 kg;2.000 €;5.678\n'));
    const found = planColumns(frame).map((plan) => (plan.kind === 'number' ? plan.format?.example.value : plan));
    expect(found).toEqual([1.25, 1234, 1234]);
  });

  it('the option `decimals` decides between two readings, and the option `categorical` reads categories', () => {
    expect(numbersOf(['1.234', '17', '5.000'])).toEqual([1.234, 17, 5]);
    expect(numbersOf(['1.234', '17', '5.000'], { decimals: { price: ',' } })).toEqual([1234, 17, 5000]);
    expect(numbersOf(['1,234', '17'], { decimals: { price: ',' } })).toEqual([1.234, 17]);
    expect(planOf(['1.234', '17'], { decimals: { price: '.' } })).not.toHaveProperty('grouped');
    expect(planOf(['17%', '18%'], { categorical: ['price'] }).kind).toBe('category');
    expect(() => planOf(['$1.5', '$2.25'], { decimals: { price: ',' } })).toThrow(
      '[tables/planColumns] Text in the column "price" of f.csv, line 2: expected a number with a decimal comma, got "$1.5". Change the option decimalOf, or repair that cell.',
    );
  });

  it('cells with different units are categories whose plan names the units, or an error that names them', () => {
    expect(planOf(['5 kg', '500 g'])).toMatchObject({ kind: 'category', units: ['kg', 'g'] });
    expect(planOf(['5 kg', 'none'])).not.toHaveProperty('units');
    const cells = Array.from({ length: 30 }, (_, i) => `${i} ${i % 2 === 0 ? 'kg' : 'g'}`);
    expect(() => planOf(cells)).toThrow('If the cells are numbers, write them in one unit; they have kg, g.');
  });

  it('a cell that is not a number is an error if nine of ten cells are numbers in one format', () => {
    const cells = Array.from({ length: 19 }, (_, i) => `$${i},000`.replace('$0,', '$9,'));
    expect(() => planOf([...cells, 'free'])).toThrow(
      '[tables/planColumns] Text in the column "price" of f.csv, line 21: expected a number such as $10,000, as in the other cells, got "free". Repair that cell. If it marks missing cells, set the option gaps to price:free. If the column holds categories, name it in the option categorical.',
    );
  });

  it('the format is in the description of the column, so that other tables are read in this format', () => {
    const { columns, numbers } = trained(['1.234,50 €', '3,25 €', '700 €']);
    expect(columns[1]).toMatchObject({ format: { decimal: ',', group: '.', unit: '€' } });
    expect(numbers(['1.234 €', '1.234', '5,5'])).toEqual([1234, 1234, 5.5]);
    // Plain numbers, as programs write them.
    expect(numbers(['1234.5', '12.25', '1e-7', '1.2340'])).toEqual([1234.5, 12.25, 1e-7, 1.234]);
    expect(() => numbers(['5 $'])).toThrow('Text in the column "price" of f.csv, line 2: expected a number, got "5 $"');
    expect(() => numbers(['1.234', '1.5'])).toThrow('Unclear numbers in the column "price"');
    // The reader did not keep the cells as they are written.
    expect(() => valuesOf(csv(['1.234', '5.678']), columns)).toThrow('Set the option decimalOf to price:comma.');
    const objects = frameOf(
      [
        { x: 1, price: '1.234' },
        { x: 1, price: '7,5' },
      ],
      'the rows',
      readingFor(columns),
    );
    expect([...valuesOf(objects, columns).columns[1]!]).toEqual([1234, 7.5]);
    expect([...valuesOf(frameOf([{ x: 1, price: '1.234' }], 'r', readingFor(columns)), columns).columns[1]!]).toEqual([
      1234,
    ]);
    expect([...valuesOf(frameOf([{ x: 1, price: 1.234 }], 'r', readingFor(columns)), columns).columns[1]!]).toEqual([
      1.234,
    ]);
  });

  it('numbers of the model are written as plain numbers, which are read in the format as the same numbers', () => {
    const { columns } = trained(['1.234,5 €', '3,25 €', '700,125 €']);
    const price = [1234, Math.fround(1.234), -12.345, 1234.567, 0.5, NaN];
    const frame = frameOfValues(
      { rows: 6, columns: [price, price].map((own) => Float64Array.from(own)), remarks: [] },
      [
        { kind: 'number', name: 'x' },
        { kind: 'number', name: 'price', format: { decimal: ',', group: '.', unit: '€' } },
      ],
      'draws',
    );
    const text = toCsvFrame(frame);
    expect(text.split('\n').map((line) => line.split(',')[1])).toEqual([
      'price',
      '1234',
      '1.2340',
      '-12.3450',
      '1234.567',
      '0.5',
      '',
      undefined,
    ]);
    const again = parseFrame('f.csv', Buffer.from(text), { categories: readingFor(columns).categories });
    expect([...formattedNumbers(again.columns[1]!, { decimal: ',', group: '.', unit: '€' })]).toEqual([
      1234,
      1.234,
      ...price.slice(2),
    ]);
  });

  it('conditions that are given in a format are returned as plain numbers', () => {
    const column = {
      kind: 'number',
      name: 'price',
      given: true,
      format: { decimal: '.', group: ',', unit: '$' },
    } as const;
    const given = frameOf([{ price: '$1,234.50' }], 'given', readingFor([column]));
    const drawn = frameOf([{ price: 0 }, { price: 0 }], 'drawn');
    expect(withGiven(drawn, given, [column]).columns).toEqual([
      { name: 'price', numbers: Float64Array.of(1234.5, 1234.5) },
    ]);
  });

  it('assertRecordsSpec refuses a wrong format', () => {
    const spec = (format: unknown): unknown => ({
      kind: 'records',
      version: 1,
      columns: [{ kind: 'number', name: 'x', format }],
      flow: { dim: 1 },
    });
    expect(() => assertRecordsSpec(spec({ decimal: '.', group: "'", unit: 'kg' }))).not.toThrow();
    for (const format of [
      null,
      {},
      { decimal: '.', group: '.' },
      { decimal: ';', group: '.' },
      { decimal: '.', group: ',', unit: '' },
    ])
      expect(() => assertRecordsSpec(spec(format))).toThrow('The column "x" of a spec of records has a wrong format');
  });
});

describe('whole numbers', () => {
  it('a remark names numbers that are not whole in a column of whole numbers', () => {
    const { read } = trained(['1', '2', '7', '2']);
    expect(read(['1', '2.5', '3']).remarks).toEqual([
      'price: 1 cell is not whole (2.5), although all numbers of the training rows are.',
    ]);
    expect(read(['1', '3', '']).remarks).toEqual([]);
    expect(trained(['1', '2.5', '7']).read(['1', '2.5', '']).remarks).toEqual([]);
  });

  it('whole numbers above 2^53 that are rounded are named, and are refused if different numbers become equal', () => {
    expect(planOf(['9007199254740993', '5', '9007199254740997'])).toMatchObject({
      kind: 'number',
      rounded: { cells: 2, example: { cell: '9007199254740993', value: '9007199254740992' } },
    });
    expect(planOf(['9007199254740992', '5'])).not.toHaveProperty('rounded');
    expect(() => planOf(['9007199254740992', '5', '9007199254740993'])).toThrow(
      '[tables/planColumns] Whole numbers with too many digits in the column "price" of f.csv, line 4: expected whole numbers that differ as doubles; below 2^53 all do, got 9007199254740993 and 9007199254740992, which are the same double. If they are identifiers, leave them out with the option leaveOut: price. If they are codes, name the column in the option categorical.',
    );
  });
});

import { FlowError } from '@impflow/core';
import { cellsWith, isGapAmongDates, isGapAmongNumbers } from '../frame/cells.ts';
import type { Frame, FrameColumn } from '../frame/frame.ts';
import { dateNumbers } from './dates.ts';
import { emptied } from './emptied.ts';
import { contradictingRow, formattedNumbers, type NumberFormat } from './number-format.ts';
import type { CategoryColumn, ColumnSpec, NumberColumn } from './spec.ts';
import { wrapped } from './wrapped.ts';

/**
 * The cells of a table as numbers, for the columns of a spec: numbers minus their offsets, and the codes of categories.
 * NaN marks a missing cell.
 */
export interface Values {
  /** Number of rows of the table. */
  readonly rows: number;
  /** The values of each column of the spec, `[columns][rows]`. */
  readonly columns: readonly Float64Array[];
  /** Notes for the user about the cells, as sentences, for example about categories that training did not see. */
  readonly remarks: readonly string[];
}

const AT = 'tables/valuesOf';

/**
 * Returns the options of `frameOf` with which to read objects for {@link valuesOf}. With the returned options, the
 * value of a cell does not depend on other rows. To read a file, only the option `categories` is needed.
 */
export const readingFor = (
  columns: readonly ColumnSpec[],
): { readonly columns: readonly string[]; readonly categories: readonly string[] } => ({
  columns: columns.map(({ name }) => name),
  categories: columns.flatMap((column) =>
    column.kind === 'category' || column.format !== undefined ? [column.name] : [],
  ),
});

/**
 * Converts the cells of a frame to numbers. Columns are found by their names. Columns that are not in the spec are
 * ignored. Marks such as `-` and `?` are missing cells in a column of numbers or dates, and in a column of categories
 * that are all numbers, and so are the `gaps` of a column in every column.
 *
 * @throws `input` for a missing column, text in a column of numbers or dates, and a number that is too large for
 * float32.
 */
export const valuesOf = (frame: Frame, columns: readonly ColumnSpec[]): Values => {
  const remarks: string[] = [];
  return {
    rows: frame.rows,
    columns: columns.map((column) => {
      const found = frame.columns.find(({ name }) => name === column.name);
      if (found === undefined) throw missingColumn(frame, column);
      const cells = emptied(found, column.gaps);
      return column.kind === 'category' ? codes(cells, column, remarks) : numbers(cells, column, frame, remarks);
    }),
    remarks,
  };
};

/** Largest number of cells that a note for the user quotes. */
const QUOTED = 3;

const codes = (
  { numbers, written }: FrameColumn,
  { name, levels, rare = [] }: CategoryColumn,
  remarks: string[],
): Float64Array => {
  const codeOf = new Map(levels.map((level, code) => [level, code]));
  const textOf = levelTexts([...levels, ...rare]);
  const isRare = new Set(rare);
  const [notKept, unseen] = [new Map<string, number>(), new Map<string, number>()];
  const out = Float64Array.from({ length: numbers.length }, (_, row) => {
    const text = textOf(numbers[row]!, written?.[row]);
    if (text === undefined) return NaN;
    const code = codeOf.get(text);
    if (code === undefined) {
      const counts = isRare.has(text) ? notKept : unseen;
      counts.set(text, (counts.get(text) ?? 0) + 1);
    }
    return code ?? levels.length;
  });
  const total = `The density gives the total probability of all ${rare.length === 0 ? '' : 'rare and '}unseen categories.`;
  if (notKept.size > 0)
    remarks.push(
      `${name}: ${held(notKept, 'a rare category', 'rare categories')}. The model keeps the ${levels.length} most frequent of ${levels.length + rare.length} categories, and does not tell the others apart. ${total}`,
    );
  if (unseen.size > 0)
    remarks.push(
      `${name}: ${held(unseen, 'a category that training did not see', 'categories that training did not see')}. ${total}`,
    );
  return out;
};

/** Returns how many cells hold categories, and the first of these categories. */
const held = (counts: ReadonlyMap<string, number>, one: string, many: string): string => {
  const cells = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const quoted = [...counts.keys()].slice(0, QUOTED).map((text) => `"${text}"`);
  return `${cells === 1 ? `1 cell holds ${one}` : `${cells} cells hold ${many}`} (${quoted.join(', ')}${counts.size > QUOTED ? ', …' : ''})`;
};

/**
 * Returns a function that returns the category of a cell, or undefined for a missing cell. The function reads a cell in
 * the way in which the cells of the training rows were read. If all levels are numbers in the form in which `String`
 * writes them, the training table had only numbers, so `1.0` counts as `1`. If no level is text, a mark such as `?` was
 * a missing cell in the training table.
 */
export const levelTexts = (
  levels: readonly string[],
): ((number: number, written: string | undefined) => string | undefined) => {
  const isPlain = levels.every((level) => String(Number(level)) === level);
  const hasTexts = levels.some((level) => Number.isNaN(numberOf(level)));
  return (number, written) => {
    if (Number.isNaN(number))
      return !hasTexts && written !== undefined && isGapAmongNumbers(written) ? undefined : written;
    return categoryText(number, isPlain ? undefined : written);
  };
};

const { numberOf } = cellsWith('.');

/**
 * Returns the category of a cell as a string, or undefined for a missing cell. `written` is undefined for a column that
 * contains only numbers.
 */
export const categoryText = (number: number, written: string | undefined): string | undefined =>
  written ?? (Number.isNaN(number) ? undefined : String(number));

const numbers = (cells: FrameColumn, column: NumberColumn, frame: Frame, remarks: string[]): Float64Array => {
  const { name, offset = 0, date, format, whole } = column;
  const raw =
    date !== undefined
      ? dates(cells, column, frame)
      : format === undefined
        ? plainNumbers(cells, frame)
        : numbersIn(format, cells, frame);
  if (whole === true) remarks.push(...fractionRemarks(name, raw));
  const out = raw.map((value) => wrapped(value - offset, column));
  const wrong = out.findIndex((value) => !Number.isNaN(value) && !Number.isFinite(Math.fround(value)));
  if (wrong >= 0)
    throw new FlowError('input', AT, `Wrong number in the column "${name}" of ${frame.source}, ${frame.place(wrong)}`, {
      expected: 'a finite number of at most 3.4e38 in size',
      got: String(raw[wrong]),
      hint: 'Repair or remove that row.',
    });
  return out;
};

const plainNumbers = ({ name, numbers: own, texts }: FrameColumn, frame: Frame): Float64Array => {
  const row = texts?.findIndex((text) => text !== undefined && !isGapAmongNumbers(text)) ?? -1;
  if (row >= 0) throw notThat(frame, name, row, 'a number', texts![row]!);
  return own;
};

/**
 * Returns the numbers of a column whose cells have a format.
 *
 * @throws `input` for text, for cells that contradict each other, and for a cell such as `1.234` that may be 1234 if the
 * reader did not keep the cells as they are written.
 */
const numbersIn = (format: NumberFormat, cells: FrameColumn, frame: Frame): Float64Array => {
  const { name, written, grouped } = cells;
  const out = formattedNumbers(cells, format);
  const row =
    written?.findIndex((text, i) => text !== undefined && Number.isNaN(out[i]) && !isGapAmongNumbers(text)) ?? -1;
  if (row >= 0) throw notThat(frame, name, row, 'a number', written![row]!);
  const other = contradictingRow(cells, format);
  if (other >= 0 || (grouped !== undefined && written === undefined && format.group === '.'))
    throw new FlowError('input', AT, `Unclear numbers in the column "${name}" of ${frame.source}`, {
      expected:
        'points that separate thousands, as in 1.234, or plain numbers with more or fewer digits after the point',
      got: other < 0 ? grouped! : `${written![other]!} and cells such as 1.234`,
      hint: other < 0 ? `Set the option decimalOf to ${name}:comma.` : 'Write all cells in one way.',
    });
  return out;
};

/** Returns a remark about the numbers that are not whole, in a column of whole numbers. */
const fractionRemarks = (name: string, values: Float64Array): readonly string[] => {
  const fractions = values.filter((value) => Number.isFinite(value) && !Number.isInteger(value));
  if (fractions.length === 0) return [];
  const quoted = Array.from(new Set(fractions.subarray(0, QUOTED)), String).join(', ');
  return [
    `${name}: ${fractions.length === 1 ? '1 cell is' : `${fractions.length} cells are`} not whole (${quoted}${fractions.length > QUOTED ? ', …' : ''}), although all numbers of the training rows are.`,
  ];
};

const dates = ({ name, numbers: own, texts: given }: FrameColumn, column: NumberColumn, frame: Frame): Float64Array => {
  // A column without text cells must consist of missing cells only.
  const texts = given ?? Array.from(own, () => undefined);
  const number = own.findIndex((value) => !Number.isNaN(value));
  if (number >= 0) throw notThat(frame, name, number, 'a date', String(own[number]));
  const out = dateNumbers(texts, column);
  const row = texts.findIndex((text, i) => text !== undefined && Number.isNaN(out[i]) && !isGapAmongDates(text));
  if (row >= 0) throw notThat(frame, name, row, 'a date', texts[row]!);
  return out;
};

const notThat = (frame: Frame, name: string, row: number, expected: string, got: string): FlowError =>
  new FlowError(
    'input',
    AT,
    `${expected === 'a number' ? 'Text' : 'No date'} in the column "${name}" of ${frame.source}, ${frame.place(row)}`,
    { expected, got: `"${got}"`, hint: 'Repair that cell.' },
  );

const missingColumn = ({ source, columns }: Frame, { name }: ColumnSpec): FlowError =>
  new FlowError('input', AT, `No column "${name}" in ${source}`, {
    expected: `a column "${name}"`,
    got: columns.map((column) => column.name).join(', '),
    hint: 'Give all columns of the model; a cell may be empty.',
  });

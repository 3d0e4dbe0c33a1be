import { FlowError } from '@impflow/core';
import { cellsWith, isGapAmongNumbers } from '../frame/cells.ts';
import type { Frame, FrameColumn } from '../frame/frame.ts';
import { dateNumbers } from './dates.ts';
import type { CategoryColumn, ColumnSpec, NumberColumn } from './spec.ts';

/**
 * Cells as numbers, by the columns of a spec: numbers less their offsets, and the codes of categories. NaN is a gap.
 */
export interface Values {
  /** Number of rows. */
  readonly rows: number;
  /** The values of each column of the spec, `[columns][rows]`. */
  readonly columns: readonly Float64Array[];
  /** Remarks on the cells, in sentences, for example on unseen categories. */
  readonly remarks: readonly string[];
}

const AT = 'tables/valuesOf';

/**
 * Returns the options with which objects are read for {@link valuesOf}. With them, the value of a cell does not depend
 * on other rows. For a file, the option `categories` is enough.
 */
export const readingFor = (
  columns: readonly ColumnSpec[],
): { readonly columns: readonly string[]; readonly categories: readonly string[] } => ({
  columns: columns.map(({ name }) => name),
  categories: columns.flatMap(({ kind, name }) => (kind === 'category' ? [name] : [])),
});

/**
 * Returns the cells of a frame as numbers. Columns are found by their names. Columns that the spec lacks are ignored.
 * Marks of missing numbers, such as `-` and `?`, are gaps in a column of numbers or dates, and in a column of
 * categories that are all numbers.
 *
 * @throws `input` for a missing column, a text that is not a number or a date, a number that float32 cannot hold.
 */
export const valuesOf = (frame: Frame, columns: readonly ColumnSpec[]): Values => {
  const remarks: string[] = [];
  return {
    rows: frame.rows,
    columns: columns.map((column) => {
      const cells = frame.columns.find(({ name }) => name === column.name);
      if (cells === undefined) throw missingColumn(frame, column);
      return column.kind === 'category' ? codes(cells, column, remarks) : numbers(cells, column, frame);
    }),
    remarks,
  };
};

/** Largest number of unseen categories that a remark quotes. */
const QUOTED = 3;

const codes = (
  { numbers, written }: FrameColumn,
  { name, levels }: CategoryColumn,
  remarks: string[],
): Float64Array => {
  const codeOf = new Map(levels.map((level, code) => [level, code]));
  const textOf = levelTexts(levels);
  const unseen = new Map<string, number>();
  const out = Float64Array.from({ length: numbers.length }, (_, row) => {
    const text = textOf(numbers[row]!, written?.[row]);
    if (text === undefined) return NaN;
    const code = codeOf.get(text);
    if (code === undefined) unseen.set(text, (unseen.get(text) ?? 0) + 1);
    return code ?? levels.length;
  });
  if (unseen.size > 0) {
    const rows = [...unseen.values()].reduce((sum, count) => sum + count, 0);
    const quoted = [...unseen.keys()].slice(0, QUOTED).map((text) => `"${text}"`);
    remarks.push(
      `${name}: ${rows === 1 ? '1 cell holds a category' : `${rows} cells hold categories`} that training did not see (${quoted.join(', ')}${unseen.size > QUOTED ? ', …' : ''}). The density gives the probability of all unseen ones.`,
    );
  }
  return out;
};

/**
 * Returns a function that returns the category of a cell, or undefined for a gap, as the table of the training read its
 * cells. If all levels are numbers as `String` writes them, that table kept only numbers, so that `1.0` counts as `1`.
 * If no level is a text, a mark such as `?` was a gap.
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

/** Returns the category of a cell as text, or undefined for a gap. Frames of only numbers have no `written`. */
export const categoryText = (number: number, written: string | undefined): string | undefined =>
  written ?? (Number.isNaN(number) ? undefined : String(number));

const numbers = (cells: FrameColumn, column: NumberColumn, frame: Frame): Float64Array => {
  const { name, offset = 0 } = column;
  const raw = column.date === undefined ? plainNumbers(cells, frame) : dates(cells, column, frame);
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

const dates = ({ name, numbers: own, texts: given }: FrameColumn, column: NumberColumn, frame: Frame): Float64Array => {
  // If no cell is a text, all cells are gaps.
  const texts = given ?? Array.from(own, () => undefined);
  const number = own.findIndex((value) => !Number.isNaN(value));
  if (number >= 0) throw notThat(frame, name, number, 'a date', String(own[number]));
  const out = dateNumbers(texts, column);
  const row = texts.findIndex((text, i) => text !== undefined && Number.isNaN(out[i]) && !isGapAmongNumbers(text));
  if (row >= 0) throw notThat(frame, name, row, 'a date', texts[row]!);
  return out;
};

/** Moves a value of a periodic column into the period that begins at the cut. Values of other columns are unchanged. */
export const wrapped = (value: number, { period, cut = 0 }: Pick<NumberColumn, 'period' | 'cut'>): number =>
  period === undefined ? value : value - period * Math.floor((value - cut) / period);

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

/** Joins the rows of at least one part, one part after the other. */
export const joinedValues = (parts: readonly Values[]): Values => {
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  const columns = parts[0]!.columns.map((_, j) => {
    const out = new Float64Array(rows);
    let at = 0;
    for (const part of parts) {
      out.set(part.columns[j]!, at);
      at += part.rows;
    }
    return out;
  });
  return { rows, columns, remarks: [] };
};

/** Returns the rows of these indices. */
export const pickValues = (values: Values, rows: Uint32Array): Values => ({
  ...values,
  rows: rows.length,
  columns: values.columns.map((column) => Float64Array.from(rows, (row) => column[row]!)),
});

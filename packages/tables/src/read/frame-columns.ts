import { FlowError } from '@impflow/core';
import { isGapAmongNumbers } from '../frame/cells.ts';
import type { Frame, FrameColumn } from '../frame/frame.ts';
import { columnIndices } from '../frame/indices.ts';
import { shortened, listed } from '../frame/printable.ts';
import type { FrameOptions } from './options.ts';
import type { RawColumn, RawTable } from './raw.ts';

interface CheckedOptions {
  /** The forms of columns, by name. Default: the form of a column depends on its cells. */
  readonly forms?: Readonly<Record<string, ColumnForm>>;
}

/**
 * Checks a table that a reader returned, and converts it to a frame. `source` is the name of the table and `at` the
 * name of the calling function, for error messages.
 *
 * @throws `input` for too few rows, two columns with the same name, a column that does not exist, a table without
 * columns, and a value that cannot be a cell, such as a list.
 */
export const checkedFrame = (
  at: string,
  raw: RawTable,
  source: string,
  options: Pick<FrameOptions, 'columns' | 'minRows' | 'categories' | 'needed'> & CheckedOptions = {},
): Frame => {
  const { needed = () => true } = options;
  const chosen = chosenColumns(at, raw, source, options).map((column) =>
    column.wrong === undefined || needed(column.name) ? column : missing(column, raw),
  );
  const wrong = chosen.filter((column) => column.wrong !== undefined);
  if (wrong.length > 0) throw notCells(at, raw, source, wrong);
  return {
    columns: chosen.map((column) =>
      columnInForm(
        column,
        options.forms?.[column.name] ?? formOf(column, options.categories?.includes(column.name) === true),
      ),
    ),
    rows: raw.rows,
    source,
    ...(raw.remarks === undefined ? {} : { remarks: raw.remarks }),
    ...(raw.unnamed === undefined ? {} : { unnamed: raw.unnamed }),
    ...(raw.decimal === undefined ? {} : { decimal: raw.decimal }),
    place: (row) => raw.place(row),
  };
};

/** Returns a column in which all cells are missing. */
const missing = ({ name }: RawColumn, { rows }: RawTable): RawColumn => ({
  name,
  values: new Float64Array(rows).fill(NaN),
});

/** Returns the error for columns with values that cannot be cells. It names all of these columns. */
const notCells = (at: string, raw: RawTable, source: string, columns: readonly RawColumn[]): FlowError => {
  const { name, wrong } = columns[0]!;
  const names = columns.map((column) => shortened(column.name));
  return new FlowError(
    'input',
    at,
    `A value that cannot be a cell in the column "${shortened(name)}" of ${source}, ${raw.place(wrong!.row)}`,
    {
      expected: 'a number, a string, a boolean, a date, or nothing',
      got: shortened(wrong!.cell),
      hint: `Write each element of the value to its own column, or leave ${names.length === 1 ? 'the column' : `these ${names.length} columns`} out with the option leaveOut: ${names.join(',')}`,
    },
  );
};

/**
 * Pattern of a whole number. A positive number may have leading zeros or a plus sign, as telephone numbers have, and all
 * numbers may have more digits than a double can represent.
 */
export const WHOLE: RegExp = /^(\+?\d+|-[1-9]\d*)$/;

/**
 * The form in which a frame stores a column. `numbers`: only the numbers. `written`: the numbers, and the cells as they
 * are written. `texts`: the numbers, the cells as they are written, and the text cells.
 */
export type ColumnForm = 'numbers' | 'written' | 'texts';

const formOf = ({ values, cells, isWritten = false, type }: RawColumn, isCategory: boolean): ColumnForm => {
  // If all strings of a column of JavaScript values are plain numbers, there are no `cells`.
  if (cells === undefined) return type === 'string' && (isWritten || isCategory) ? 'written' : 'numbers';
  let [someNumber, someText, someMark, someDigits] = [false, false, false, false];
  for (let row = 0; row < values.length; row++) {
    const cell = cells[row];
    if (!Number.isNaN(values[row]!)) {
      someNumber = true;
      someDigits ||= cell !== undefined && WHOLE.test(cell);
    } else if (cell !== undefined) {
      if (isGapAmongNumbers(cell)) someMark = true;
      else someText = true;
    }
  }
  if (someText || (someMark && (isCategory || !someNumber))) return 'texts';
  return someDigits || isWritten || isCategory ? 'written' : 'numbers';
};

/** Makes a column of a frame, in the given form. */
export const columnInForm = (raw: RawColumn, form: ColumnForm): FrameColumn => {
  const { name, values, cells, type, unit, isCategory } = raw;
  const numbers = values instanceof Float64Array ? values : Float64Array.from(values);
  const hasTexts = form === 'texts';
  const grouped = hasTexts || (cells === undefined && type !== 'string') ? undefined : groupedCell(numbers, cells);
  const marked = {
    ...(grouped === undefined ? {} : { grouped }),
    ...(type === undefined ? {} : { type }),
    ...(unit === undefined ? {} : { unit }),
    ...(isCategory === undefined ? {} : { isCategory }),
  };
  if (form === 'numbers') return { name, numbers, ...marked };
  const textAt = (row: number): string | undefined =>
    hasTexts && Number.isNaN(numbers[row]) ? cells?.[row] : undefined;
  return {
    name,
    numbers,
    ...(hasTexts ? { texts: Array.from(numbers, (_, row) => textAt(row)) } : {}),
    written: Array.from(numbers, (number, row) =>
      Number.isNaN(number) ? textAt(row) : (cells?.[row] ?? String(number)),
    ),
    ...marked,
  };
};

/** Pattern of a number whose decimal sign may also separate thousands, or that has no decimal sign. */
const GROUPED = /^[+-]?(0|[1-9]\d{0,2}([.,]\d{3})?)$/;

/** Returns the first cell with a decimal sign if all numbers match {@link GROUPED}, and otherwise undefined. */
const groupedCell = (numbers: Float64Array, cells: RawColumn['cells']): string | undefined => {
  let first: string | undefined;
  for (const [row, number] of numbers.entries()) {
    if (Number.isNaN(number)) continue;
    const text = cells?.[row] ?? String(number);
    if (!GROUPED.test(text)) return undefined;
    if (/[.,]/.test(text)) first ??= text;
  }
  return first;
};

/**
 * Returns the columns whose names are listed in the option `columns`, or all columns without this option. `source` is
 * the name of the table and `at` the name of the calling function, for error messages.
 *
 * @throws `input` for too few rows, two columns with the same name, an unknown name, a name that is listed twice, and
 * an empty list of columns.
 */
export const chosenColumns = (
  at: string,
  raw: RawTable,
  source: string,
  { columns, minRows = 1 }: Pick<FrameOptions, 'columns' | 'minRows'>,
): readonly RawColumn[] => {
  assertRows(raw, source, minRows, at);
  const names = raw.columns.map(({ name }) => name);
  const chosen =
    columns === undefined
      ? raw.columns
      : columnIndices(at, { columns: names, source }, columns).map((j) => raw.columns[j]!);
  if (chosen.length > 0) return chosen;
  throw new FlowError('input', at, `No columns in ${source}`, {
    expected: 'at least 1',
    got: '0',
    hint: 'Check the export.',
  });
};

const assertRows = ({ rows, columns }: RawTable, source: string, minRows: number, at: string): void => {
  const names = columns.map(({ name }) => name);
  const seen = new Set<string>();
  const twice = names.find((name) => seen.size === seen.add(name).size);
  if (twice !== undefined)
    throw new FlowError('input', at, `Two columns of ${source} have the same name`, {
      expected: 'different names',
      got: `"${shortened(twice)}" twice`,
      hint: 'Rename one.',
    });
  if (rows === 0)
    throw new FlowError('input', at, `No rows in ${source}`, {
      expected: `at least ${minRows}`,
      got: names.length === 0 ? 'none' : `the columns ${listed(names)} and no row`,
      hint: 'Check the export.',
    });
  if (rows < minRows)
    throw new FlowError('input', at, `Too few rows in ${source}`, {
      expected: `at least ${minRows}`,
      got: String(rows),
      hint: `The table needs at least ${minRows} rows.`,
    });
};

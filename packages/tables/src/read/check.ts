import { FlowError } from '@impflow/core';
import { offsetList, offsetsOf } from '../columns/offsets.ts';
import { listed, shown } from '../frame/printable.ts';
import { columnIndices, type Offsets, type Table } from '../frame/table.ts';
import { columnProblem, type ColumnProblem } from './column-problem.ts';
import type { RawColumn, RawTable } from './raw.ts';

/** Options for the columns and rows that a table must have. */
export interface CheckOptions {
  /** Names of the columns to read, in this order. Default: all. */
  readonly columns?: readonly string[];
  /** Fewest rows. Default 1. */
  readonly minRows?: number;
  /** Keep missing cells as NaN instead of refusing them. Default false. */
  readonly allowMissing?: boolean;
  /** Offsets to subtract in float64: a record, or `auto` for those of {@link offsetsOf}. Default: none. */
  readonly offsets?: Offsets | 'auto';
}

/**
 * Returns `raw` as a table of finite float32 numbers. Messages call it `source`.
 *
 * @throws `input` for the first problem that it finds.
 */
export const checkedTable = (
  raw: RawTable,
  source: string,
  { columns, minRows = 1, allowMissing = false, offsets: wanted = {} }: CheckOptions = {},
): Table => {
  const chosen = chosenColumns(AT, raw, source, { ...(columns === undefined ? {} : { columns }), minRows });
  for (const column of chosen) {
    const problem = columnProblem(column, raw.rows);
    if (problem === undefined || (allowMissing && problem.kind === 'missing')) continue;
    throw refusal(column, problem, { raw, source, choosing: columns === undefined });
  }
  const read = chosen.map(({ name }) => name);
  const offsets =
    wanted === 'auto'
      ? offsetsOf(chosen)
      : Object.fromEntries(Object.entries(wanted).filter(([name]) => read.includes(name)));
  const list = offsetList(read, offsets);
  const values = new Float32Array(raw.rows * chosen.length);
  for (const [j, column] of chosen.entries()) {
    for (let row = 0; row < raw.rows; row++) values[row * chosen.length + j] = column.values[row]! - list[j]!;
  }
  return {
    columns: read,
    rows: raw.rows,
    values,
    source,
    ...(Object.keys(offsets).length === 0 ? {} : { offsets }),
    ...(raw.remarks === undefined ? {} : { remarks: raw.remarks }),
  };
};

/**
 * Returns the columns of these names, or all. `at` is the function that errors name.
 *
 * @throws `input` as {@link assertRows}, for an unknown name, a name given twice, and for no column.
 */
export const chosenColumns = (
  at: string,
  raw: RawTable,
  source: string,
  { columns, minRows = 1 }: Pick<CheckOptions, 'columns' | 'minRows'>,
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

/**
 * Checks that a table has rows, at least `minRows` of them, and columns of different names. Messages call it `source`;
 * `at` is the function that errors name, by default `data/readTable`.
 *
 * @throws `input` if it does not.
 */
export const assertRows = ({ rows, columns }: RawTable, source: string, minRows: number, at: string = AT): void => {
  const names = columns.map(({ name }) => name);
  const seen = new Set<string>();
  const twice = names.find((name) => seen.size === seen.add(name).size);
  if (twice !== undefined)
    throw new FlowError('input', at, `Two columns of ${source} have one name`, {
      expected: 'different names',
      got: `"${shown(twice)}" twice`,
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
      hint: `It needs at least ${minRows} rows.`,
    });
};

const AT = 'tables/readTable';

interface Asked {
  readonly raw: RawTable;
  readonly source: string;
  readonly choosing: boolean;
}

const refusal = (
  { name }: RawColumn,
  { kind, row, cell, count }: ColumnProblem,
  { raw, source, choosing }: Asked,
): FlowError => {
  const refuse = (what: string, expected: string, got: string, hint: string): FlowError =>
    new FlowError('input', AT, `${what} "${shown(name)}" of ${source}, ${raw.place(row)}`, { expected, got, hint });
  switch (kind) {
    case 'text':
      return refuse('Text in the column', 'a number', `"${shown(cell)}"`, textHint(cell, raw, choosing));
    case 'infinite':
      return refuse('Infinity in the column', 'a finite number', cell, 'Repair or remove that row.');
    case 'too-large':
      return refuse(
        'A number too large for float32 in the column',
        'at most 3.4e38 in size',
        cell,
        'Rescale the column.',
      );
    case 'missing':
      break;
  }
  if (count < raw.rows)
    return refuse(
      'A missing value in the column',
      'a number',
      `none there, ${count} of ${raw.rows} missing in all`,
      'Fill in or remove those rows.',
    );
  return new FlowError('input', AT, `Nothing but missing values in the column "${shown(name)}" of ${source}`, {
    expected: 'numbers',
    got: `${count} missing`,
    hint: leaveOut(raw, name),
  });
};

// Choosing other columns does not help with decimal commas.
const textHint = (cell: string, raw: RawTable, choosing: boolean): string => {
  if (/^[+-]?\d+,\d+(e[+-]?\d+)?$/i.test(cell))
    return 'Write decimals with a point and thousands without a mark, or set the option decimal to a comma.';
  const numeric = raw.columns.filter(isNumeric).map((column) => column.name);
  if (!choosing || numeric.length === 0) return 'Repair that cell, or choose numeric columns.';
  return `Repair that cell, or choose numeric columns with the option columns: ${numeric.map(shown).join(',')}`;
};

const leaveOut = (raw: RawTable, name: string): string => {
  const others = raw.columns.filter((column) => column.name !== name && isNumeric(column)).map((column) => column.name);
  return others.length === 0
    ? 'Check the export.'
    : `Leave it out with the option columns: ${others.map(shown).join(',')}`;
};

const isNumeric = ({ values, text }: RawColumn): boolean =>
  text === undefined && Array.prototype.some.call(values, (value: number) => !Number.isNaN(value));

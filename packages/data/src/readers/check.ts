import { FlowError } from '@impflow/core';
import { columnIndices, listed, type Table } from '../table.ts';
import type { RawColumn, RawTable } from './raw.ts';

export interface CheckOptions {
  /** The columns to read, in this order; all by default. */
  readonly columns?: readonly string[];
  /** Refuse a table with fewer rows. 1 by default. */
  readonly minRows?: number;
  /** Keep missing cells as NaN instead of refusing them. */
  readonly allowMissing?: boolean;
}

/** A table of finite float32 numbers, or the first reason why the file does not hold one. */
export const checkedTable = (raw: RawTable, source: string, { columns, minRows = 1, allowMissing = false }: CheckOptions): Table => {
  const names = raw.columns.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new FlowError('input', AT, `Two columns of ${source} have one name`, { expected: 'different names', got: `"${twice}" twice`, hint: 'Rename one.' });
  if (raw.rows === 0) throw new FlowError('input', AT, `No rows in ${source}`, { expected: `at least ${minRows}`, got: names.length === 0 ? 'none' : `the columns ${listed(names)} and no row`, hint: 'Check the export.' });
  const chosen = columns === undefined ? raw.columns : columnIndices(AT, { columns: names, source }, columns).map((j) => raw.columns[j]!);
  if (chosen.length === 0) throw new FlowError('input', AT, `No columns in ${source}`, { expected: 'at least 1', got: '0', hint: 'Check the export.' });
  for (const column of chosen) checkColumn(column, raw, source, { allowMissing, choosing: columns === undefined });
  if (raw.rows < minRows) throw new FlowError('input', AT, `Too few rows in ${source}`, { expected: `at least ${minRows}`, got: String(raw.rows), hint: `It needs at least ${minRows} rows.` });

  const values = new Float32Array(raw.rows * chosen.length);
  for (const [j, column] of chosen.entries()) {
    for (let row = 0; row < raw.rows; row++) values[row * chosen.length + j] = column.values[row]!;
  }
  return { columns: chosen.map(({ name }) => name), rows: raw.rows, values, source };
};

const AT = 'data/readTable';
const FLOAT32_MAX = 2 ** 128 - 2 ** 104;

interface ColumnRules { readonly allowMissing: boolean; readonly choosing: boolean }

const checkColumn = ({ name, values, text }: RawColumn, raw: RawTable, source: string, { allowMissing, choosing }: ColumnRules): void => {
  const refuse = (what: string, row: number, expected: string, got: string, hint: string): FlowError =>
    new FlowError('input', AT, `${what} "${name}" of ${source}, ${raw.place(row)}`, { expected, got, hint });
  if (text !== undefined) throw refuse('Text in the column', text.row, 'a number', `"${text.cell}"`, textHint(text.cell, raw, choosing));
  let [missing, firstMissing] = [0, -1];
  for (let row = 0; row < raw.rows; row++) {
    const value = values[row]!;
    if (Number.isNaN(value)) {
      if (missing++ === 0) firstMissing = row;
    } else if (!Number.isFinite(value)) {
      throw refuse('Infinity in the column', row, 'a finite number', String(value), 'Repair or remove that row.');
    } else if (Math.abs(value) > FLOAT32_MAX) {
      throw refuse('A number too large for float32 in the column', row, 'at most 3.4e38 in size', String(value), 'Rescale the column.');
    }
  }
  if (missing === 0 || allowMissing) return;
  if (missing === raw.rows) {
    throw new FlowError('input', AT, `Nothing but missing values in the column "${name}" of ${source}`, { expected: 'numbers', got: `${missing} missing`, hint: leaveOut(raw, name) });
  }
  throw refuse('A missing value in the column', firstMissing, 'a number', `none there, ${missing} of ${raw.rows} missing in all`, 'Fill in or remove those rows.');
};

// A decimal comma is the one kind of text that choosing other columns does not cure.
const textHint = (cell: string, raw: RawTable, choosing: boolean): string => {
  if (/^[+-]?\d+,\d+(e[+-]?\d+)?$/i.test(cell)) return 'Write decimals with a point and thousands without a mark.';
  const numeric = raw.columns.filter(isNumeric).map((column) => column.name);
  if (!choosing || numeric.length === 0) return 'Repair that cell, or choose numeric columns.';
  return `Repair that cell, or choose numeric columns: --columns ${numeric.join(',')}`;
};

const leaveOut = (raw: RawTable, name: string): string => {
  const others = raw.columns.filter((column) => column.name !== name && isNumeric(column)).map((column) => column.name);
  return others.length === 0 ? 'Check the export.' : `Leave it out: --columns ${others.join(',')}`;
};

const isNumeric = ({ values, text }: RawColumn): boolean => text === undefined && Array.prototype.some.call(values, (value: number) => !Number.isNaN(value));

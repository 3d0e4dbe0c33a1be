import { FlowError } from '@impflow/core';
import { offsetList, offsetsOf, type Offsets } from '../offsets.ts';
import { columnIndices, listed, shown, type Table } from '../table.ts';
import { columnProblem, type ColumnProblem } from './column-problem.ts';
import type { RawColumn, RawTable } from './raw.ts';

export interface CheckOptions {
  /** The columns to read, in this order; all by default. */
  readonly columns?: readonly string[];
  /** Refuse a table with fewer rows. 1 by default. */
  readonly minRows?: number;
  /** Keep missing cells as NaN instead of refusing them. */
  readonly allowMissing?: boolean;
  /** Offsets to subtract in float64: these, or with `auto` those of {@link offsetsOf}. None by default. */
  readonly offsets?: Offsets | 'auto';
}

/** A table of finite float32 numbers. @throws `input` for the first reason why `raw` does not hold one; `source` stands for it in messages. */
export const checkedTable = (raw: RawTable, source: string, { columns, minRows = 1, allowMissing = false, offsets: wanted = {} }: CheckOptions = {}): Table => {
  assertRows(raw, source, minRows);
  const names = raw.columns.map(({ name }) => name);
  const chosen = columns === undefined ? raw.columns : columnIndices(AT, { columns: names, source }, columns).map((j) => raw.columns[j]!);
  if (chosen.length === 0) throw new FlowError('input', AT, `No columns in ${source}`, { expected: 'at least 1', got: '0', hint: 'Check the export.' });
  for (const column of chosen) {
    const problem = columnProblem(column, raw.rows);
    if (problem === undefined || (allowMissing && problem.kind === 'missing')) continue;
    throw refusal(column, problem, { raw, source, choosing: columns === undefined });
  }
  const read = chosen.map(({ name }) => name);
  const offsets = wanted === 'auto' ? offsetsOf(chosen) : Object.fromEntries(Object.entries(wanted).filter(([name]) => read.includes(name)));
  const list = offsetList(read, offsets);
  const values = new Float32Array(raw.rows * chosen.length);
  for (const [j, column] of chosen.entries()) {
    for (let row = 0; row < raw.rows; row++) values[row * chosen.length + j] = column.values[row]! - list[j]!;
  }
  return {
    columns: read, rows: raw.rows, values, source,
    ...(Object.keys(offsets).length === 0 ? {} : { offsets }), ...(raw.remarks === undefined ? {} : { remarks: raw.remarks }),
  };
};

/** @throws `input` for a table with fewer than `minRows` rows, or with two columns of one name. */
export const assertRows = ({ rows, columns }: RawTable, source: string, minRows: number): void => {
  const names = columns.map(({ name }) => name);
  const seen = new Set<string>();
  const twice = names.find((name) => seen.size === seen.add(name).size);
  if (twice !== undefined) throw new FlowError('input', AT, `Two columns of ${source} have one name`, { expected: 'different names', got: `"${shown(twice)}" twice`, hint: 'Rename one.' });
  if (rows === 0) throw new FlowError('input', AT, `No rows in ${source}`, { expected: `at least ${minRows}`, got: names.length === 0 ? 'none' : `the columns ${listed(names)} and no row`, hint: 'Check the export.' });
  if (rows < minRows) throw new FlowError('input', AT, `Too few rows in ${source}`, { expected: `at least ${minRows}`, got: String(rows), hint: `It needs at least ${minRows} rows.` });
};

const AT = 'data/readTable';

interface Asked { readonly raw: RawTable; readonly source: string; readonly choosing: boolean }

const refusal = ({ name }: RawColumn, { kind, row, cell, count }: ColumnProblem, { raw, source, choosing }: Asked): FlowError => {
  const refuse = (what: string, expected: string, got: string, hint: string): FlowError =>
    new FlowError('input', AT, `${what} "${shown(name)}" of ${source}, ${raw.place(row)}`, { expected, got, hint });
  switch (kind) {
    case 'text': return refuse('Text in the column', 'a number', `"${shown(cell)}"`, textHint(cell, raw, choosing));
    case 'infinite': return refuse('Infinity in the column', 'a finite number', cell, 'Repair or remove that row.');
    case 'too-large': return refuse('A number too large for float32 in the column', 'at most 3.4e38 in size', cell, 'Rescale the column.');
    case 'missing': break;
  }
  if (count < raw.rows) return refuse('A missing value in the column', 'a number', `none there, ${count} of ${raw.rows} missing in all`, 'Fill in or remove those rows.');
  return new FlowError('input', AT, `Nothing but missing values in the column "${shown(name)}" of ${source}`, { expected: 'numbers', got: `${count} missing`, hint: leaveOut(raw, name) });
};

// A decimal comma is the one kind of text that choosing other columns does not cure.
const textHint = (cell: string, raw: RawTable, choosing: boolean): string => {
  if (/^[+-]?\d+,\d+(e[+-]?\d+)?$/i.test(cell)) return 'Write decimals with a point and thousands without a mark, or say that it is a decimal comma: --decimal ,';
  const numeric = raw.columns.filter(isNumeric).map((column) => column.name);
  if (!choosing || numeric.length === 0) return 'Repair that cell, or choose numeric columns.';
  return `Repair that cell, or choose numeric columns: --columns ${numeric.map(shown).join(',')}`;
};

const leaveOut = (raw: RawTable, name: string): string => {
  const others = raw.columns.filter((column) => column.name !== name && isNumeric(column)).map((column) => column.name);
  return others.length === 0 ? 'Check the export.' : `Leave it out: --columns ${others.map(shown).join(',')}`;
};

const isNumeric = ({ values, text }: RawColumn): boolean => text === undefined && Array.prototype.some.call(values, (value: number) => !Number.isNaN(value));

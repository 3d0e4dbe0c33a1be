import { FlowError } from '@impflow/core';
import {
  assertRows,
  checkedTable,
  columnProblem,
  describeColumns,
  offsetsOf,
  parseCsv,
  type ColumnProblem,
  type CsvTable,
  type RawColumn,
} from '@impflow/data/tables';
import type { ColumnPreview, TablePreview } from '../../protocol/data.ts';
import { FEWEST } from './row-data.ts';

// Imports the CSV parser: load this module only when there is a file.

/**
 * Describes the columns of a text separated by commas, semicolons or tabs, and why some cannot be chosen.
 *
 * @throws `input` if the text is not a table of at least two columns and ten rows: empty, binary, not UTF-8, ragged,
 * badly quoted, or too small.
 */
export const previewTable = (name: string, bytes: Uint8Array): TablePreview => {
  const table = tableIn(name, bytes);
  return { name, rows: table.rows, columns: table.columns.map((column, j) => preview(column, j, table)) };
};

/**
 * Two columns of a table, `[rows, 2]`. @throws `input` as {@link previewTable}, and for a column that does not exist or
 * cannot be chosen.
 */
export const readColumns = (name: string, bytes: Uint8Array, columns: readonly [string, string]): Float32Array => {
  const table = tableIn(name, bytes);
  for (const [j, column] of table.columns.entries()) {
    const { problem } = columns.includes(column.name) ? preview(column, j, table) : {};
    if (problem !== undefined)
      throw new FlowError('input', 'demo/readColumns', `Cannot use the column "${column.name}" of ${name}`, {
        expected: 'numbers that differ',
        got: problem,
        hint: 'Choose another column.',
      });
  }
  return checkedTable(table, name, { columns }).values;
};

const tableIn = (name: string, bytes: Uint8Array): CsvTable => {
  const table = parseCsv(name, bytes);
  assertRows(table, name, FEWEST);
  const [only, ...others] = table.columns;
  if (others.length > 0) return table;
  throw new FlowError('input', 'demo/previewTable', `One column alone in ${name}`, {
    expected: 'at least 2, with a comma, a semicolon or a tab between their cells',
    got: `"${shortened(only?.name ?? '')}"`,
    hint: 'Export the table as CSV, with two columns of numbers.',
  });
};

const preview = (column: RawColumn, j: number, { rows, head, place }: CsvTable): ColumnPreview => {
  const { name } = column;
  const first = head.map((cells) => shortened(cells[j]!));
  const wrong = columnProblem(column, rows);
  // From the readable cells, whether or not the column can be chosen.
  const [summary] = describeColumns({ columns: [name], rows, values: Float32Array.from(column.values), source: name });
  const { min, max, kind, resolution } = summary!;
  const [offset] = Object.values(offsetsOf([column]));
  const problem =
    wrong !== undefined
      ? inWords(wrong, rows, place)
      : offset !== undefined && new Set(Array.from(column.values)).size > 2
        ? `too fine for float32 at their size: subtract ${offset} from each`
        : kind === 'constant'
          ? `the same in every row: ${min}`
          : undefined;
  return {
    name,
    first,
    min,
    max,
    ...(problem === undefined ? (resolution === undefined ? {} : { resolution }) : { problem }),
  };
};

const inWords = ({ kind, row, cell, count }: ColumnProblem, rows: number, place: CsvTable['place']): string => {
  switch (kind) {
    case 'text':
      return `${DECIMAL_COMMA.test(cell) ? 'a comma in a number' : 'text'} in ${place(row)}: "${shortened(cell)}"`;
    case 'infinite':
      return `infinite in ${place(row)}`;
    case 'too-large':
      return `too large for float32 in ${place(row)}: ${cell}`;
    case 'missing':
      return count === rows
        ? 'no numbers, all cells are missing'
        : `${count} of ${rows} cells missing, the first in ${place(row)}`;
  }
};

const DECIMAL_COMMA = /^[+-]?\d+,\d+(e[+-]?\d+)?$/i;

const shortened = (text: string): string => (text.length <= 24 ? text : `${text.slice(0, 23)}…`);

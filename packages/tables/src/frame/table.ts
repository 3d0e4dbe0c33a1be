import { FlowError, nearest } from '@impflow/core';
import { listed } from './printable.ts';

/**
 * Offsets of columns, by name. A reader subtracts them in float64 before it converts a column to float32. Finite, in
 * units of the column. Columns without an offset are not listed. Plain JSON.
 */
export type Offsets = Readonly<Record<string, number>>;

/** A table of numbers with named columns. */
export interface Table {
  /** Names of the columns, in the order of `values`. */
  readonly columns: readonly string[];
  /** Number of rows. */
  readonly rows: number;
  /** `[rows, columns]`, row-major. Offsets, if there are any, are already subtracted. */
  readonly values: Float32Array;
  /**
   * Offsets that were subtracted before the conversion to float32: see `offsetsOf`. Left out if there are none.
   */
  readonly offsets?: Offsets;
  /** What the reader assumed, such as header and separator, in sentences. Left out by readers that assume nothing. */
  readonly remarks?: readonly string[];
  /** Origin of the numbers, for messages: a path, or the name of a data set. */
  readonly source: string;
}

/**
 * Returns a copy with the columns of these names, in this order.
 *
 * @throws `input` for an unknown name, a name given twice, or an empty list.
 */
export const selectColumns = (table: Table, names: readonly string[]): Table => {
  const indices = columnIndices('tables/selectColumns', table, names);
  const [width, count] = [table.columns.length, indices.length];
  const values = new Float32Array(table.rows * count);
  for (let row = 0; row < table.rows; row++) {
    for (let j = 0; j < count; j++) values[row * count + j] = table.values[row * width + indices[j]!]!;
  }
  return { ...table, columns: [...names], values };
};

/**
 * Returns a copy with the rows of these indices, in this order.
 *
 * @throws `input` for an index outside the table.
 */
export const pickRows = (table: Table, indices: Uint32Array): Table => {
  assertIndices('tables/pickRows', table, indices);
  const width = table.columns.length;
  const values = new Float32Array(indices.length * width);
  for (const [i, row] of indices.entries()) {
    values.set(table.values.subarray(row * width, (row + 1) * width), i * width);
  }
  return { ...table, rows: indices.length, values };
};

/**
 * Checks that rows of these indices exist.
 *
 * @throws `input` for the first index outside.
 */
export const assertIndices = (
  at: string,
  { rows, source }: Pick<Table, 'rows' | 'source'>,
  indices: Uint32Array,
): void => {
  const outside = indices.find((row) => row >= rows);
  if (outside === undefined) return;
  throw new FlowError('input', at, `No such row in ${source}`, {
    expected: `indices below ${rows}`,
    got: String(outside),
  });
};

/**
 * Returns the index of each name among the columns.
 *
 * @throws `input` for an unknown name (with the nearest known one), a name given twice, or an empty list.
 */
export const columnIndices = (
  at: string,
  { columns, source }: Pick<Table, 'columns' | 'source'>,
  names: readonly string[],
): readonly number[] => {
  if (names.length === 0)
    throw new FlowError('input', at, `No column chosen of ${source}`, {
      expected: `some of ${listed(columns)}`,
      got: 'none',
    });
  return names.map((name, i) => {
    if (names.indexOf(name) !== i) {
      throw new FlowError('input', at, `A column of ${source} is chosen twice`, {
        expected: 'each name once',
        got: `"${name}" again`,
        hint: 'Name it once.',
      });
    }
    const index = columns.indexOf(name);
    if (index >= 0) return index;
    const near = nearest(name, columns);
    throw new FlowError('input', at, `Unknown column of ${source}`, {
      expected: `one of ${listed(columns)}`,
      got: `"${name}"`,
      hint: near === undefined ? 'Check the spelling.' : `Did you mean "${near}"?`,
    });
  });
};

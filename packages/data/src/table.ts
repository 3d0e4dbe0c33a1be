import { FlowError, nearest } from '@impflow/core';
import type { Offsets } from './offsets.ts';
import { printable } from './printable.ts';

/** Numbers in named columns. */
export interface Table {
  readonly columns: readonly string[];
  readonly rows: number;
  /** `[rows, columns]`, row-major; less the offsets, where there are any. */
  readonly values: Float32Array;
  /** What was subtracted from columns before they became float32: see {@link offsetsOf}. None where the caller of a reader did not ask for it. */
  readonly offsets?: Offsets;
  /** What a reader took for granted, in sentences. */
  readonly remarks?: readonly string[];
  /** Where the numbers came from, for messages: a path, or the name of a data set. */
  readonly source: string;
}

/** The columns of these names, in this order; a copy. @throws `input` for a name that is not there, is named twice, or where none is. */
export const selectColumns = (table: Table, names: readonly string[]): Table => {
  const indices = columnIndices('data/selectColumns', table, names);
  const [width, count] = [table.columns.length, indices.length];
  const values = new Float32Array(table.rows * count);
  for (let row = 0; row < table.rows; row++) {
    for (let j = 0; j < count; j++) values[row * count + j] = table.values[row * width + indices[j]!]!;
  }
  return { ...table, columns: [...names], values };
};

/** The rows of these indices, in this order; a copy. @throws `input` for an index outside the table. */
export const pickRows = (table: Table, indices: Uint32Array): Table => {
  const width = table.columns.length;
  const values = new Float32Array(indices.length * width);
  for (let i = 0; i < indices.length; i++) {
    const row = indices[i]!;
    if (row >= table.rows) {
      throw new FlowError('input', 'data/pickRows', `No such row in ${table.source}`, { expected: `indices below ${table.rows}`, got: String(row) });
    }
    values.set(table.values.subarray(row * width, (row + 1) * width), i * width);
  }
  return { ...table, rows: indices.length, values };
};

/** Where each name stands among the columns. @throws `input`, with a suggestion for a misspelt name. */
export const columnIndices = (at: string, { columns, source }: Pick<Table, 'columns' | 'source'>, names: readonly string[]): readonly number[] => {
  if (names.length === 0) throw new FlowError('input', at, `No column chosen of ${source}`, { expected: `some of ${listed(columns)}`, got: 'none' });
  return names.map((name, i) => {
    if (names.indexOf(name) !== i) {
      throw new FlowError('input', at, `A column of ${source} is chosen twice`, { expected: 'each name once', got: `"${name}" again`, hint: 'Name it once.' });
    }
    const index = columns.indexOf(name);
    if (index >= 0) return index;
    const near = nearest(name, columns);
    throw new FlowError('input', at, `Unknown column of ${source}`, {
      expected: `one of ${listed(columns)}`, got: `"${name}"`, hint: near === undefined ? 'Check the spelling.' : `Did you mean "${near}"?`,
    });
  });
};

/** Names for a message: the first twenty, then how many more. */
export const listed = (names: readonly string[]): string =>
  names.length <= 20 ? names.map(shown).join(', ') : `${names.slice(0, 20).map(shown).join(', ')} and ${names.length - 20} more`;

/** What a file says, for a message: at most 80 letters, and none that acts on a terminal. */
export const shown = (text: string): string => {
  const quiet = printable(text.slice(0, 81));
  return quiet.length > 80 ? `${quiet.slice(0, 80)}…` : quiet;
};

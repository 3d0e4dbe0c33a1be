import {
  DuckDBStructType,
  JSDuckDBValueConverter,
  type DuckDBDataChunk,
  type DuckDBType,
  type JS,
} from '@duckdb/node-api';
import { FlowError } from '@impflow/core';
import type { AnyRow } from 'impflow';

/**
 * Converts a block of arguments to rows: one STRUCT for each row, or one argument for each column. A row is undefined if
 * its STRUCT is NULL.
 *
 * @param at Name of the function, for messages.
 * @param columns Names of the columns of the model, in the order of positional arguments.
 * @throws `input` for a STRUCT without a column of the model, and for another number of arguments.
 */
export const readRows = (
  at: string,
  columns: readonly string[],
  input: DuckDBDataChunk,
): readonly (AnyRow | undefined)[] => {
  const structs = input.columnCount === 1 ? structsOf(at, columns, input) : undefined;
  if (structs !== undefined) return structs;
  if (input.columnCount !== columns.length)
    throw new FlowError('input', at, 'Wrong number of arguments', {
      expected: `one STRUCT, or ${columns.length} arguments: ${columns.join(', ')}`,
      got: `${input.columnCount} arguments`,
      hint: `Write ${at}(t) for the rows of a table t.`,
    });
  const cells = columns.map((_, i) => cellsOf(input, i));
  return Array.from({ length: input.rowCount }, (_, row) =>
    Object.fromEntries(columns.map((name, i) => [name, cells[i]![row] as AnyRow[string]])),
  );
};

const structsOf = (
  at: string,
  columns: readonly string[],
  input: DuckDBDataChunk,
): readonly (AnyRow | undefined)[] | undefined => {
  const type = typeOf(input, 0);
  if (!(type instanceof DuckDBStructType)) return undefined;
  const missing = columns.find((name) => !type.entryNames.includes(name));
  if (missing !== undefined)
    throw new FlowError('input', at, `No column "${missing}" in the STRUCT`, {
      expected: `the columns ${columns.join(', ')}`,
      got: type.entryNames.join(', '),
      hint: 'Names of columns are compared with upper and lower case. A gap is NULL.',
    });
  // Columns that the model does not have may be of any type, so they are left out.
  return cellsOf(input, 0).map((row) =>
    row === null ? undefined : Object.fromEntries(columns.map((name) => [name, (row as AnyRow)[name]])),
  );
};

/** Returns the type of an argument, or undefined for the literal NULL, for which the API of DuckDB has no vector. */
const typeOf = (input: DuckDBDataChunk, column: number): DuckDBType | undefined => {
  try {
    return input.getColumnVector(column).type;
  } catch (error) {
    if (String(error).includes('SQLNULL')) return undefined;
    throw error;
  }
};

const cellsOf = (input: DuckDBDataChunk, column: number): readonly (JS | null)[] =>
  typeOf(input, column) === undefined
    ? Array.from({ length: input.rowCount }, () => null)
    : input.convertColumnValues(column, JSDuckDBValueConverter);

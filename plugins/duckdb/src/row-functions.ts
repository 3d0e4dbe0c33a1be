import {
  ANY,
  DOUBLE,
  DuckDBScalarFunction,
  DuckDBStructValue,
  STRUCT,
  VARCHAR,
  type DuckDBType,
  type DuckDBValue,
} from '@duckdb/node-api';
import type { AnyRow, Cell, Score } from 'impflow';
import { readRows } from './read-rows.ts';
import { columnsOf, type RegisteredModel } from './registered-model.ts';

/** Returns the functions of rows of a model: see `register`. */
export const rowFunctions = (name: string, model: RegisteredModel): readonly DuckDBScalarFunction[] => {
  const columns = columnsOf(model);
  const scored = (of: (score: Score) => DuckDBValue) => (rows: readonly AnyRow[]) => model.score(rows).map(of);
  return [
    rowFunction(
      `${name}_nats`,
      columns,
      DOUBLE,
      scored(({ logDensity }) => logDensity),
    ),
    rowFunction(
      `${name}_p_value`,
      columns,
      DOUBLE,
      scored(({ pValue }) => (Number.isNaN(pValue) ? null : pValue)),
    ),
    rowFunction(`${name}_reason`, columns, REASON, (rows) => rows.map((row) => reasonOf(model, row))),
  ];
};

const REASON = STRUCT({ column: VARCHAR, nats: DOUBLE, usual: VARCHAR });

const reasonOf = (model: RegisteredModel, row: AnyRow): DuckDBValue => {
  const [first] = model.explain(row);
  if (first === undefined || Number.isNaN(first.nats)) return null;
  return new DuckDBStructValue({ column: first.column, nats: first.nats, usual: textOf(first.usual) });
};

/** Returns a cell as text, with dates in the form that DuckDB casts to dates. */
const textOf = (cell: Cell): string | null =>
  cell === null || cell === undefined ? null : cell instanceof Date ? cell.toISOString() : String(cell);

const rowFunction = (
  name: string,
  columns: readonly string[],
  returnType: DuckDBType,
  answer: (rows: readonly AnyRow[]) => readonly DuckDBValue[],
): DuckDBScalarFunction =>
  DuckDBScalarFunction.create({
    name,
    returnType,
    varArgsType: ANY,
    // Without special handling, a row with a gap would not reach the function: its result would be NULL.
    specialHandling: true,
    mainFunction: (_info, input, output) => {
      const rows = readRows(name, columns, input);
      const known = rows.filter((row) => row !== undefined);
      const answers = known.length === 0 ? [] : answer(known);
      let next = 0;
      rows.forEach((row, i) => output.setItem(i, row === undefined ? null : answers[next++]!));
      output.flush();
    },
  });

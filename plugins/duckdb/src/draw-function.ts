import {
  ANY,
  BIGINT,
  BOOLEAN,
  DOUBLE,
  DuckDBDecimalValue,
  DuckDBStructValue,
  DuckDBTableFunction,
  JSToDuckDBValueConverter,
  TIMESTAMP,
  VARCHAR,
  type DuckDBTableFunctionBindInfo,
  type DuckDBType,
  type DuckDBValue,
} from '@duckdb/node-api';
import { FlowError } from '@impflow/core';
import type { AnyRow, Cell } from 'impflow';
import type { RegisteredModel } from './registered-model.ts';

/** Largest number of rows of a block of DuckDB. */
const BLOCK = 2048;

interface Drawn {
  readonly names: readonly string[];
  readonly rows: readonly AnyRow[];
}

/**
 * Returns the table function that draws rows of a model: see `register`.
 *
 * @remarks All rows are drawn and held in memory before the first row is returned.
 */
export const drawFunction = (name: string, model: RegisteredModel): DuckDBTableFunction =>
  DuckDBTableFunction.create({
    name: `${name}_draws`,
    parameterTypes: [BIGINT, BIGINT],
    namedParameterTypes: { given: ANY },
    bindFunction: (info) => {
      const given = givenOf(name, info);
      const [count, seed] = [0, 1].map((i) => Number(info.getParameter(i) ?? NaN)) as [number, number];
      const rows = model.sample(count, { seed, ...(given === undefined ? {} : { given }) });
      const names = Object.keys(rows[0]!);
      for (const column of names) info.addResultColumn(column, typeOf(rows, column));
      info.setCardinality(count, true);
      info.setBindData({ names, rows } satisfies Drawn);
    },
    initFunction: (info) => {
      info.setMaxThreads(1);
      info.setInitData({ next: 0 });
    },
    mainFunction: (info, output) => {
      const { names, rows } = info.bindData as Drawn;
      const state = info.initData as { next: number };
      const block = rows.slice(state.next, state.next + BLOCK);
      state.next += block.length;
      output.rowCount = block.length;
      if (block.length === 0) return;
      output.setColumnsConverted(
        names.map((column) => block.map((row) => row[column] ?? null)),
        JSToDuckDBValueConverter,
      );
    },
  });

const givenOf = (name: string, info: DuckDBTableFunctionBindInfo): AnyRow | undefined => {
  const given = info.getNamedParameter('given');
  if (given === null) return undefined;
  if (!(given instanceof DuckDBStructValue))
    throw new FlowError('option', `${name}_draws`, 'Wrong value of given', {
      expected: "a STRUCT, such as {'species': 'Adelie'}",
      got: String(given),
      hint: 'Name each condition.',
    });
  return Object.fromEntries(Object.entries(given.entries).map(([column, value]) => [column, cellOf(value)]));
};

/** Converts a condition. The literal 1.5 of SQL is a DECIMAL. Dates are passed as text. */
const cellOf = (value: DuckDBValue): Cell =>
  value instanceof DuckDBDecimalValue
    ? value.toDouble()
    : typeof value === 'object' && value !== null
      ? String(value)
      : value;

/** Returns the type of a column by its first cell that is not empty. */
const typeOf = (rows: readonly AnyRow[], column: string): DuckDBType => {
  const cell = rows.find((row) => row[column] !== null)?.[column];
  if (cell instanceof Date) return TIMESTAMP;
  if (typeof cell === 'bigint') return BIGINT;
  if (typeof cell === 'boolean') return BOOLEAN;
  return typeof cell === 'string' ? VARCHAR : DOUBLE;
};

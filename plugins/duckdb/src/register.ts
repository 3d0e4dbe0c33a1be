import type { DuckDBConnection } from '@duckdb/node-api';
import { FlowError, shown } from '@impflow/core';
import { drawFunction } from './draw-function.ts';
import type { RegisteredModel } from './registered-model.ts';
import { rowFunctions } from './row-functions.ts';

const AT = 'duckdb/register';

/**
 * Adds the functions of models to a connection of DuckDB. A model with the name `birds` gets four functions:
 *
 * - `birds_nats(row)`: DOUBLE, the log-density of a row in nats, as `logDensity` of `score`. NaN if a solve failed.
 * - `birds_p_value(row)`: DOUBLE, the p-value of a row, as `pValue` of `score`. NULL for a row with gaps.
 * - `birds_reason(row)`: STRUCT("column" VARCHAR, nats DOUBLE, usual VARCHAR), the first result of `explain`: the column
 *   that lowers the log-density most. NULL for a row of gaps.
 * - `birds_draws(n, seed)`: a table of `n` rows, as `sample`. The named parameter `given` is a STRUCT with the conditions.
 *
 * A row is one STRUCT, such as the name of a table, or one argument for each column, in the order of the training table.
 * NULL is a gap. If the STRUCT is NULL, the result is NULL.
 *
 * @remarks DuckDB passes rows in blocks of at most 2,048, and waits for the result of each block. A row gets the digits
 * that `score` returns. The functions run on the thread of JavaScript that registered them, so a query must be awaited.
 * A model must not be disposed as long as queries call its functions.
 * @throws `option` for a name that is not an identifier of SQL, and for a name whose functions exist in the database.
 */
export const register = async (
  connection: DuckDBConnection,
  models: Readonly<Record<string, RegisteredModel>>,
): Promise<void> => {
  const names = Object.keys(models);
  for (const name of names)
    if (!/^[a-z_]\w*$/i.test(name))
      throw new FlowError('option', AT, 'Wrong name of a model', {
        expected: 'letters, digits and underscores, not beginning with a digit',
        got: shown(name),
        hint: 'Write register(connection, { birds: model }).',
      });
  const twice = names.find((name, i) => names.findIndex((other) => isEqual(other, name)) < i);
  if (twice !== undefined)
    throw new FlowError('option', AT, 'Two models have one name', {
      expected: 'names that differ in more than upper and lower case',
      got: shown(twice),
      hint: 'DuckDB does not tell upper from lower case: rename one of them.',
    });
  for (const name of names) await assertFree(connection, name);
  for (const [name, model] of Object.entries(models)) {
    for (const each of rowFunctions(name, model)) connection.registerScalarFunction(each);
    connection.registerTableFunction(drawFunction(name, model));
  }
};

const isEqual = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** DuckDB would keep the first of two functions of the same name without an error. */
const assertFree = async (connection: DuckDBConnection, name: string): Promise<void> => {
  const found = await connection.runAndReadAll(
    `select 1 from duckdb_functions() where lower(function_name) in (lower('${name}_nats'), lower('${name}_p_value'), lower('${name}_reason'), lower('${name}_draws')) limit 1`,
  );
  if (found.currentRowCount === 0) return;
  throw new FlowError('option', AT, `The database has a function of the name ${name}`, {
    expected: 'a new name',
    got: shown(name),
    hint: 'Functions cannot be replaced: register the model under another name.',
  });
};

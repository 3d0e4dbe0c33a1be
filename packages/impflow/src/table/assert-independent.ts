import { drawPermutation, FlowError, key } from '@impflow/core';
import { isTargetNumber, pickValues } from '@impflow/tables';
import { number } from '../text/format.ts';
import { standardColumns } from './dependence/columns.ts';
import { EXACT, type Dependence } from './dependence/dependence.ts';
import { functionalDependences } from './dependence/functional.ts';
import { linearDependences } from './dependence/linear.ts';
import { rowCount, type Part } from './part.ts';
import type { TableParts } from './split.ts';

/** Largest numbers of rows that are searched for linear relations and for functions of one column. */
const ROWS = { linear: 10_000, functional: 2000 } as const;
/** Smallest number of rows for each column in the search for linear relations. */
const ROWS_EACH = 20;
/** Largest number of operations of the search for functions. With many columns, fewer rows are searched. */
const OPERATIONS = 1e9;
/** Largest number of dependent columns that the remarks name. */
const NAMED = 5;

/**
 * Finds the numeric target columns that other numeric columns determine: linear combinations such as `2 b` or `a + b`,
 * products of powers such as `a / b^2`, and functions of one column such as `b^2`. The density of such columns is
 * infinite, or nearly so, and its log-density does not say how well the other columns are known.
 *
 * @param rows Training rows, with filled gaps.
 * @returns A sentence for each dependent column.
 * @remarks Only rows without gaps are searched, if there are enough, and at most 10,000, or 20 for each column. The cost
 * is below the cost of a few training steps: see `linearDependences` and `functionalDependences`.
 * @throws `input` if a column without noise is exactly a linear combination of other columns without noise, because no
 * density exists, and if there are not more training rows than columns.
 */
export const assertIndependent = (
  { fitted, source, complete }: Pick<TableParts, 'fitted' | 'source' | 'complete'>,
  rows: Part,
): readonly string[] => {
  const d = fitted.columns.filter(isTargetNumber).length;
  if (rowCount(rows) <= d)
    throw new FlowError('input', 'impflow/fit', `Too few rows in ${source}`, {
      expected: `more than ${d} training rows for ${d} columns`,
      got: String(rowCount(rows)),
      hint: 'Give more rows, or choose fewer columns with the option columns.',
    });
  const found = dependencesOf(fitted.columns, rowCount(complete) > 2 * d ? complete : rows);
  const singular = found.find(({ kind, residual, noisy }) => kind === 'sum' && residual <= EXACT && !noisy);
  if (singular !== undefined)
    throw new FlowError(
      'input',
      'impflow/fit',
      `The column "${singular.name}" of ${source} is ${relationWords(singular)}`,
      {
        expected: 'columns that are not linear combinations of each other',
        got: 'a linear combination',
        hint: `Leave it out with the option leaveOut: ${singular.name}`,
      },
    );
  const rest = found.length - NAMED;
  return [
    ...found.slice(0, NAMED).map(dependenceWords),
    ...(rest > 0
      ? [
          `${rest} more ${rest === 1 ? 'column is' : 'columns are'} determined by other columns: ${found
            .slice(NAMED)
            .map(({ name }) => `"${name}"`)
            .join(', ')}.`,
        ]
      : []),
  ];
};

/** Returns the dependent columns, in the order of the table. A column is named once. */
const dependencesOf = (columns: TableParts['fitted']['columns'], part: Part): readonly Dependence[] => {
  const count = rowCount(part);
  const order = drawPermutation(key(0), count);
  const first = (most: number): Uint32Array => order.slice(0, Math.min(count, Math.max(1, Math.floor(most))));
  const some = pickValues(part.cells, first(Math.max(ROWS.linear, ROWS_EACH * columns.length)));
  const found = [...linearDependences(standardColumns(columns, some), 'sum')];
  const rest = <C extends { readonly name: string }>(all: readonly C[]): readonly C[] =>
    all.filter(({ name }) => !found.some((dependence) => dependence.name === name));
  found.push(
    ...functionalDependences(
      rest(
        standardColumns(
          columns,
          pickValues(part.cells, first(Math.min(ROWS.functional, OPERATIONS / columns.length ** 2))),
        ),
      ),
    ),
  );
  found.push(...linearDependences(rest(standardColumns(columns, some, true)), 'product'));
  const place = ({ name }: Dependence): number => columns.findIndex((column) => column.name === name);
  return found.toSorted((a, b) => place(a) - place(b));
};

const relationWords = ({ kind, others }: Dependence): string => {
  const names = others.map((name) => `"${name}"`);
  const all = names.length === 1 ? names[0]! : `${names.slice(0, -1).join(', ')} and ${names.at(-1)!}`;
  switch (kind) {
    case 'sum':
      return `a linear combination of ${all}`;
    case 'product':
      return `a product of powers of ${all}`;
    case 'function':
      return `a function of ${all}`;
  }
};

const dependenceWords = (dependence: Dependence): string => {
  const { name, residual, rounding } = dependence;
  const exactness =
    residual <= EXACT
      ? 'exactly'
      : residual <= rounding
        ? 'up to the rounding of the cells'
        : `up to ${number(residual, 2)} of its standard deviation`;
  const nats = -Math.log(Math.max(residual, rounding, EXACT));
  return `The column "${name}" is ${relationWords(dependence)}, ${exactness}. Because of this relation, the log-density is about ${number(nats, 2)} nats higher. Leave the column out with the option leaveOut: ${name}.`;
};

import { drawPermutation, FlowError, key } from '@impflow/core';
import { isTargetNumber, pickValues, type Values } from '@impflow/tables';
import { number } from '../text/format.ts';
import { standardColumns, type StandardColumn } from './dependence/columns.ts';
import { EXACT, type Dependence } from './dependence/dependence.ts';
import { functionalDependences } from './dependence/functional.ts';
import { linearDependences } from './dependence/linear.ts';
import { rowCount, type Part } from './part.ts';
import { marksIn } from './spikes.ts';
import type { TableParts } from './split.ts';

/** Largest number of rows that are searched: `most`, or `each` for each column if this is more. */
const ROWS = { most: 2000, each: 5 } as const;
/** Largest number of dependent columns that the remarks name. */
const NAMED = 5;

/**
 * Finds the numeric target columns that other numeric columns determine: linear combinations such as `2 b` or `a + b`,
 * products of powers such as `a / b^2`, and functions of one column such as `b^2`. The density of such columns is
 * infinite, or nearly so, and its log-density does not say how well the other columns are known.
 *
 * @param rows Training rows, with filled gaps.
 * @returns A sentence for each dependent column.
 * @remarks Only rows without gaps are searched, if there are enough, and at most 2,000, or 5 for each column. For the
 * cost see `linearDependences` and `functionalDependences`.
 * @throws `input` if a column without noise is exactly a linear combination of other columns without noise, because no
 * density exists, and if there are not more training rows than columns.
 */
export const assertIndependent = (
  { fitted, source, complete, columns }: Pick<TableParts, 'fitted' | 'source' | 'complete' | 'columns'>,
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
  // A relation with row numbers says only how the rows are sorted.
  const isRising = (name: string): boolean => columns.some((column) => column.name === name && column.rising);
  const told = found.filter(({ name, others }) => ![name, ...others].some(isRising));
  const rest = told.length - NAMED;
  return [
    ...told.slice(0, NAMED).map(dependenceWords),
    ...(rest > 0
      ? [
          `${rest} more ${rest === 1 ? 'column is' : 'columns are'} determined by other columns: ${told
            .slice(NAMED)
            .map(({ name }) => `"${name}"`)
            .join(', ')}.`,
        ]
      : []),
  ];
};

/**
 * Returns the rows without marks of missing cells such as -999, because a mark makes the other cells of its column look
 * nearly equal. Returns all rows if fewer than half of them have no mark.
 */
const withoutMarks = (columns: TableParts['fitted']['columns'], cells: Values): Values => {
  const marks = marksIn(columns, cells);
  const rows = Uint32Array.from({ length: cells.rows }, (_, row) => row).filter((row) =>
    marks.every((own, j) => !own.includes(cells.columns[j]![row]!)),
  );
  return rows.length < cells.rows / 2 ? cells : pickValues(cells, rows);
};

/** Returns the dependent columns, in the order of the table. A column is named once. */
const dependencesOf = (columns: TableParts['fitted']['columns'], part: Part): readonly Dependence[] => {
  const count = Math.min(rowCount(part), Math.max(ROWS.most, ROWS.each * columns.length));
  const some = withoutMarks(columns, pickValues(part.cells, drawPermutation(key(0), rowCount(part)).slice(0, count)));
  const plain = standardColumns(columns, some);
  const found = [...linearDependences(plain, 'sum')];
  const rest = (all: readonly StandardColumn[]): readonly StandardColumn[] =>
    all.filter(({ name }) => !found.some((dependence) => dependence.name === name));
  found.push(...functionalDependences(rest(plain)));
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
  const { name, residual, rounding, noisy } = dependence;
  const exactness =
    residual <= EXACT
      ? 'exactly'
      : residual <= rounding
        ? 'up to the rounding of the cells'
        : `up to ${number(residual, 2)} of its standard deviation`;
  const nats = number(-Math.log(Math.max(residual, rounding)), 2);
  const gain = residual <= EXACT && !noisy ? 'has no upper bound' : `is about ${nats} nats higher`;
  return `The column "${name}" is ${relationWords(dependence)}, ${exactness}. Because of this relation, the log-density ${gain}. Leave the column out with the option leaveOut: ${name}.`;
};

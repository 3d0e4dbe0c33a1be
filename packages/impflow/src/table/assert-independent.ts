import { choleskyInPlace, FlowError, shown } from '@impflow/core';
import { coordinatesOfRecords, layoutOf } from '@impflow/tables';
import type { Part } from './part.ts';
import { specOf, type SpecSettings } from './spec.ts';
import type { TableParts } from './split.ts';

/**
 * Checks that no numeric target column is a linear combination of the other numeric target columns. The density of
 * linearly dependent columns would be infinite.
 *
 * @param train Training rows, with filled gaps.
 * @throws `input` if a column is a linear combination of others, or if there are not more training rows than columns.
 */
export const assertIndependent = (
  { fitted, source }: Pick<TableParts, 'fitted' | 'source'>,
  train: Part,
  settings: SpecSettings,
): void => {
  const spec = specOf(fitted, train, { ...settings, scaling: 'standard' }, false);
  const names = layoutOf(spec).numbers.map((j) => spec.columns[j]!.name);
  const d = names.length;
  const { values } = coordinatesOfRecords(spec, train.values);
  const rows = values.length / d;
  if (rows <= d)
    throw new FlowError('input', 'impflow/fit', `Too few rows in ${source}`, {
      expected: `more than ${d} training rows for ${d} columns`,
      got: shown(rows),
      hint: 'Give more rows, or choose fewer columns with the option columns.',
    });
  const dependent = choleskyInPlace(covarianceOf(values, d), d, 1e-12);
  if (dependent < 0) return;
  throw new FlowError(
    'input',
    'impflow/fit',
    `The column "${names[dependent]!}" of ${source} is a linear combination of the columns before it`,
    {
      expected: 'columns that are not linear combinations of each other',
      got: 'a linear combination',
      hint: `Leave it out with the option leaveOut: ${names[dependent]!}`,
    },
  );
};

/** Computes the covariance matrix `[d, d]` of rows `[rows, d]`. */
const covarianceOf = (values: Float64Array, d: number): Float64Array => {
  const rows = values.length / d;
  const mean = Array.from({ length: d }, (_, j) => {
    let sum = 0;
    for (let i = j; i < values.length; i += d) sum += values[i]!;
    return sum / rows;
  });
  const covariance = new Float64Array(d * d);
  for (let at = 0; at < values.length; at += d)
    for (let i = 0; i < d; i++)
      for (let j = 0; j <= i; j++)
        covariance[i * d + j]! += ((values[at + i]! - mean[i]!) * (values[at + j]! - mean[j]!)) / rows;
  return covariance;
};

import { choleskyInPlace, FlowError } from '@impflow/core';
import type { Table } from '@impflow/tables';

/**
 * Log-densities `[rows]` of `rows` under the full-covariance Gaussian fitted to `train`, in float64.
 *
 * @throws `input` for too few training rows, or if a column is a linear combination of others.
 */
export const gaussianLogProbs = (train: Table, rows: Table): Float64Array => {
  const d = train.columns.length;
  if (train.rows <= d)
    throw new FlowError('input', 'cli', `Too few rows in ${train.source}`, {
      expected: `more than ${d} training rows for ${d} columns`,
      got: String(train.rows),
      hint: 'Bring more rows, or choose fewer columns with --columns.',
    });
  const mean = Array.from({ length: d }, (_, j) => columnMean(train, j));
  const factor = new Float64Array(d * d);
  for (let i = 0; i < d; i++) {
    for (let j = 0; j <= i; j++) {
      for (let r = 0; r < train.rows; r++)
        factor[i * d + j]! +=
          ((train.values[r * d + i]! - mean[i]!) * (train.values[r * d + j]! - mean[j]!)) / train.rows;
    }
  }
  const dependent = choleskyInPlace(factor, d, 1e-12);
  if (dependent >= 0) {
    throw new FlowError(
      'input',
      'cli',
      `The column "${train.columns[dependent]!}" of ${train.source} follows from the columns before it`,
      {
        expected: 'columns that are no linear combinations of each other',
        got: 'one that is',
        hint: `Leave it out: --columns ${train.columns.filter((_, k) => k !== dependent).join(',')}`,
      },
    );
  }
  const constant = -0.5 * d * Math.log(2 * Math.PI) - mean.reduce((sum, _, i) => sum + Math.log(factor[i * d + i]!), 0);
  return Float64Array.from({ length: rows.rows }, (_, r) => {
    const y: number[] = [];
    let square = 0;
    for (let i = 0; i < d; i++) {
      let value = rows.values[r * d + i]! - mean[i]!;
      for (let j = 0; j < i; j++) value -= factor[i * d + j]! * y[j]!;
      y[i] = value / factor[i * d + i]!;
      square += y[i]! ** 2;
    }
    return constant - 0.5 * square;
  });
};

const columnMean = ({ values, rows, columns }: Table, j: number): number => {
  let sum = 0;
  for (let i = j; i < values.length; i += columns.length) sum += values[i]!;
  return sum / rows;
};

import { FlowError } from '@impflow/core';
import type { Table } from '@impflow/data';

/**
 * Log-densities of `rows` under the full-covariance Gaussian fitted to `train`, in float64: what a flow has to beat.
 *
 * @throws `input` where columns are linear combinations of each other.
 */
export const gaussianLogProbs = (train: Table, rows: Table): Float64Array => {
  const d = train.columns.length;
  if (train.rows <= d) throw new FlowError('input', 'cli', `Too few rows in ${train.source}`, { expected: `more than ${d} training rows for ${d} columns`, got: String(train.rows), hint: 'Bring more rows, or choose fewer columns with --columns.' });
  const mean = Array.from({ length: d }, (_, j) => columnMean(train, j));
  const covariance = Array.from({ length: d }, (_, i) => Array.from({ length: d }, (_, j) => {
    let sum = 0;
    for (let r = 0; r < train.rows; r++) sum += (train.values[r * d + i]! - mean[i]!) * (train.values[r * d + j]! - mean[j]!);
    return sum / train.rows;
  }));
  const factor = cholesky(covariance, train);
  const constant = -0.5 * d * Math.log(2 * Math.PI) - factor.reduce((sum, row, i) => sum + Math.log(row[i]!), 0);
  return Float64Array.from({ length: rows.rows }, (_, r) => {
    const y: number[] = [];
    let square = 0;
    for (let i = 0; i < d; i++) {
      let value = rows.values[r * d + i]! - mean[i]!;
      for (let j = 0; j < i; j++) value -= factor[i]![j]! * y[j]!;
      y[i] = value / factor[i]![i]!;
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

/** The lower triangle `L` with `L L^T = matrix`. */
const cholesky = (matrix: readonly (readonly number[])[], { columns, source }: Pick<Table, 'columns' | 'source'>): readonly (readonly number[])[] => {
  const factor = matrix.map((row) => row.map(() => 0));
  for (let i = 0; i < matrix.length; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i]![j]!;
      for (let k = 0; k < j; k++) sum -= factor[i]![k]! * factor[j]![k]!;
      if (i === j && !(sum > 1e-12 * matrix[i]![i]!)) {
        throw new FlowError('input', 'cli', `The column "${columns[i]!}" of ${source} follows from the columns before it`, {
          expected: 'columns that are no linear combinations of each other', got: 'one that is', hint: `Leave it out: --columns ${columns.filter((_, k) => k !== i).join(',')}`,
        });
      }
      factor[i]![j] = i === j ? Math.sqrt(sum) : sum / factor[j]![j]!;
    }
  }
  return factor;
};

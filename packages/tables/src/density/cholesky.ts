import { choleskyInPlace, FlowError } from '@impflow/core';

/** A symmetric positive definite matrix, given by its Cholesky factor `L [n, n]`, row-major. */
export interface Factored {
  readonly size: number;
  readonly factor: Float64Array;
  /** Logarithm of the determinant of the factor `L`. */
  readonly logDet: number;
}

/**
 * Computes the Cholesky factor of a symmetric matrix, of which only the lower triangle is read. If the matrix is not
 * positive definite, each diagonal entry is increased by a fraction of its size. The fraction is the smallest power of
 * ten, from 1e-12 on, that makes the matrix positive definite.
 */
export const factored = (matrix: Float64Array, size: number): Factored => {
  for (let ridge = 0; ridge < 1; ridge = ridge === 0 ? 1e-12 : 10 * ridge) {
    const factor = matrix.slice();
    for (let i = 0; i < size; i++) factor[i * size + i]! += ridge * Math.max(1e-300, Math.abs(matrix[i * size + i]!));
    if (choleskyInPlace(factor, size) < 0) {
      let logDet = 0;
      for (let i = 0; i < size; i++) logDet += Math.log(factor[i * size + i]!);
      return { size, factor, logDet };
    }
  }
  throw new FlowError('input', 'tables/factored', 'The covariance of an approximation is not positive definite', {
    expected: 'a positive definite matrix of finite numbers',
    got: 'another matrix',
    hint: 'Look for extreme values in the rows.',
  });
};

/** Solves the triangular system `L x = b`. */
export const solveLower = ({ size, factor }: Factored, b: Float64Array): Float64Array => {
  const x = b.slice();
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < i; j++) x[i]! -= factor[i * size + j]! * x[j]!;
    x[i]! /= factor[i * size + i]!;
  }
  return x;
};

/** Solves the triangular system `L^T x = b`. */
export const solveUpper = ({ size, factor }: Factored, b: Float64Array): Float64Array => {
  const x = b.slice();
  for (let i = size - 1; i >= 0; i--) {
    for (let j = i + 1; j < size; j++) x[i]! -= factor[j * size + i]! * x[j]!;
    x[i]! /= factor[i * size + i]!;
  }
  return x;
};

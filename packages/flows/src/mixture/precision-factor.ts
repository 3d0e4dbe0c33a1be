import { choleskyInPlace } from '@impflow/core';

/**
 * Writes the lower triangle `A` with `A^T A = S^-1` into `out`, from index `at` on: the inverse of the Cholesky factor
 * of the covariance `S` `[d, d]`. Reads the lower triangle of `S` and overwrites it. Returns false, and writes nothing
 * to `out`, if `S` is not positive definite in float64.
 *
 * @remarks `2 d^3 / 3` multiplications.
 */
export const writePrecisionFactor = (S: Float64Array, d: number, out: Float64Array, at = 0): boolean => {
  if (choleskyInPlace(S, d) >= 0) return false;
  out.fill(0, at, at + d * d);
  for (let j = 0; j < d; j++) {
    out[at + j * d + j] = 1 / S[j * d + j]!;
    for (let i = j + 1; i < d; i++) {
      let sum = 0;
      for (let k = j; k < i; k++) sum -= S[i * d + k]! * out[at + k * d + j]!;
      out[at + i * d + j] = sum / S[i * d + i]!;
    }
  }
  return true;
};

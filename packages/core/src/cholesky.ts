/**
 * Replaces the lower triangle of a covariance `S [d, d]`, row-major, by its Cholesky factor `L` with `L L^T = S`, in
 * float64 on the host. The upper triangle is neither read nor written.
 *
 * @returns -1, or the index of the first row that is a linear combination of the rows before it: its pivot is at most
 * `tolerance` times its diagonal element. The rows from that index on are then not factored.
 * @remarks Cost: `d^3 / 6` multiplications.
 */
export const choleskyInPlace = (S: Float64Array, d: number, tolerance = 1e-14): number => {
  for (let i = 0; i < d; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = S[i * d + j]!;
      for (let k = 0; k < j; k++) sum -= S[i * d + k]! * S[j * d + k]!;
      if (i === j && !(sum > tolerance * S[i * d + i]!)) return i;
      S[i * d + j] = i === j ? Math.sqrt(sum) : sum / S[j * d + j]!;
    }
  }
  return -1;
};

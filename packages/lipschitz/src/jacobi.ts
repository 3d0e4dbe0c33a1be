/**
 * Returns the largest singular value of a row-major matrix `[rows, columns]`, by one-sided Jacobi rotations in float64.
 * The method is slow, but accurate to the last digits for any spectrum.
 *
 * @see Golub and Van Loan, Matrix Computations, 4th ed., 8.6.3.
 */
export const largestSingularValue = (matrix: ArrayLike<number>, rows: number, columns: number): number => {
  // Rotate pairs of rows until all rows are orthogonal. If the matrix has fewer columns than rows, rotate columns
  // instead.
  const short = Math.min(rows, columns);
  const vectors = Array.from({ length: short }, (_, k) =>
    Float64Array.from({ length: Math.max(rows, columns) }, (_, i) =>
      rows <= columns ? matrix[k * columns + i]! : matrix[i * columns + k]!,
    ),
  );
  for (let sweep = 0, rotated = true; rotated && sweep < 60; sweep++) {
    rotated = false;
    for (let p = 0; p < short; p++)
      for (let q = p + 1; q < short; q++) rotated = orthogonalize(vectors[p]!, vectors[q]!) || rotated;
  }
  return Math.sqrt(Math.max(...vectors.map((x) => x.reduce((total, entry) => total + entry * entry, 0))));
};

/**
 * Rotates two vectors in their plane to make the vectors orthogonal. Returns false if the vectors are already
 * orthogonal.
 */
const orthogonalize = (a: Float64Array, b: Float64Array): boolean => {
  let aa = 0;
  let bb = 0;
  let ab = 0;
  for (let i = 0; i < a.length; i++) {
    aa += a[i]! * a[i]!;
    bb += b[i]! * b[i]!;
    ab += a[i]! * b[i]!;
  }
  if (!(Math.abs(ab) > 1e-14 * Math.sqrt(aa * bb))) return false;
  const zeta = (bb - aa) / (2 * ab);
  const t = (zeta >= 0 ? 1 : -1) / (Math.abs(zeta) + Math.sqrt(1 + zeta * zeta));
  const c = 1 / Math.sqrt(1 + t * t);
  const s = c * t;
  for (let i = 0; i < a.length; i++) {
    const x = a[i]!;
    a[i] = c * x - s * b[i]!;
    b[i] = s * x + c * b[i]!;
  }
  return true;
};

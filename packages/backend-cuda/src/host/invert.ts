/**
 * Replaces `a [d, d]` by its inverse, by Gauss-Jordan elimination without pivoting, and writes the `d` pivots. A
 * special case for `d = 2` would be only 15 % faster.
 */
export const invert = (a: Float64Array, pivots: Float64Array, d: number): void => {
  for (let j = 0, top = 0; j < d; j++, top += d) {
    const pivot = a[top + j]!,
      reciprocal = 1 / pivot;
    pivots[j] = pivot;
    // Column j becomes a unit column. Store column j of the inverse in its place.
    a[top + j] = 1;
    for (let k = 0; k < d; k++) a[top + k]! *= reciprocal;
    for (let line = 0; line < d * d; line += d) {
      if (line === top) continue;
      const factor = a[line + j]!;
      a[line + j] = 0;
      for (let k = 0; k < d; k++) a[line + k]! -= factor * a[top + k]!;
    }
  }
};

/** Returns the logarithm of the product of `d` pivots, or NaN if a pivot is not positive. */
export const logOfProduct = (pivots: Float64Array, d: number): number => {
  let log = 0,
    product = 1;
  for (let j = 0; j < d; j++) {
    const pivot = pivots[j]!;
    if (!(pivot > 0)) return Number.NaN;
    // Take one logarithm per product of pivots that stays within the range of float64.
    if (moderate(pivot)) product *= pivot;
    else log += Math.log(pivot);
    if (!moderate(product)) {
      log += Math.log(product);
      product = 1;
    }
  }
  return log + Math.log(product);
};

const moderate = (x: number): boolean => x > 1e-150 && x < 1e150;

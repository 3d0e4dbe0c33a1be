/** Returns the order `p*` of the dual norm: `1/p + 1/p* = 1`. */
export const dualOrder = (p: number): number => (p === 1 ? Infinity : p === Infinity ? 1 : p / (p - 1));

/**
 * Returns the p-norm `|x|_p` for `p` in `[1, inf]`. Scales `x` first, so that no power overflows. Returns NaN if an
 * entry is NaN.
 */
export const norm = (x: Float64Array, p: number): number => {
  const largest = x.reduce((most, entry) => (entry === entry ? Math.max(most, Math.abs(entry)) : NaN), 0);
  if (p === Infinity || !(largest > 0)) return largest;
  return largest * x.reduce((sum, entry) => sum + (Math.abs(entry) / largest) ** p, 0) ** (1 / p);
};

/**
 * Returns the gradient of the p-norm `|x|_p`: the vector `d` with `<d, x> = |x|_p` and dual norm 1. For `x = 0` the
 * gradient is zero. For `p = inf` only the entry of `d` at the first largest entry of `x` is not zero.
 */
export const dual = (x: Float64Array, p: number): Float64Array => {
  const size = norm(x, p);
  if (!(size > 0)) return new Float64Array(x.length);
  if (p === Infinity) {
    const at = x.findIndex((entry) => Math.abs(entry) === size);
    return x.map((entry, i) => (i === at ? Math.sign(entry) : 0));
  }
  return x.map((entry) => (entry === 0 ? 0 : Math.sign(entry) * (Math.abs(entry) / size) ** (p - 1)));
};

/** Returns the derivative `d log |x|_p / dp` with respect to the order. The derivative is never positive. */
export const orderSlope = (x: Float64Array, p: number): number => {
  const size = norm(x, p);
  let mean = 0;
  // `mean` is a weighted mean of log(|x_i| / |x|_p), with the weights |x_i|^p / |x|_p^p, which sum to one.
  for (const entry of x) if (entry !== 0) mean += (Math.abs(entry) / size) ** p * Math.log(Math.abs(entry) / size);
  return mean / p;
};

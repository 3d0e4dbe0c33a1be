/** Mean loss of a density on held-out rows. */
export interface HeldOut {
  /** Mean of `-log p`, in nats per row. Lower is better. */
  readonly nats: number;
  /** Standard error of `nats`. The error of a single row cannot be estimated, so `standardError` is then 0. */
  readonly standardError: number;
  /** Number of rows. */
  readonly rows: number;
}

/**
 * Computes the mean negative log-density and its standard error from log-densities. With weights, the mean is weighted,
 * and the standard error is the standard error of a ratio of sums (Cochran, Sampling Techniques, 1977, section 2.11).
 */
export const heldOut = (logDensities: ArrayLike<number>, weights?: ArrayLike<number>): HeldOut => {
  const rows = logDensities.length;
  const weightOf = (i: number): number => weights?.[i] ?? 1;
  let [sum, total] = [0, 0];
  for (let i = 0; i < rows; i++) {
    sum -= weightOf(i) * logDensities[i]!;
    total += weightOf(i);
  }
  const nats = sum / total;
  let squares = 0;
  for (let i = 0; i < rows; i++) squares += (weightOf(i) * (-logDensities[i]! - nats)) ** 2;
  return { nats, standardError: Math.sqrt((squares * (rows / Math.max(1, rows - 1))) / total ** 2), rows };
};

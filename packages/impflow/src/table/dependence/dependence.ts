/** A column that other columns determine. */
export interface Dependence {
  /** Name of the dependent column. */
  readonly name: string;
  /** Whether the column is a linear combination of the others, a product of powers of the others, or a function of one. */
  readonly kind: 'sum' | 'product' | 'function';
  /** Names of the columns that determine the column, in the order of the table. */
  readonly others: readonly string[];
  /** Part of the column that the others leave open, as a fraction of its standard deviation. */
  readonly residual: number;
  /** Error of rounding of the cells, as a fraction of the standard deviation. */
  readonly rounding: number;
  /** Whether training adds noise to the column or to one of the others. Without noise, an exact relation has no density. */
  readonly noisy: boolean;
}

/**
 * A relation that leaves less than this fraction of the standard deviation open is exact in float32, in which the
 * training computes.
 */
export const EXACT = 1e-6;
/**
 * A relation that leaves less than this fraction of the standard deviation open comes from a formula. Two measurements of
 * one quantity differ by more: their correlation is rarely above 0.9999995.
 */
export const NEAR = 1e-3;
/**
 * A relation that leaves open only the rounding of the cells also comes from a formula. The rounding must then be below
 * this fraction of the standard deviation, because coarse columns agree by chance.
 */
export const COARSE = 0.05;

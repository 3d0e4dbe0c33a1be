import { choleskyInPlace, FlowError, shown } from '@impflow/core';
import { inverseTriangle, type Rows } from './triangle.ts';

/** Options of {@link fitRegression}. */
export interface FitRegressionOptions {
  /** Number of columns `d` of the table `y` that the regression predicts. */
  readonly dim: number;
  /**
   * Ridge penalty of the squared coefficients. The penalty acts like `ridge` additional rows: a category of `k` rows
   * keeps about `k / (k + ridge)` of its effect. Default 1.
   */
  readonly ridge?: number;
  /** Weight of each row, not negative. Only the ratios of the weights matter. Default: equal weights. */
  readonly weights?: ArrayLike<number>;
}

/** The result of {@link fitRegression}: a linear regression, in the form of the options of {@link regression}. */
export interface RegressionFit {
  /** Coefficients `[d, m]`, row by row. */
  readonly weight: readonly (readonly number[])[];
  /** Intercepts `[d]`. */
  readonly bias: readonly number[];
  /** Cholesky factor `[d, d]` of the covariance of the residuals. */
  readonly factor: readonly (readonly number[])[];
}

/**
 * Number added to each diagonal entry of the normal matrix, as a fraction of the entry. The addition makes the
 * equations solvable even if context entries are collinear.
 */
const JITTER = 1e-9;
/** Smallest variance of a residual, as a fraction of the variance of its column. */
const LEAST = 1e-6;

/**
 * Fits `y = W c + b + noise` by weighted least squares with a ridge, in float64 on the host: `y` `[n, d]` and the
 * context `c` `[n, m]`, row-major. `m` is the length of `c` divided by the number of rows; an empty `c` gives the mean
 * and the covariance of `y`.
 *
 * @remarks The intercept has no penalty. The covariance of the residuals is the sum of products of the residuals,
 * divided by the remaining degrees of freedom. The covariance is shrunk towards its diagonal, as if `d + 1` more rows
 * had uncorrelated residuals. Therefore the covariance is positive definite even for few rows. A variance is at least
 * 1e-6 of the variance of its column. With weights, the effective number of rows is `(sum w)^2 / sum w^2`. Costs
 * `O(n k (k + d) + m^3)` for contexts with `k` entries that are not 0.
 * @throws `option` for a dimension, ridge or weights out of range; `shape` if the length of `y` is not a multiple of
 * `d`, or the length of `c` is not a multiple of the number of rows; `input` for numbers that are not finite, fewer
 * than two rows of positive weight, a constant column of `y`, or, without a ridge, context entries that are linearly
 * dependent.
 */
export const fitRegression = (
  y: ArrayLike<number>,
  c: ArrayLike<number>,
  { dim: d, ridge = 1, weights }: FitRegressionOptions,
): RegressionFit => {
  check(y, c, { dim: d, ridge, ...(weights === undefined ? {} : { weights }) });
  const n = y.length / d;
  const m = c.length / n;
  const w = effective(weights ?? new Float64Array(n).fill(1));
  const rows = w.reduce((sum, each) => sum + each, 0);
  if (!(rows > 1 + 1e-9)) throw input('Too few rows', 'at least 2 of positive weight', 'fewer');
  const data = { y, c, d, m, w };
  const solution = ridgeSolution(data, ridge);
  return { weight: solution.weight, bias: solution.bias, factor: factorOf(data, solution, rows) };
};

interface Data {
  readonly y: ArrayLike<number>;
  readonly c: ArrayLike<number>;
  readonly d: number;
  readonly m: number;
  readonly w: Float64Array;
}

interface Solution extends Pick<RegressionFit, 'weight' | 'bias'> {
  /** Degrees of freedom that the coefficients use. */
  readonly used: number;
  /** Weighted sum of squares of each column of `y` about its mean. */
  readonly square: Float64Array;
}

/** Solves the normal equations. */
const ridgeSolution = (data: Data, ridge: number): Solution => {
  const { y, c, d, m, w } = data;
  const [meanY, meanC] = [means(y, d, w), means(c, m, w)];
  const { normal, cross, square } = moments({ ...data, meanY, meanC });
  const constant = square.findIndex((sum, j) => !(sum > 1e-20 * Math.max(meanY[j]! ** 2, Number.MIN_VALUE)));
  if (constant >= 0)
    throw input(`Column ${constant} is constant`, 'different values', `${meanY[constant]!} in every row`);
  const penalties = Float64Array.from({ length: m }, (_, k) => ridge + JITTER * Math.max(0, normal[k * m + k]!));
  const inverse = inverseFactor(normal, penalties);
  const solved = (b: readonly number[]): readonly number[] => {
    const half = inverse.map((row) => row.reduce((sum, entry, k) => sum + entry * b[k]!, 0));
    return half.map((_, k) => inverse.reduce((sum, row, i) => sum + row[k]! * half[i]!, 0));
  };
  const weight = Array.from({ length: d }, (_, j) => solved(Array.from({ length: m }, (_, k) => cross[k * d + j]!)));
  return {
    weight,
    bias: Array.from(meanY, (mean, j) => weight[j]!.reduce((sum, slope, k) => sum - slope * meanC[k]!, mean)),
    // Effective degrees of freedom: the trace of the hat matrix, which is m minus one term for each penalty.
    used: penalties.reduce(
      (sum, penalty, k) => sum + 1 - penalty * inverse.reduce((part, row) => part + row[k]! ** 2, 0),
      0,
    ),
    square,
  };
};

/** Returns the Cholesky factor of the shrunken covariance of the residuals. */
const factorOf = (data: Data, { used, square, ...solution }: Solution, rows: number): Rows => {
  const { d } = data;
  const covariance = residuals({ ...data, ...solution });
  const freedom = Math.max(1, rows - 1 - used);
  const kept = rows / (rows + d + 1);
  for (let i = 0; i < d; i++) {
    for (let j = 0; j < i; j++) covariance[i * d + j]! *= kept / freedom;
    covariance[i * d + i] = Math.max(covariance[i * d + i]! / freedom, (LEAST * square[i]!) / rows);
  }
  const dependent = choleskyInPlace(covariance, d);
  if (dependent >= 0)
    throw input(`Column ${dependent} depends on the columns before it`, 'independent columns', 'a combination');
  return triangle(covariance, d);
};

/** Returns the rows of a lower triangle that is stored row-major. */
const triangle = (lower: Float64Array, size: number): Rows =>
  Array.from({ length: size }, (_, i) => Array.from({ length: size }, (_, j) => (j <= i ? lower[i * size + j]! : 0)));

/** Returns the weights, scaled so that the sum of the weights is the effective number of rows. */
const effective = (weights: ArrayLike<number>): Float64Array => {
  const w = Float64Array.from(weights);
  const [sum, squares] = w.reduce(([sum, squares], each) => [sum + each, squares + each ** 2], [0, 0]);
  return w.map((each) => (squares > 0 ? (each * sum) / squares : 0));
};

/** Returns the weighted mean of each column. */
const means = (rows: ArrayLike<number>, columns: number, w: Float64Array): Float64Array => {
  const mean = new Float64Array(columns);
  const total = w.reduce((sum, each) => sum + each, 0);
  for (let i = 0; i < rows.length; i++) mean[i % columns]! += (rows[i]! * w[Math.floor(i / columns)]!) / total;
  return mean;
};

/** Calls `visit` with the indices of the nonzero entries of each context. Most entries of a one-hot category are 0. */
const eachContext = (
  { c, m, w }: Pick<Data, 'c' | 'm' | 'w'>,
  visit: (row: number, entries: readonly number[]) => void,
): void => {
  const entries: number[] = [];
  for (let r = 0; r < w.length; r++) {
    entries.length = 0;
    for (let k = 0; k < m; k++) if (c[r * m + k] !== 0) entries.push(k);
    visit(r, entries);
  }
};

/**
 * Returns weighted sums of products about the means: products of the context with itself, as a lower triangle `[m, m]`;
 * products of the context and `y`, `[m, d]`; and squares of `y`, `[d]`.
 */
const moments = ({
  meanY,
  meanC,
  ...data
}: Data & { readonly meanY: Float64Array; readonly meanC: Float64Array }): {
  readonly normal: Float64Array;
  readonly cross: Float64Array;
  readonly square: Float64Array;
} => {
  const { y, c, d, m, w } = data;
  const [normal, cross, square] = [new Float64Array(m * m), new Float64Array(m * d), new Float64Array(d)];
  eachContext(data, (r, entries) => {
    for (let j = 0; j < d; j++) {
      const centered = w[r]! * (y[r * d + j]! - meanY[j]!);
      square[j]! += centered * (y[r * d + j]! - meanY[j]!);
      for (const k of entries) cross[k * d + j]! += centered * c[r * m + k]!;
    }
    for (let a = 0; a < entries.length; a++) {
      const k = entries[a]!;
      const weighted = w[r]! * c[r * m + k]!;
      for (let b = 0; b <= a; b++) normal[k * m + entries[b]!]! += weighted * c[r * m + entries[b]!]!;
    }
  });
  const rows = w.reduce((sum, each) => sum + each, 0);
  for (let k = 0; k < m; k++) for (let l = 0; l <= k; l++) normal[k * m + l]! -= rows * meanC[k]! * meanC[l]!;
  return { normal, cross, square };
};

/** Returns the inverse of the Cholesky factor of the normal matrix plus its penalties. */
const inverseFactor = (normal: Float64Array, penalties: Float64Array): Rows => {
  const m = penalties.length;
  const whole = normal.slice();
  penalties.forEach((penalty, k) => {
    whole[k * m + k]! += penalty;
  });
  const dependent = choleskyInPlace(whole, m);
  if (dependent >= 0)
    throw input(
      `Entry ${dependent} of the context depends on the entries before it`,
      'independent entries',
      'a combination',
    );
  return inverseTriangle(triangle(whole, m));
};

/** Returns the weighted sums of the products of residuals, as a lower triangle `[d, d]`. */
const residuals = ({ weight, bias, ...data }: Data & Pick<RegressionFit, 'weight' | 'bias'>): Float64Array => {
  const { y, c, d, m, w } = data;
  const sums = new Float64Array(d * d);
  const rest = new Float64Array(d);
  eachContext(data, (r, entries) => {
    for (let j = 0; j < d; j++) {
      rest[j] = y[r * d + j]! - bias[j]!;
      for (const k of entries) rest[j]! -= weight[j]![k]! * c[r * m + k]!;
    }
    for (let i = 0; i < d; i++) for (let j = 0; j <= i; j++) sums[i * d + j]! += w[r]! * rest[i]! * rest[j]!;
  });
  return sums;
};

const AT = 'flows/fitRegression';

const check = (y: ArrayLike<number>, c: ArrayLike<number>, { dim: d, ridge, weights }: FitRegressionOptions): void => {
  if (!Number.isInteger(d) || d < 1)
    throw new FlowError('option', AT, 'Wrong dimension', { expected: 'a positive integer', got: shown(d) });
  if (!(ridge! >= 0 && ridge! < Infinity))
    throw new FlowError('option', AT, 'Wrong ridge', { expected: 'a finite number of at least 0', got: shown(ridge) });
  const n = y.length / d;
  if (!Number.isInteger(n) || !Number.isInteger(n === 0 ? 0 : c.length / n))
    throw new FlowError('shape', AT, 'Incomplete rows', {
      expected: `a multiple of ${d} numbers in y, and one context for each row`,
      got: `${y.length} numbers in y and ${c.length} numbers in the contexts`,
    });
  if (n < 2) throw input('Too few rows', 'at least 2', String(n));
  if (weights !== undefined && (weights.length !== n || !all(weights, (w) => w >= 0 && w < Infinity)))
    throw new FlowError('option', AT, 'Wrong weights', {
      expected: `${n} finite numbers of at least 0`,
      got: weights.length === n ? 'a number that is negative, infinite or NaN' : String(weights.length),
    });
  if (!all(y, Number.isFinite) || !all(c, Number.isFinite))
    throw input('Wrong rows', 'finite numbers', 'NaN or infinite');
};

const all = (list: ArrayLike<number>, holds: (x: number) => boolean): boolean => {
  for (let i = 0; i < list.length; i++) if (!holds(list[i]!)) return false;
  return true;
};

const input = (what: string, expected: string, got: string): FlowError =>
  new FlowError('input', AT, what, { expected, got });

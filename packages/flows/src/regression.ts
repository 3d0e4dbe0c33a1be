import { defineBijector, FlowError, type Bijector } from '@impflow/core';
import { add, fill, matMul, sub, tensor1d, tensor2d, type Tensor } from '@tensorflow/tfjs-core';
import { assertCondition } from './condition.ts';
import { areFinite, areRows, inverseTriangle, isTriangle, logDetOf, transposed, type Rows } from './triangle.ts';

/** Options of {@link regression}: see {@link fitRegression}. */
export interface RegressionOptions {
  /** Coefficients `W` `[d, m]`, row by row. If `m = 0`, `W` consists of `d` empty rows. */
  readonly weight: readonly (readonly number[])[];
  /** Intercepts `b` `[d]`. */
  readonly bias: readonly number[];
  /** Rows of the Cholesky factor `L` `[d, d]` of the covariance of the residuals. */
  readonly factor: readonly (readonly number[])[];
  /**
   * Size `m` of the context `[B, m]`. Default: the number of columns of `weight`. A size that differs from the number
   * of columns of `weight` is an error.
   */
  readonly context?: number;
}

/**
 * The bijector `z = L^-1 (y - W c - b)`, `[B, d] -> [B, d]`, with constants fitted to the training rows. `z` is the
 * whitened residual of a linear regression on the context `c` `[B, m]`. The log-determinant is `log det L^-1`.
 * Gradients reach `y` and `c`.
 *
 * @throws `option` for constants that are not finite or whose sizes do not match, or a factor that is not a lower
 * triangle with a positive diagonal. The methods throw `option` for a missing condition and `shape` for a condition of
 * a wrong size.
 */
export const regression = ({ weight, bias, factor, context }: RegressionOptions): Bijector => {
  const m = context ?? sizeOfRow(weight);
  if (!isTriangle(factor))
    throw wrong('factor', 'a square lower triangle of finite numbers with a positive diagonal', sizeOf(factor));
  const dim = factor.length;
  if (!areFinite(bias) || bias.length !== dim) throw wrong('bias', `${dim} finite numbers`, sizeOf(bias));
  if (!areRows(weight) || weight.length !== dim || weight.some((row) => row.length !== m))
    throw wrong('weight', `${dim} rows of ${m} finite numbers`, `${sizeOf(weight)} of ${sizeOfRow(weight)}`);
  const total = logDetOf(factor);
  // Events are rows of a matrix, so they are multiplied by the transposes from the right.
  const [there, back, slopes] = [inverseTriangle(factor), factor, weight].map(transposedMatrix);
  const shift = Float32Array.from(bias);
  const mean = (y: Tensor, condition: Tensor | undefined): Tensor =>
    m === 0
      ? tensor1d(shift)
      : add(matMul(assertCondition('regression', condition, m, y.shape[0]!), slopes!()), tensor1d(shift));
  return defineBijector({
    name: 'regression',
    shape: [dim],
    forwardWithLogDet: (y, { condition }) => ({
      value: matMul(sub(y, mean(y, condition)), there!()),
      logDet: fill([y.shape[0]!], -total),
    }),
    inverseWithLogDet: (z, { condition }) => ({
      value: add(matMul(z, back!()), mean(z, condition)),
      logDet: fill([z.shape[0]!], total),
    }),
  });
};

/**
 * Returns a function that creates a tensor with the transposed matrix. Each call makes a new tensor, because a stored tensor
 * would belong to one backend.
 */
const transposedMatrix = (rows: Rows): (() => Tensor) => {
  const entries = transposed(rows);
  const numbers = Float32Array.from(entries.flat());
  return () => tensor2d(numbers, [entries.length, rows.length]);
};

const sizeOf = (list: unknown): string => (Array.isArray(list) ? `${list.length} entries` : typeof list);
const sizeOfRow = (rows: unknown): number => {
  const first: unknown = Array.isArray(rows) ? rows[0] : undefined;
  return Array.isArray(first) ? first.length : 0;
};

const wrong = (name: string, expected: string, got: string): FlowError =>
  new FlowError('option', 'flows/regression', `Wrong ${name}`, {
    expected,
    got,
    hint: 'Take the constants from fitRegression, with the context of the flow.',
  });

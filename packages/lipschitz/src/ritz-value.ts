import { adjoint, convolveOnHost, type ConvOperator } from './conv-operator.ts';
import { largestSingularValue } from './jacobi.ts';

/**
 * Approximates the largest singular value from below, by up to 100 steps of Lanczos' recurrence on `A^T A` that start
 * at `x`. The result exceeds the true value only by rounding errors. Returns 0 if `x` is zero or not finite.
 *
 * @remarks The recurrence runs without reorthogonalization. So the recurrence may find a Ritz value repeatedly, but no
 * wrong values.
 * @see Paige, Accuracy and Effectiveness of the Lanczos Algorithm for the Symmetric Eigenproblem, 1980.
 */
export const ritzValue = (a: ConvOperator, x: ArrayLike<number>): number => {
  const back = adjoint(a);
  const [diagonal, beside]: [number[], number[]] = [[], []];
  let before: Float64Array = new Float64Array(x.length);
  let at: Float64Array = Float64Array.from(x);
  let size = length(at);
  while (diagonal.length < Math.min(100, x.length) && size > 1e-12 * (diagonal[0] ?? 0) && size < Infinity) {
    if (diagonal.length > 0) beside.push(size);
    for (let i = 0; i < at.length; i++) at[i] = at[i]! / size;
    const next = convolveOnHost(back, convolveOnHost(a, at));
    const along = dot(next, at);
    const last = beside.at(-1) ?? 0;
    for (let i = 0; i < at.length; i++) next[i] = next[i]! - along * at[i]! - last * before[i]!;
    diagonal.push(along);
    [before, at, size] = [at, next, length(next)];
  }
  const steps = diagonal.length;
  const tridiagonal = new Float64Array(steps * steps);
  for (let k = 0; k < steps; k++) {
    tridiagonal[k * steps + k] = diagonal[k]!;
    if (k > 0) tridiagonal[k * steps + k - 1] = tridiagonal[(k - 1) * steps + k] = beside[k - 1]!;
  }
  return steps === 0 ? 0 : Math.sqrt(largestSingularValue(tridiagonal, steps, steps));
};

const dot = (a: Float64Array, b: Float64Array): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
};

const length = (x: Float64Array): number => Math.sqrt(dot(x, x));

import { scoped, sizeOf, type RefreshOptions } from '@impflow/core';
import { tensor, type Tensor } from '@tensorflow/tfjs-core';
import { combined, dot, largestEigenvector, orthonormalize, warmStart } from './krylov.ts';
import type { WeightAction } from './weight-action.ts';

/**
 * Finds unit vectors `[u, v]` of the largest singular value of a weight that acts on images. Runs Lanczos' method with
 * full reorthogonalization for `A^T A`, or for `A A^T` if the output is smaller. The search starts from
 * {@link warmStart} of the given vector. For a weight that is zero or not finite, returns the given vectors.
 *
 * @remarks {@link lanczos} stores basis vectors of inputs and of outputs; this method stores only basis vectors of the
 * smaller side. If hidden layers are wide, vectors of the larger side have about ten times as many entries. Squaring
 * the matrix costs no accuracy for the largest singular values. Each step is a convolution and its transpose in
 * float32, and one read-back. Everything else runs on the host in float64. The search stops at a residual
 * `|A^T A v - s^2 v| <= 2 tolerance s^2`, or after `iterations` steps.
 * @see Golub and Van Loan, Matrix Computations, 4th ed., 10.3.
 */
export const gramLanczos = (
  action: WeightAction,
  weight: Tensor,
  { u, v }: { readonly u: Tensor; readonly v: Tensor },
  { tolerance = 0, iterations = Infinity }: RefreshOptions,
): readonly [Tensor, Tensor] => {
  const narrow = sizeOf(action.inputs) <= sizeOf(action.outputs);
  const shape = narrow ? action.inputs : action.outputs;
  const there = (x: Tensor): Tensor => (narrow ? action.times(weight, x) : action.timesTransposed(weight, x));
  const back = (x: Tensor): Tensor => (narrow ? action.timesTransposed(weight, x) : action.times(weight, x));
  const device = (x: Float64Array): Tensor => tensor(new Float32Array(x), [...shape]);
  const gram = (x: Float64Array): Float64Array =>
    new Float64Array(scoped(() => back(there(device(x)))).dataSync<'float32'>());

  const basis: Float64Array[] = [];
  const diagonal: number[] = [];
  const off: number[] = [];
  const steps = Math.min(sizeOf(shape), iterations);
  let next = warmStart(new Float64Array((narrow ? v : u).dataSync<'float32'>()));
  let top: Float64Array | undefined;
  while (basis.length < steps) {
    basis.push(next);
    const image = gram(next);
    diagonal.push(dot(image, next));
    const residual = orthonormalize(image, basis);
    if (!(diagonal[0]! > SMALLEST && diagonal[0]! < Infinity)) return [u.clone(), v.clone()];
    top = largestEigenvector(diagonal, off);
    const value = diagonal.reduce(
      (sum, d, i) => sum + top![i]! * (d * top![i]! + 2 * (off[i - 1] ?? 0) * (top![i - 1] ?? 0)),
      0,
    );
    // Below 1e-7 the float32 products are not exact.
    if (residual * Math.abs(top.at(-1)!) <= Math.max(2 * tolerance, 1e-7) * value) break;
    off.push(residual);
    next = image;
  }
  const found = combined(top!, basis);
  return scoped(() => {
    const same = device(found);
    const other = new Float64Array(there(same).dataSync<'float32'>());
    orthonormalize(other, []);
    const otherTensor = tensor(new Float32Array(other), [...(narrow ? action.outputs : action.inputs)]);
    return narrow ? ([otherTensor, same] as const) : ([same, otherTensor] as const);
  });
};

const SMALLEST = 1e-30;

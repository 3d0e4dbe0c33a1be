import { identity, kept, release, scoped, type Linearization, type Solver, type TensorMap } from '@impflow/core';
import { neg, sub, type Tensor } from '@tensorflow/tfjs-core';
import { hasLinearize } from './jacobian.ts';

/** What a map stands for: `fixed-point` for `f(y) = y`, `root` for `F(y) = 0`, where `F(y) = y - f(y)`. */
export type Problem = Solver['problem'];

/** Converts `f` from a map of the problem `from` to one of the problem `to`, with a `linearize` where `f` has one. */
export const asProblem = (f: TensorMap, from: Problem, to: Problem): TensorMap => (from === to ? f : identityMinus(f));

/** Returns the map `y - f(y)`. It converts either problem to the other, because `y - (y - f(y)) = f(y)`. */
const identityMinus = (f: TensorMap): TensorMap => combination(f, (image, point) => sub(point, image));

/**
 * Returns the difference between `F` and the identity: the `g` with `F(y) = y + g(y)`, for a map `f` of the problem
 * `from`. Adjoint solvers need its linearization.
 */
export const offIdentity = (f: TensorMap, from: Problem): TensorMap =>
  combination(f, from === 'fixed-point' ? (image) => neg(image) : (image, point) => sub(image, point));

/**
 * Returns a linear combination of `f(y)` and `y`, with a `linearize` where `f` has one. Being linear, the same formula
 * holds for tangents, and for Jacobians with the identity in place of `y`.
 */
const combination = (f: TensorMap, combined: (image: Tensor, point: Tensor) => Tensor): TensorMap => {
  const map: TensorMap = (y) => combined(f(y), y);
  if (!hasLinearize(f)) return map;
  return Object.assign(map, {
    linearize: (y: Tensor): Linearization => {
      const inner = f.linearize(y);
      const value = kept(() => combined(inner.value, y));
      let matrix: Tensor | undefined;
      return {
        value,
        jvp: (tangents) => scoped(() => combined(inner.jvp(tangents), tangents)),
        vjp: (cotangents) => scoped(() => combined(inner.vjp(cotangents), cotangents)),
        jacobian: () => (matrix ??= kept(() => combined(inner.jacobian(), identity(inner.jacobian().shape[1]!)))),
        dispose: () => {
          release([value, matrix]);
          inner.dispose();
        },
      };
    },
  });
};

import {
  identity,
  kept,
  release,
  scoped,
  type DifferentiableMap,
  type Linearization,
  type Solver,
  type TensorMap,
} from '@impflow/core';
import { neg, sub, type Tensor } from '@tensorflow/tfjs-core';

/** The form of a problem: `f(y) = y` or `F(y) = 0`, where `F(y) = y - f(y)`. */
export type Form = Solver['problem'];

/** Returns whether a map has a `linearize`. */
export const isDifferentiable = (f: TensorMap): f is DifferentiableMap =>
  'linearize' in f && typeof f.linearize === 'function';

/**
 * Returns the map `y - f(y)`, with a `linearize` where `f` has one. It converts either form to the other, because
 * `y - (y - f(y)) = f(y)`.
 */
export const otherForm = (f: TensorMap): TensorMap => combination(f, (x, y) => sub(y, x));

/** Converts `f` from the form `from` to the form `to`. */
export const inForm = (f: TensorMap, from: Form, to: Form): TensorMap => (from === to ? f : otherForm(f));

/** Returns the `g` with `F(y) = y + g(y)`, for `f` in the form `from`. Adjoint solvers need its linearization. */
export const residualPart = (f: TensorMap, from: Form): TensorMap =>
  combination(f, from === 'fixed-point' ? (x) => neg(x) : (x, y) => sub(x, y));

/** Returns a linear combination of `f(y)` and `y`, with a `linearize` where `f` has one. */
const combination = (f: TensorMap, combined: (x: Tensor, y: Tensor) => Tensor): TensorMap => {
  const map: TensorMap = (y) => combined(f(y), y);
  if (!isDifferentiable(f)) return map;
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

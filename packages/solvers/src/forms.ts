import { neg, sub, type Tensor } from '@tensorflow/tfjs-core';
import { identity, kept, release, scoped, type DifferentiableMap, type Linearization, type Solver, type TensorMap } from '@impflow/core';

/** The two ways to write one problem: `f(y) = y` and `F(y) = 0`, tied by `F(y) = y - f(y)`. */
export type Form = Solver['problem'];

/** Whether a map brings a `linearize` of its own. */
export const isDifferentiable = (f: TensorMap): f is DifferentiableMap => 'linearize' in f && typeof f.linearize === 'function';

/** `f` in the other form, its linearization included. The tie is its own inverse, so one function serves both ways. */
export const otherForm = (f: TensorMap): TensorMap => combination(f, (x, y) => sub(y, x));

/** `f`, given in the form `from`, in the form `to`. */
export const inForm = (f: TensorMap, from: Form, to: Form): TensorMap => from === to ? f : otherForm(f);

/** The `g` with `F(y) = y + g(y)`, for `f` given in the form `from`: what the adjoint solvers read. */
export const residualPart = (f: TensorMap, from: Form): TensorMap => combination(f, from === 'fixed-point' ? (x) => neg(x) : (x, y) => sub(x, y));

/** A linear combination of `f(y)` and `y`, and its derivative where `f` knows one. */
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
        jacobian: () => matrix ??= kept(() => combined(inner.jacobian(), identity(inner.jacobian().shape[1]!))),
        dispose: () => {
          release([value, matrix]);
          inner.dispose();
        },
      };
    },
  });
};

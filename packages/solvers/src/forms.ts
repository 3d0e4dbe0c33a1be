import { sub, type Tensor } from '@tensorflow/tfjs-core';
import { identity, scoped, type DifferentiableMap, type Linearization, type LinearizeOptions, type SampleMap, type Solver, type TensorMap } from '@impflow/core';

/** The two ways to write one problem: `f(y) = y` and `F(y) = 0`, tied by `F(y) = y - f(y)`. */
export type Form = Solver['problem'];

/** Whether a map brings a `linearize` of its own. */
export const isDifferentiable = (f: TensorMap): f is DifferentiableMap => 'linearize' in f && typeof f.linearize === 'function';

/** `f` in the other form, its linearization included. The tie is its own inverse, so one function serves both ways. */
export const otherForm = (f: TensorMap): TensorMap => {
  const other: TensorMap = (y) => sub(y, f(y));
  return isDifferentiable(f) ? Object.assign(other, { linearize: (y: Tensor, options?: LinearizeOptions) => identityMinus(f.linearize(y, options), y) }) : other;
};

/** Whether a map can be evaluated for some samples alone. */
export const takesSamples = (f: TensorMap): f is SampleMap => 'among' in f && typeof f.among === 'function';

/** `f`, given in the form `from`, in the form `to`. */
export const inForm = (f: TensorMap, from: Form, to: Form): TensorMap => from === to ? f : otherForm(f);

/** A linearization that was made from the one of the other form. */
export interface TiedLinearization extends Linearization {
  readonly tied: Linearization;
}

/** The linearization of `y - f(y)` from the one of `f` at `y`, which it takes over: disposing it disposes both. */
export const identityMinus = (linearization: Linearization, y: Tensor): TiedLinearization => {
  const value = sub(y, linearization.value);
  const jacobian = linearization.jacobian === undefined ? undefined : scoped(() => sub(identity(linearization.jacobian!.shape[1]!), linearization.jacobian!));
  return {
    value, tied: linearization,
    ...(jacobian === undefined ? {} : { jacobian }),
    jvp: (tangents) => sub(tangents, linearization.jvp(tangents)),
    vjp: (cotangents) => sub(cotangents, linearization.vjp(cotangents)),
    dispose: () => {
      value.dispose();
      jacobian?.dispose();
      linearization.dispose();
    },
  };
};

/** `u -> J_f^T u` from the linearization of `y - f(y)`: without taking the identity away that was put there. */
export const pullbackOf = (residual: Linearization): Linearization['vjp'] => {
  const { tied } = residual as Partial<TiedLinearization>;
  return tied === undefined ? (u) => sub(u, residual.vjp(u)) : (u) => tied.vjp(u);
};

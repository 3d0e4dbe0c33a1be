import { advance, FlowError, type NamedTensors, type NamedVariables } from '@impflow/core';
import { scalar, zerosLike, type Scalar, type Tensor } from '@tensorflow/tfjs-core';

export interface OptimizerState {
  /** Updates done. */
  readonly step: number;
  /** Under `slot.parameter`, for example `m.layers.0.weight`. */
  readonly slots: NamedTensors;
}

/** A first-order method. All that it remembers is in its state, plain tensors under stable names. */
export interface Optimizer {
  readonly name: string;
  init(parameters: NamedVariables): OptimizerState;
  /**
   * One descent step along `gradients`: writes the parameters, takes `state` over (its superseded tensors are disposed) and
   * returns the next. Parameters without a gradient stay as they are.
   */
  update(gradients: NamedTensors, state: OptimizerState, parameters: NamedVariables, learningRate: number): OptimizerState;
}

/** What an author of an optimiser writes: its rule for one parameter. */
export interface OptimizerSpec<Constants extends string> {
  readonly name: string;
  /** Names of the tensors remembered per parameter, each of its shape and zero at the start. */
  readonly slots: readonly string[];
  /** Numbers of update `t = 1, 2, ...`, computed once for all parameters, in float64. */
  constants(t: number, learningRate: number): Readonly<Record<Constants, number>>;
  /** Runs in a scope. `slots` come and go in the order of their names; `numbers` are the constants for a fused kernel's attributes. */
  rule(
    parameter: Tensor, gradient: Tensor, slots: readonly Tensor[],
    constants: Readonly<Record<Constants, Scalar>>, numbers: Readonly<Record<Constants, number>>,
  ): { readonly value: Tensor; readonly slots: readonly Tensor[] };
}

/** Turns a rule for one parameter into an {@link Optimizer}. */
export const defineOptimizer = <Constants extends string>({ name, slots, constants, rule }: OptimizerSpec<Constants>): Optimizer => Object.freeze<Optimizer>({
  name,
  init: (parameters) => ({
    step: 0,
    slots: Object.fromEntries(Object.entries(parameters).flatMap(([path, variable]) => slots.map((slot) => [`${slot}.${path}`, zerosLike(variable)]))),
  }),
  update: (gradients, state, parameters, learningRate) => advance(state, (last) => {
    const t = last.step + 1;
    const numbers = constants(t, learningRate);
    const scalars = Object.fromEntries(Object.entries<number>(numbers).map(([key, value]) => [key, scalar(value)])) as Record<Constants, Scalar>;
    const next: Record<string, Tensor> = { ...last.slots };
    for (const [path, gradient] of Object.entries(gradients)) {
      const names = slots.map((slot) => `${slot}.${path}`);
      const lacking = names.find((key) => next[key] === undefined);
      if (lacking !== undefined) {
        throw new FlowError('checkpoint', `training/${name}`, `The optimiser state lacks "${lacking}"`, { hint: 'Go on with the optimiser that the run began with.' });
      }
      const updated = rule(parameters[path]!, gradient, names.map((key) => next[key]!), scalars, numbers);
      parameters[path]!.assign(updated.value as never);
      names.forEach((key, i) => { next[key] = updated.slots[i]!; });
    }
    return { step: t, slots: next };
  }),
});

/** @throws `option` unless `value` lies in `[0, 1)`. */
export const assertDecay = (at: string, option: string, value: number): void => {
  if (!(value >= 0 && value < 1)) throw new FlowError('option', at, `Wrong ${option}`, { expected: 'a number in [0, 1)', got: String(value) });
};

/** @throws `option` unless `value` is finite and at least 0. */
export const assertNonNegative = (at: string, option: string, value: number): void => {
  if (!(value >= 0 && Number.isFinite(value))) throw new FlowError('option', at, `Wrong ${option}`, { expected: 'a finite number >= 0', got: String(value) });
};

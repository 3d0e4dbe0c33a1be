import { advance, FlowError, shown, type NamedTensors, type NamedVariables } from '@impflow/core';
import { scalar, zerosLike, type Scalar, type Tensor } from '@tensorflow/tfjs-core';

/** State of an optimizer: all data that the optimizer keeps between updates. */
export interface OptimizerState {
  /** Number of updates so far. */
  readonly step: number;
  /** Tensors named `slot.parameter`, for example `m.layers.0.weight`. Each tensor has the shape of its parameter. */
  readonly slots: NamedTensors;
}

/** A first-order optimizer. All its data are in the {@link OptimizerState}. */
export interface Optimizer {
  /** Name of the method, used in messages. */
  readonly name: string;
  /** Returns the state before the first update, in which all slots are zero. The caller owns the state. */
  init(parameters: NamedVariables): OptimizerState;
  /**
   * Makes one descent step: changes the parameters and returns the next state. Takes ownership of `state` and disposes
   * its replaced tensors. A parameter without an entry in the gradients does not change.
   *
   * @throws `checkpoint` if `state` lacks a slot of a parameter.
   */
  update(
    gradients: NamedTensors,
    state: OptimizerState,
    parameters: NamedVariables,
    learningRate: number,
  ): OptimizerState;
}

/** Definition of an optimizer by the update rule for one parameter: see {@link defineOptimizer}. */
export interface OptimizerSpec<Constants extends string> {
  /** Name of the method, used in messages. */
  readonly name: string;
  /**
   * Names of the tensors that the optimizer keeps for each parameter. A slot has the shape of its parameter and starts
   * as zero.
   */
  readonly slots: readonly string[];
  /**
   * Returns the numbers that the rule reads in update `t = 1, 2, ...`. The numbers are computed in float64, once per
   * update for all parameters.
   */
  constants(t: number, learningRate: number): Readonly<Record<Constants, number>>;
  /**
   * Returns the new parameter and its new slots. `rule` runs in a scope. `constants` contains the numbers of the method
   * `constants` as scalar tensors.
   */
  rule(before: RuleInput, constants: Readonly<Record<Constants, Scalar>>): RuleResult;
  /**
   * Applies the rule to all parameters in one kernel. Returns undefined if the running backend has no kernel for this
   * update. In this case `rule` is called for each parameter.
   */
  fused?(
    parameters: readonly RuleInput[],
    numbers: Readonly<Record<Constants, number>>,
  ): readonly RuleResult[] | undefined;
}

/** A parameter before an update. All tensors have the shape of the parameter. */
export interface RuleInput {
  /** Value of the parameter. */
  readonly parameter: Tensor;
  /** Gradient of the loss with respect to the parameter. */
  readonly gradient: Tensor;
  /** The slots of the parameter, in the order of `slots` in {@link OptimizerSpec}. */
  readonly slots: readonly Tensor[];
}

/** A parameter after an update. */
export interface RuleResult {
  /** New value. */
  readonly value: Tensor;
  /** New slots, in the order of `slots` in {@link OptimizerSpec}. */
  readonly slots: readonly Tensor[];
}

/** Creates an {@link Optimizer} from an update rule for one parameter. */
export const defineOptimizer = <Constants extends string>({
  name,
  slots,
  constants,
  rule,
  fused,
}: OptimizerSpec<Constants>): Optimizer =>
  Object.freeze<Optimizer>({
    name,
    init: (parameters) => ({
      step: 0,
      slots: Object.fromEntries(
        Object.entries(parameters).flatMap(([path, variable]) =>
          slots.map((slot) => [`${slot}.${path}`, zerosLike(variable)]),
        ),
      ),
    }),
    update: (gradients, state, parameters, learningRate) =>
      advance(state, (last) => {
        const t = last.step + 1;
        const numbers = constants(t, learningRate);
        const next: Record<string, Tensor> = { ...last.slots };
        const namesOf = (path: string): readonly string[] => slots.map((slot) => `${slot}.${path}`);
        const before = Object.entries(gradients).map(([path, gradient]): RuleInput => {
          const names = namesOf(path);
          const lacking = names.find((key) => next[key] === undefined);
          if (lacking !== undefined) {
            throw new FlowError('checkpoint', `training/${name}`, `The optimizer state lacks "${lacking}"`, {
              hint: 'Resume with the optimizer of the earlier run.',
            });
          }
          return { parameter: parameters[path]!, gradient, slots: names.map((key) => next[key]!) };
        });
        const byRule = (): readonly RuleResult[] => {
          const scalars = Object.fromEntries(
            Object.entries<number>(numbers).map(([key, value]) => [key, scalar(value)]),
          ) as Record<Constants, Scalar>;
          return before.map((each) => rule(each, scalars));
        };
        const after = fused?.(before, numbers) ?? byRule();
        Object.keys(gradients).forEach((path, i) => {
          parameters[path]!.assign(after[i]!.value as never);
          namesOf(path).forEach((key, k) => {
            next[key] = after[i]!.slots[k]!;
          });
        });
        return { step: t, slots: next };
      }),
  });

/** @throws `option` if `value` is not in `[0, 1)`. */
export const assertDecay = (at: string, option: string, value: number): void => {
  if (!(value >= 0 && value < 1))
    throw new FlowError('option', at, `Wrong ${option}`, { expected: 'a number in [0, 1)', got: shown(value) });
};

/** @throws `option` if `value` is negative or not finite. */
export const assertNonNegative = (at: string, option: string, value: number): void => {
  if (!(value >= 0 && Number.isFinite(value)))
    throw new FlowError('option', at, `Wrong ${option}`, { expected: 'a finite number >= 0', got: shown(value) });
};

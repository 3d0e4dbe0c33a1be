import { kernel, type NamedTensors } from '@impflow/core';
import { add, div, mul, sqrt, square, sub, type Tensor } from '@tensorflow/tfjs-core';
import {
  assertDecay,
  assertNonNegative,
  defineOptimizer,
  type Optimizer,
  type RuleInput,
  type RuleResult,
} from './optimizer.ts';

/** Options of {@link adam} and `adamax`. */
export interface AdamOptions {
  /** Decay of the moving average of the gradients, `[0, 1)`. Default 0.9. */
  readonly beta1?: number;
  /** Decay of the moving average of the squared gradients, `[0, 1)`. Default 0.999. */
  readonly beta2?: number;
  /** Number that is added to the denominator of the step, at least 0. Default 1e-8. */
  readonly epsilon?: number;
}

/** Options of {@link adamW}. */
export interface AdamWOptions extends AdamOptions {
  /** Factor `lambda` of the decoupled weight decay, at least 0. Default 0.01. */
  readonly weightDecay?: number;
  /**
   * Whether parameters of fewer than two axes decay, such as biases and the scales of act-norms. Default true. With
   * false only matrices and filters decay.
   */
  readonly decaysVectors?: boolean;
}

/**
 * Makes one step of Adam for all parameters, in one kernel. For each parameter `theta0`, `theta1`, ... with
 * `gradient0`, `m0`, `v0`, ..., the kernel computes `m' = beta1 m + (1 - beta1) g`, `v' = beta2 v + (1 - beta2) g^2`,
 * `theta' = decay theta - rate m' / (sqrt(v') + epsilon)`. Returns `[theta0', m0', v0', theta1', ...]`. Each tensor has
 * the shape of its `theta`.
 */
const step = kernel<NamedTensors, Readonly<Record<'beta1' | 'beta2' | 'rate' | 'epsilon' | 'decay', number>>>(
  'ImpflowAdam',
);

/**
 * `m = b1 m + (1 - b1) g`, `v = b2 v + (1 - b2) g^2`, `theta -= lr m^ / (sqrt(v^) + epsilon)` with
 * `m^ = m / (1 - b1^t)`, `v^ = v / (1 - b2^t)`.
 *
 * @remarks The bias corrections of `m` and `v` are applied to the step size and to epsilon. This gives the result of
 * the formula with two tensors fewer.
 * @throws `option` for a `beta` outside `[0, 1)` or a negative `epsilon`.
 * @see Kingma, Ba, Adam: A Method for Stochastic Optimization, ICLR 2015 (arXiv:1412.6980), algorithm 1 and section 2.
 */
export const adam = (options: AdamOptions = {}): Optimizer =>
  decayed('adam', options, { weightDecay: 0, decaysVectors: true });

/**
 * {@link adam} with decoupled weight decay, `theta -= lr lambda theta`: the decay does not change the moments.
 *
 * @throws `option` for the options that {@link adam} refuses, and for a negative `weightDecay`.
 * @see Loshchilov, Hutter, Decoupled Weight Decay Regularization, ICLR 2019 (arXiv:1711.05101), algorithm 2. The decay
 * is multiplied by `lr`, as is usual in implementations. The paper multiplies the decay by the schedule factor `eta`
 * instead.
 */
export const adamW = ({ weightDecay = 0.01, decaysVectors = true, ...options }: AdamWOptions = {}): Optimizer =>
  decayed('adamW', options, { weightDecay, decaysVectors });

const decayed = (
  name: string,
  { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 }: AdamOptions,
  { weightDecay, decaysVectors }: Required<Pick<AdamWOptions, 'weightDecay' | 'decaysVectors'>>,
): Optimizer => {
  assertDecay(`training/${name}`, 'beta1', beta1);
  assertDecay(`training/${name}`, 'beta2', beta2);
  assertNonNegative(`training/${name}`, 'epsilon', epsilon);
  assertNonNegative(`training/${name}`, 'weightDecay', weightDecay);
  const isDecayed = ({ parameter }: RuleInput): boolean =>
    weightDecay > 0 && (decaysVectors || parameter.shape.length > 1);
  return defineOptimizer({
    name,
    slots: ['m', 'v'],
    constants: (t, learningRate) => {
      const correction = Math.sqrt(1 - beta2 ** t);
      return {
        gain1: 1 - beta1,
        gain2: 1 - beta2,
        epsilon: epsilon * correction,
        stepSize: (learningRate * correction) / (1 - beta1 ** t),
        keep: 1 - learningRate * weightDecay,
      };
    },
    rule: (input, { gain1, gain2, epsilon, stepSize, keep }) => {
      const {
        parameter,
        gradient,
        slots: [m0, v0],
      } = input;
      const m = add(m0!, mul(gain1, sub(gradient, m0!)));
      const v = add(v0!, mul(gain2, sub(square(gradient), v0!)));
      const kept = isDecayed(input) ? mul(parameter, keep) : parameter;
      return { value: sub(kept, mul(stepSize, div(m, add(sqrt(v), epsilon)))), slots: [m, v] };
    },
    fused: (parameters, { stepSize: rate, epsilon, keep }) => {
      if (!step.available()) return undefined;
      const results = new Map<RuleInput, RuleResult>();
      // The kernel has one decay for all its parameters, so it runs once with and once without decay.
      for (const decays of [true, false]) {
        const group = parameters.filter((parameter) => isDecayed(parameter) === decays);
        if (group.length === 0) continue;
        const updated = stepOf(group, { beta1, beta2, rate, epsilon, decay: decays ? keep : 1 });
        // The kernel has no gradient, so it is not run while tfjs records operations for differentiation.
        if (updated === undefined) return undefined;
        group.forEach((parameter, i) => results.set(parameter, updated[i]!));
      }
      return parameters.map((parameter) => results.get(parameter)!);
    },
  });
};

/** Runs the kernel for some parameters. Returns undefined if the kernel cannot run. */
const stepOf = (
  parameters: readonly RuleInput[],
  numbers: Parameters<typeof step.run>[1],
): readonly RuleResult[] | undefined => {
  const inputs = Object.fromEntries(
    parameters.flatMap(({ parameter, gradient, slots: [m, v] }, i) => [
      [`theta${i}`, parameter],
      [`gradient${i}`, gradient],
      [`m${i}`, m!],
      [`v${i}`, v!],
    ]),
  );
  const updated = step.run(inputs, numbers, (): readonly Tensor[] => []);
  if (updated.length === 0) return undefined;
  return parameters.map((_, i) => ({ value: updated[3 * i]!, slots: updated.slice(3 * i + 1, 3 * i + 3) }));
};

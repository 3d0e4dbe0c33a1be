import {
  FlowError,
  fold,
  drawNormal,
  scoped,
  shown,
  type Contraction,
  type Key,
  type NamedVariables,
} from '@impflow/core';
import { mul, variable, zeros, type Tensor, type Variable } from '@tensorflow/tfjs-core';
import { affineLayer } from './affine-layer.ts';
import { checkedActivation } from './checked-activation.ts';
import { withContext, type ContextOptions } from './conditional.ts';
import type { Layer } from './layer.ts';
import { layeredNet, type LayeredNet } from './layered-net.ts';
import type { MlpOptions } from './mlp.ts';
import { perValue } from './per-value.ts';
import { sandwichGradients, sandwichWeights, type SandwichPart } from './sandwich-weights.ts';
import { snake } from './sine.ts';

/** Options of {@link sandwich}. */
export interface SandwichOptions extends Omit<MlpOptions, 'activation' | 'coeff'> {
  /**
   * Makes the activation between two layers. The activation must be elementwise with slopes in `[0, 1]`. Default
   * {@link snake}.
   */
  readonly activation?: () => Layer;
  /** The Lipschitz bound `c` of the whole net, in `(0, 1)`. Default 0.97. */
  readonly coeff?: number;
  /** Size `m` of a condition, as in {@link conditionalMlp}. Default 0: the net has no condition. */
  readonly context?: ContextOptions['context'];
}

/**
 * A net of sandwich layers, `[B, d] -> [B, d]`, whose Lipschitz constant is at most `c`:
 * `h_k = sqrt(2) A_k^T Psi_k s(sqrt(2) Psi_k^-1 B_k h_(k-1) + b_k)`, and `g(x) = c B h + b` at the end. Each
 * `[A_k B_k]` has orthonormal rows, by a Cayley transform of free parameters. `Psi_k` is diagonal and positive.
 *
 * @remarks If each layer has a cap, the bound of a net is the product of the caps, which the slopes of the net hardly
 * ever reach. The bound of a sandwich net is as tight as any known bound for slopes in `[0, 1]`: every net whose
 * Lipschitz constant `c` is proven by a semidefinite program with diagonal multipliers has this form. So a sandwich net
 * can express more contractions with the same number of parameters.
 *
 * Since `B_(k+1)` and `A_k^T` merge to one weight, the net is an ordinary dense net in explicit weights, and the
 * kernels for dense nets run it. No search for a norm is needed. Instead, each new value of the parameters costs one
 * inverse of an `n x n` matrix per layer of `n` units, and each gradient costs some products of this size.
 * @throws `option` for a coefficient outside `(0, 1)`, or an activation whose slopes are not all in `[0, 1]`.
 * @see Wang, Manchester, Direct Parameterization of Lipschitz-Bounded Deep Networks, 2023 (arXiv:2301.11526), theorem
 * 3.2; for the semidefinite program: Fazlyab, Robey, Hassani, Morari, Pappas, Efficient and Accurate Estimation of
 * Lipschitz Constants for Deep Neural Networks, 2019 (arXiv:1906.04893).
 */
export const sandwich = ({
  dim,
  hidden = [64, 64],
  activation = snake,
  coeff = 0.97,
  key,
  context = 0,
}: SandwichOptions): Contraction => {
  if (!(coeff > 0 && coeff < 1))
    throw new FlowError('option', 'lipschitz/sandwich', 'Wrong Lipschitz coefficient', {
      expected: 'a number in (0, 1)',
      got: shown(coeff),
    });
  const net = sandwichNet({ dim, hidden, activation, coeff, key });
  return context > 0 ? withContext(net, { dim, context, key: fold(key, hidden.length + 1) }) : layeredNet([dim], net);
};

const sandwichNet = ({
  dim,
  hidden,
  activation,
  coeff,
  key,
}: Required<Omit<SandwichOptions, 'context'>>): LayeredNet => {
  const widths = [dim, ...hidden, dim];
  const parts = widths.slice(1).map((outputs, i) => freshPart(widths[i]!, outputs, i === hidden.length, fold(key, i)));
  const biases = parts.map(({ skew }) => scoped(() => variable(zeros([skew.shape[0]!]))));
  const explicit = perValue(
    parts.flatMap(({ weight, skew, scale }) => [weight, skew, ...(scale === undefined ? [] : [scale])]),
    () => sandwichWeights(parts, coeff),
  );
  const layers = parts.flatMap((_, i): readonly Layer[] => {
    const inputs = widths[i]!,
      outputs = widths[i + 1]!,
      bias = biases[i]!;
    // The bound of the net is not a product over layers, so no single layer has a bound.
    const layer: Layer = {
      name: 'sandwich',
      lipschitz: NaN,
      parameters: {},
      buffers: {},
      ...affineLayer({ inputs, outputs, weight: () => explicit().weights[i]!, bias }),
    };
    return i === hidden.length ? [layer] : [layer, monotone(checkedActivation(activation()))];
  });
  // Activations may have parameters. Explicit weights are in the order of the layers.
  const parameters: Record<string, Variable> = {};
  layers.forEach((layer, i) => {
    const own = i % 2 === 1 ? (layer.parameters as NamedVariables) : { ...parts[i >> 1]!, bias: biases[i >> 1]! };
    for (const [name, value] of Object.entries(own)) parameters[`layers.${i}.${name}`] = value;
  });
  return {
    layers,
    lipschitz: coeff,
    parameters,
    buffers: {},
    refresh: () => {},
    trained: (weights) => {
      let next = 0;
      const direct = layers.map((layer) =>
        weights.slice(next, (next += layer.weightCount ?? Object.keys(layer.parameters).length)),
      );
      const gradients = sandwichGradients(
        parts,
        explicit(),
        direct.flatMap((own, i) => (i % 2 === 0 ? [own[0]!] : [])),
        coeff,
      );
      return direct.flatMap((own, i) => (i % 2 === 1 ? own : [...gradients[i >> 1]!, own[1]!]));
    },
  };
};

/** Makes new parameters of a layer. The last layer starts as zero, so that a block starts as the identity. */
const freshPart = (inputs: number, outputs: number, last: boolean, key: Key): SandwichPart => {
  const own = (init: () => Tensor): Variable => scoped(() => variable(init()));
  const drawn = (purpose: number, shape: readonly [number, number]): Variable =>
    own(() => mul(drawNormal(fold(key, purpose), shape), 0.5 / Math.sqrt(shape[1])));
  return {
    weight: last ? own(() => zeros([outputs, inputs])) : drawn(0, [outputs, inputs]),
    skew: drawn(1, [outputs, outputs]),
    ...(last ? {} : { scale: own(() => zeros([outputs])) }),
  };
};

const monotone = (layer: Layer): Layer => {
  if (layer.monotone === true) return layer;
  throw new FlowError('option', 'lipschitz/sandwich', `The activation ${layer.name} does not fit a sandwich net`, {
    expected: 'slopes in [0, 1]',
    got: 'slopes outside',
    hint: 'Choose snake, tanh, softplus, celu or relu, or a net with spectral caps.',
  });
};

import { FlowError, type Contraction, type NamedTensors, type NamedVariables, type Shape } from '@impflow/core';
import { add, Variable, type Tensor } from '@tensorflow/tfjs-core';
import type { Layer } from './layer.ts';
import { layeredNet, type LayeredNet } from './layered-net.ts';
import type { Order } from './learnable-order.ts';

/**
 * Composes layers in sequence to a {@link Contraction} `[B, ...shape] -> [B, ...shape]`.
 *
 * @throws `option` if the product of the layers' Lipschitz constants is not below 1, or their norms do not match. The
 * product is a bound in one norm only if the `codomain` of each layer is the `domain` of the next layer, and the
 * `codomain` of the last layer is the `domain` of the first.
 */
export const sequential = (shape: Shape, layers: readonly Layer[]): Contraction => layeredNet(shape, stacked(layers));

/**
 * Composes layers with separate parameters. The bound is the product of the layers' Lipschitz constants. Throws the
 * errors of {@link sequential}.
 */
export const stacked = (layers: readonly Layer[]): LayeredNet => {
  const lipschitz = layers.reduce((product, layer) => product * layer.lipschitz, 1);
  if (!(lipschitz < 1)) {
    throw new FlowError('option', 'lipschitz/sequential', 'The layers do not form a contraction', {
      expected: 'a product of Lipschitz constants below 1',
      got: lipschitz.toPrecision(4),
      hint: 'Lower the coefficients of the dense layers.',
    });
  }
  assertNormsMeet(layers);
  const parameters = named(layers, (layer) => layer.parameters);
  return {
    layers,
    lipschitz,
    parameters,
    buffers: named(layers, (layer) => layer.buffers),
    trained: (weights) => trainedBy(layers, Object.values(parameters), weights),
    refresh: (options) => {
      for (const layer of layers) layer.refresh?.(options);
    },
  };
};

/**
 * Converts the gradients of all explicit weights to gradients of the parameters. For a variable that several layers
 * share, the gradients are added.
 */
const trainedBy = (
  layers: readonly Layer[],
  parameters: readonly Tensor[],
  weights: readonly Tensor[],
): readonly Tensor[] => {
  const gradients = new Map<Tensor, Tensor>();
  let next = 0;
  for (const layer of layers) {
    const own = Object.values(layer.parameters);
    const part = weights.slice(next, (next += layer.weightCount ?? own.length));
    for (const [i, gradient] of (layer.trained?.(part) ?? part).entries()) {
      const before = gradients.get(own[i]!);
      gradients.set(own[i]!, before === undefined ? gradient : add(before, gradient));
    }
  }
  return parameters.map((parameter) => gradients.get(parameter)!);
};

const nameOf = (order: Order): string =>
  typeof order === 'number' ? String(order) : `learnable (now ${order.value().toPrecision(3)})`;

const assertNormsMeet = (layers: readonly Layer[]): void => {
  const norms = layers.flatMap(({ norm }) => (norm === undefined ? [] : [norm]));
  for (const [i, { codomain }] of norms.entries()) {
    const { domain } = norms[(i + 1) % norms.length]!;
    if (codomain === domain) continue;
    throw new FlowError('option', 'lipschitz/sequential', 'The norms of the layers do not match', {
      expected: `the codomain ${nameOf(domain)} in layer ${i + 1} of ${norms.length} with a norm`,
      got: nameOf(codomain),
      hint: 'The codomain of each layer must be the domain of the next layer, and the last codomain the first domain.',
    });
  }
};

/**
 * Returns the variables of all layers, under `layers.<i>.<name>`. A variable that several layers share is listed once,
 * under the name in the first of these layers.
 */
const named = (layers: readonly Layer[], of: (layer: Layer) => NamedTensors): NamedVariables => {
  const seen = new Set<Tensor>();
  return Object.fromEntries(
    layers.flatMap((layer, i) =>
      Object.entries(of(layer)).flatMap(([name, tensor]) => {
        if (!(tensor instanceof Variable) || seen.has(tensor)) return [];
        seen.add(tensor);
        return [[`layers.${i}.${name}`, tensor] as const];
      }),
    ),
  );
};

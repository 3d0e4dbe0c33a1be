import {
  customOp, FlowError, leaves, offTape, recording, scoped,
  type Contraction, type Linearization, type NamedTensors, type NamedVariables, type Shape,
} from '@impflow/core';
import { concat, dispose, expandDims, reshape, slice, stack, unstack, Variable, type Tensor } from '@tensorflow/tfjs-core';
import type { Order } from './learnable-order.ts';
import type { Layer, LayerTrace, TangentCotangent } from './layer.ts';

/**
 * Layers one after the other, as a {@link Contraction} `[B, d] -> [B, d]`.
 *
 * @throws `option` where the product of the layers' Lipschitz constants is not below one, or their norms do not meet: it is
 * about one norm only where each layer ends in the norm that the next begins with, and the last in that of the first.
 */
export const sequential = (shape: Shape, layers: readonly Layer[]): Contraction => {
  const lipschitz = layers.reduce((product, layer) => product * layer.lipschitz, 1);
  if (!(lipschitz < 1)) {
    throw new FlowError('option', 'lipschitz/sequential', 'The layers do not form a contraction', {
      expected: 'a product of Lipschitz constants below 1', got: lipschitz.toPrecision(4), hint: 'Lower the coefficients of the dense layers.',
    });
  }
  assertNormsMeet(layers);
  const tensors = layers.flatMap((layer) => Object.values(layer.parameters));

  const traceAll = (x: Tensor): readonly LayerTrace[] => {
    const traces: LayerTrace[] = [];
    for (const layer of layers) traces.push(layer.trace(traces.at(-1)?.value ?? x));
    return traces;
  };
  const jvp = (traces: readonly LayerTrace[], tangent: Tensor): Tensor => layers.reduce((t, layer, i) => layer.jvp(traces[i]!, t), tangent);
  const vjp = (traces: readonly LayerTrace[], cotangent: Tensor): Tensor => layers.reduceRight((u, layer, i) => layer.vjp(traces[i]!, u), cotangent);

  /** The gradient of `<u, g(x)> + sum_k <w_k, J(x) t_k>`, given the tangents that entered each layer. */
  const pullback = (traces: readonly LayerTrace[], entering: readonly (readonly Tensor[])[], u: Tensor, ws: readonly Tensor[]) => {
    const parameters: (readonly Tensor[])[] = [];
    let cotangent = u;
    let cotangents = ws;
    for (let i = layers.length - 1; i >= 0; i--) {
      const pairs: readonly TangentCotangent[] = cotangents.map((w, k) => ({ tangent: entering[i]![k]!, cotangent: w }));
      const gradient = layers[i]!.pullback(traces[i]!, cotangent, pairs);
      parameters.unshift(gradient.parameters);
      cotangent = gradient.x;
      cotangents = gradient.tangents;
    }
    return { x: cotangent, tangents: cotangents, parameters: parameters.flat() };
  };

  const value = (x: Tensor): Tensor => layers.reduce((y, layer) => layer.value(y), x);

  return Object.freeze<Contraction>({
    shape,
    lipschitz,
    parameters: named(layers, (layer) => layer.parameters),
    buffers: named(layers, (layer) => layer.buffers),
    apply: (x) => !recording() ? scoped(() => value(x)) : customOp([x, ...tensors], {
      forward: () => {
        const traces = traceAll(x);
        return { value: traces.at(-1)!.value.clone(), saved: { traces } };
      },
      backward: (dy, { traces }) => {
        const gradient = pullback(traces, [], dy, []);
        return [gradient.x, ...gradient.parameters];
      },
    }),
    pushforward: (x, tangents) => {
      const count = tangents.shape[0]!;
      const op = customOp([x, tangents, ...tensors], {
        forward: () => {
          const traces = traceAll(x);
          const entering: (readonly Tensor[])[] = [unstack(tangents)];
          for (const [i, layer] of layers.entries()) entering.push(entering.at(-1)!.map((t) => layer.jvp(traces[i]!, t)));
          const leaving = entering.pop()!;
          return { value: concat([expandDims(traces.at(-1)!.value), stack([...leaving])]), saved: { traces, entering } };
        },
        backward: (dy, { traces, entering }) => {
          const [u, ...ws] = unstack(dy) as [Tensor, ...Tensor[]];
          const gradient = pullback(traces, entering, u, ws);
          return [gradient.x, stack([...gradient.tangents]), ...gradient.parameters];
        },
      });
      const [batch, dim] = x.shape as [number, number];
      return {
        value: reshape(slice(op, [0, 0, 0], [1, batch, dim]), [batch, dim]),
        tangents: slice(op, [1, 0, 0], [count, batch, dim]),
      };
    },
    linearize: (x) => {
      const traces = offTape(() => scoped(() => traceAll(x)));
      const over = (product: (t: Tensor) => Tensor) => (stacked: Tensor): Tensor =>
        offTape(() => scoped(() => stack(unstack(stacked).map(product))));
      return Object.freeze<Linearization>({
        value: traces.at(-1)!.value,
        jvp: over((t) => jvp(traces, t)),
        vjp: over((u) => vjp(traces, u)),
        // Variables, and the capped weights that a layer keeps, are only borrowed.
        dispose: () => dispose(leaves(traces).filter((t) => t !== x && !(t instanceof Variable) && !t.kept && !t.isDisposed)),
      });
    },
    refresh: (options) => { for (const layer of layers) layer.refresh?.(options); },
  });
};

const nameOf = (order: Order): string => typeof order === 'number' ? String(order) : `a learnable order, now ${order.value().toPrecision(3)}`;

const assertNormsMeet = (layers: readonly Layer[]): void => {
  const norms = layers.flatMap(({ norm }) => norm === undefined ? [] : [norm]);
  for (const [i, { codomain }] of norms.entries()) {
    const { domain } = norms[(i + 1) % norms.length]!;
    if (codomain === domain) continue;
    throw new FlowError('option', 'lipschitz/sequential', 'The norms of the layers do not meet', {
      expected: `codomain ${nameOf(domain)} of layer ${i + 1} of ${norms.length} with a norm`, got: nameOf(codomain), hint: 'The last layer must lead back to the domain of the first.',
    });
  }
};

/** The variables of all layers under `layers.<i>.<name>`; one that layers share under the first of its names. */
const named = (layers: readonly Layer[], of: (layer: Layer) => NamedTensors): NamedVariables => {
  const seen = new Set<Tensor>();
  return Object.fromEntries(layers.flatMap((layer, i) =>
    Object.entries(of(layer)).flatMap(([name, tensor]) => {
      if (!(tensor instanceof Variable) || seen.has(tensor)) return [];
      seen.add(tensor);
      return [[`layers.${i}.${name}`, tensor] as const];
    })));
};

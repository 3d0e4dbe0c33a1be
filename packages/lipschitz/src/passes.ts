import type { Cotangents, Recipe, WholeCriteria, WholeSolve } from '@impflow/core';
import { add, zeros, type Tensor } from '@tensorflow/tfjs-core';
import type { Layer, LayerState, LayerTrace } from './layer.ts';

/** The result of a forward pass through a net. */
export interface Forward<State> {
  readonly value: Tensor;
  /** Data of the forward pass that the derivative passes need: a plain tree of tensors. */
  readonly state: State;
}

/**
 * The forward and derivative passes of a net. The gradient tape does not record the passes. Each pass runs layer by
 * layer, or in one kernel.
 */
export interface Passes<State = unknown> {
  value(x: Tensor): Tensor;
  forward(x: Tensor): Forward<State>;
  /**
   * Returns the products `J t` with the Jacobian for a stack of tangents, `[K, B, ...event]`. With `keep`, the result
   * also has the tensors that `pullback` needs, as `entering`.
   */
  push(
    state: State,
    tangents: Tensor,
    keep: boolean,
  ): { readonly images: Tensor; readonly entering: readonly Tensor[] };
  /** Returns the products `J^T u` with the transposed Jacobian for a stack of cotangents, `[K, B, ...event]`. */
  pull(state: State, cotangents: Tensor): Tensor;
  /** Returns the gradients with respect to `x` and to the explicit weights, in the order of the layers. */
  pullback(state: State, cotangents: Cotangents): { readonly x: Tensor; readonly weights: readonly Tensor[] };
  /**
   * Solves `z + g(z) = h` in one kernel. With `keep`, the result includes the forward pass at the root. Returns
   * undefined if the kernel does not support the method.
   */
  root?(
    h: Tensor,
    recipe: Recipe,
    criteria: WholeCriteria,
    keep: boolean,
  ): (WholeSolve & { readonly pass: Forward<State> }) | undefined;
}

/** Returns passes that run layer by layer. */
export const layered = (layers: readonly Layer[]): Passes<readonly LayerState[]> => ({
  value: (x) => layers.reduce((y, layer) => layer.value(y), x),
  forward: (x) => {
    const traces: LayerTrace[] = [];
    for (const layer of layers) traces.push(layer.trace(traces.at(-1)?.value ?? x));
    // Outputs of layers are dropped unless the next layer saves them.
    return { value: traces.at(-1)!.value, state: traces.map(({ saved }) => ({ saved })) };
  },
  push: (state, tangents, keep) => {
    const entering: Tensor[] = [];
    const images = layers.reduce((t, layer, i) => {
      if (i > 0 && keep) entering.push(t);
      return layer.jvp(state[i]!, t);
    }, tangents);
    return { images, entering };
  },
  pull: (state, cotangents) => layers.reduceRight((u, layer, i) => layer.vjp(state[i]!, u), cotangents),
  pullback: (state, { value, pair, onto }) => {
    const weights: (readonly Tensor[])[] = [];
    let cotangents = pair?.cotangents;
    let cotangent = value ?? zeros(cotangents!.shape.slice(1));
    for (let i = layers.length - 1; i >= 0; i--) {
      const tangents = i === 0 ? pair?.pushed.tangents : pair?.pushed.entering[i - 1];
      const gradient = layers[i]!.pullback(
        state[i]!,
        cotangent,
        cotangents === undefined ? undefined : { tangents: tangents!, cotangents },
      );
      weights.unshift(gradient.weights);
      cotangent = gradient.x;
      cotangents = gradient.tangents;
    }
    return {
      x: cotangent,
      weights: weights.flat().map((gradient, i) => (onto === undefined ? gradient : add(onto[i]!, gradient))),
    };
  },
});

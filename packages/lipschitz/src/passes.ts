import type { Tensor } from '@tensorflow/tfjs-core';
import type { Layer, LayerState, LayerTrace } from './layer.ts';

/** A forward pass through a net. */
export interface Forward<State> {
  readonly value: Tensor;
  /** What the other passes need of it: a plain tree of tensors. */
  readonly state: State;
}

export interface Pushed<Entering> {
  readonly leaving: Tensor;
  /** What `pullback` needs of it: a plain tree of tensors. */
  readonly entering: Entering;
}

export interface Pullback {
  readonly x: Tensor;
  /** Absent where there were none. */
  readonly tangents?: Tensor;
  readonly parameters: readonly Tensor[];
}

/** The ways through a net, off the tape: layer by layer, or in one kernel. */
export interface Passes<State = unknown, Entering = unknown> {
  value(x: Tensor): Tensor;
  forward(x: Tensor): Forward<State>;
  /** `J t` for a stack, `[K, B, d]`. */
  push(state: State, tangents: Tensor): Pushed<Entering>;
  /** `J t` alone. */
  product(state: State, tangents: Tensor): Tensor;
  /** `J^T u` for a stack, `[K, B, d]`. */
  pull(state: State, cotangents: Tensor): Tensor;
  /** The gradient of `<u, g(x)> + sum_k <w_k, J(x) t_k>`; the parameters in the order of the layers. */
  pullback(state: State, u: Tensor, through?: { readonly entering: Entering; readonly cotangents: Tensor }): Pullback;
}

/** Layer by layer. */
export const layered = (layers: readonly Layer[]): Passes<readonly LayerState[], readonly Tensor[]> => ({
  value: (x) => layers.reduce((y, layer) => layer.value(y), x),
  forward: (x) => {
    const traces: LayerTrace[] = [];
    for (const layer of layers) traces.push(layer.trace(traces.at(-1)?.value ?? x));
    // What leaves a layer is not among it, but where the next keeps it.
    return { value: traces.at(-1)!.value, state: traces.map(({ saved }) => ({ saved })) };
  },
  push: (state, tangents) => {
    // The tangents that enter each layer.
    const entering = [tangents];
    for (const [i, layer] of layers.entries()) entering.push(layer.jvp(state[i]!, entering.at(-1)!));
    const leaving = entering.pop()!;
    return { leaving, entering };
  },
  product: (state, tangents) => layers.reduce((t, layer, i) => layer.jvp(state[i]!, t), tangents),
  pull: (state, cotangents) => layers.reduceRight((u, layer, i) => layer.vjp(state[i]!, u), cotangents),
  pullback: (state, u, through) => {
    const parameters: (readonly Tensor[])[] = [];
    let cotangent = u;
    let cotangents = through?.cotangents;
    for (let i = layers.length - 1; i >= 0; i--) {
      const gradient = layers[i]!.pullback(state[i]!, cotangent, cotangents === undefined ? undefined : { tangents: through!.entering[i]!, cotangents });
      parameters.unshift(gradient.parameters);
      cotangent = gradient.x;
      cotangents = gradient.tangents;
    }
    return { x: cotangent, ...(cotangents === undefined ? {} : { tangents: cotangents }), parameters: parameters.flat() };
  },
});

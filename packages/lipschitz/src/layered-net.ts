import {
  defineContraction,
  defineLinearization,
  kept,
  leaves,
  type Contraction,
  type NetLinearization,
  type Shape,
} from '@impflow/core';
import { Variable, type Tensor } from '@tensorflow/tfjs-core';
import { fusedPasses, hasNetKernels } from './fused-passes.ts';
import type { Layer } from './layer.ts';
import { layered, type Forward, type Passes } from './passes.ts';

/** Layers in sequence, with the Lipschitz bound and the parameters of the net. */
export interface LayeredNet extends Pick<Contraction, 'lipschitz' | 'parameters' | 'buffers' | 'trained' | 'refresh'> {
  /**
   * The layers in order. `trained` receives the gradients of the explicit weights of all layers, in the order of
   * `layers`.
   */
  readonly layers: readonly Layer[];
}

/**
 * Returns the contraction that consists of the layers. Uses the kernels for whole nets if they support these layers;
 * otherwise each pass runs layer by layer.
 */
export const layeredNet = (shape: Shape, { layers, ...rest }: LayeredNet): Contraction => {
  const oneByOne: Passes = layered(layers);
  const whole = fusedPasses(layers)?.() as Passes | undefined;
  /** Chooses the passes for a batch. The kernels for whole nets do not support an empty batch. */
  const passesFor = (x: Tensor): Passes =>
    whole !== undefined && x.rank === 2 && x.shape[0]! > 0 && hasNetKernels() ? whole : oneByOne;
  return defineContraction({
    ...rest,
    shape,
    value: (x) => passesFor(x).value(x),
    linearize: (x, { tracked = true } = {}) => linearizedAt(passesFor(x), x, tracked),
    root: (h, recipe, criteria, wanted) => {
      const passes = passesFor(h);
      const run = passes.root?.(h, recipe, criteria, wanted !== undefined);
      return run && { ...run, g: wanted && linearizedBy(passes, () => run.pass, wanted.tracked) };
    },
  });
};

/**
 * Returns the linearization of a net at a point. Copies the point, because the caller may dispose its tensor before the
 * linearization is disposed.
 */
export const linearizedAt = (passes: Passes, x: Tensor, tracked: boolean): NetLinearization =>
  linearizedBy(passes, () => passes.forward(x.clone()), tracked);

/** Returns the linearization of a net, made of its passes and of the forward pass that `forward` runs. */
export const linearizedBy = (passes: Passes, forward: () => Forward<unknown>, tracked: boolean): NetLinearization => {
  // Variables and capped weights belong to the layer, so the linearization must not dispose them.
  let others: readonly Tensor[] = [];
  const { value, state } = kept(() => {
    const pass = forward();
    others = leaves(pass).filter((tensor) => tensor instanceof Variable || tensor.kept);
    return pass;
  });
  return defineLinearization({
    value,
    tracked,
    owned: leaves(state).filter((tensor) => tensor !== value && !others.includes(tensor)),
    push: (tangents) => passes.push(state, tangents, tracked),
    jvp: (tangents) => passes.push(state, tangents, false).images,
    vjp: (cotangents) => passes.pull(state, cotangents),
    pullback: (cotangents) => passes.pullback(state, cotangents),
  });
};

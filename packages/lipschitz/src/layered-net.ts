import { defineContraction, defineLinearization, kept, leaves, type Contraction, type NetLinearization, type Shape } from '@impflow/core';
import { Variable, type Tensor } from '@tensorflow/tfjs-core';
import { fusedPasses, hasNetKernels } from './fused-passes.ts';
import type { Layer } from './layer.ts';
import { layered, type Forward, type Passes } from './passes.ts';

/** Layers one after the other, and what their explicit weights are functions of. */
export interface LayeredNet extends Pick<Contraction, 'lipschitz' | 'parameters' | 'buffers' | 'trained' | 'refresh'> {
  /** The explicit weights of all layers, in their order, are what `trained` takes. */
  readonly layers: readonly Layer[];
}

/** The contraction that layers form: by the kernels for whole nets where they fit, else layer by layer. */
export const layeredNet = (shape: Shape, { layers, ...rest }: LayeredNet): Contraction => {
  const oneByOne: Passes = layered(layers);
  const whole = fusedPasses(layers) as Passes | undefined;
  /** The kernels for whole nets know no empty batch. */
  const passesFor = (x: Tensor): Passes => whole !== undefined && x.rank === 2 && x.shape[0]! > 0 && hasNetKernels() ? whole : oneByOne;
  return defineContraction({
    ...rest, shape,
    value: (x) => passesFor(x).value(x),
    linearize: (x, { tracked = true } = {}) => linearizedAt(passesFor(x), x, tracked),
    root: (h, recipe, criteria, wanted) => {
      const passes = passesFor(h);
      const run = passes.root?.(h, recipe, criteria, wanted !== undefined);
      return run && { ...run, g: wanted && linearizedBy(passes, () => run.pass, wanted.tracked) };
    },
  });
};

/** A net at a point, by its passes. A copy of the point: the caller's tensor may die before the linearization does. */
export const linearizedAt = (passes: Passes, x: Tensor, tracked: boolean): NetLinearization => linearizedBy(passes, () => passes.forward(x.clone()), tracked);

/** A net where a forward pass was made. */
const linearizedBy = (passes: Passes, forward: () => Forward<unknown>, tracked: boolean): NetLinearization => {
  // A variable or a capped weight stays the layer's.
  let others: readonly Tensor[] = [];
  const { value, state } = kept(() => {
    const pass = forward();
    others = leaves(pass).filter((tensor) => tensor instanceof Variable || tensor.kept);
    return pass;
  });
  return defineLinearization({
    value, tracked,
    owned: leaves(state).filter((tensor) => tensor !== value && !others.includes(tensor)),
    push: (tangents) => passes.push(state, tangents, tracked),
    jvp: (tangents) => passes.push(state, tangents, false).images,
    vjp: (cotangents) => passes.pull(state, cotangents),
    pullback: (cotangents) => passes.pullback(state, cotangents),
  });
};

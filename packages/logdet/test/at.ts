import { scoped, type Contraction, type Estimate, type NetLinearization } from '@impflow/core';
import type { Tensor } from '@tensorflow/tfjs-core';

/** Linearizes `g` at `x`, runs `body` and disposes the linearization. The results of `body` belong to the caller. */
export const at = <R>(g: Contraction, x: Tensor, body: (lin: NetLinearization) => R, tracked = true): R => {
  const lin = g.linearize(x, { tracked });
  try {
    return body(lin);
  } finally {
    lin.dispose();
  }
};

export interface Estimated {
  /** The log-determinants, `[B]`. */
  readonly logDet: Float32Array;
  /** The gradient of the sum of the log-determinants with respect to `x` and to every parameter, by name. */
  readonly gradients: Readonly<Record<string, Float32Array>>;
}

const numbers = (tensor: Tensor): Float32Array => tensor.dataSync<'float32'>().slice();

/** Returns an estimate of the log-determinants and its gradient. */
export const estimated = (g: Contraction, x: Tensor, estimate: (lin: NetLinearization) => Estimate): Estimated =>
  scoped(() =>
    at(g, x, (lin) => {
      const { logDet, pair } = estimate(lin);
      const gradient = lin.pullback({ pair });
      const trained = g.trained(gradient.weights);
      return {
        logDet: numbers(logDet),
        gradients: {
          x: numbers(gradient.x),
          ...Object.fromEntries(Object.keys(g.parameters).map((name, i) => [name, numbers(trained[i]!)])),
        },
      };
    }),
  );

/** Returns only the log-determinants, without preparing a gradient. */
export const valued = (g: Contraction, x: Tensor, estimate: (lin: NetLinearization) => Estimate): Float32Array =>
  scoped(() => at(g, x, (lin) => numbers(estimate(lin).logDet), false));

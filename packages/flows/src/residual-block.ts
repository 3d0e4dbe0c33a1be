import { defineBijector, sizeOf, type Bijector } from '@impflow/core';
import { add, neg } from '@tensorflow/tfjs-core';
import { estimateLogDet, estimatorFor, residual, type BlockOptions } from './block-options.ts';
import { prefixed } from './chain.ts';
import { invertResidual, invertResidualWith } from './invert-residual.ts';
import type { Net } from './net.ts';

export interface ResidualBlockOptions extends BlockOptions {
  readonly g: Net;
}

/**
 * `z = x + g(x)` with `log |det dz/dx| = log det(I + J_g(x))`. Forward is one evaluation, inverse one solve.
 *
 * @see Chen, Behrmann, Duvenaud, Jacobsen, Residual Flows for Invertible Generative Modeling, 2019 (arXiv:1906.02735).
 */
export const residualBlock = (options: ResidualBlockOptions): Bijector => {
  const { g } = options;
  return defineBijector({
    name: 'residualBlock',
    shape: g.shape,
    parameters: prefixed({ g }, (net) => net.parameters),
    buffers: prefixed({ g }, (net) => net.buffers),
    forward: (x, context) => residual(g, x, options, context),
    inverse: (z, context) => invertResidual(g, z, 'inverse', options, context),
    forwardWithLogDet: (x, context) => {
      const { value, logDet } = estimateLogDet(g, x, options, context, 0);
      return { value: add(x, value), logDet };
    },
    inverseWithLogDet: (z, context) => invertResidualWith(g, z, 'inverse', options, context, {
      exact: estimatorFor(sizeOf(g.shape), options, context).bias === 'exact',
      use: (x, there) => ({ value: x, logDet: neg(estimateLogDet(g, x, options, context, 0, there).logDet) }),
    }),
    refresh: (refreshing) => g.refresh(refreshing),
  });
};

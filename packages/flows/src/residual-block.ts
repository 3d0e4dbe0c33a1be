import { defineBijector, type Bijector } from '@impflow/core';
import { add, neg } from '@tensorflow/tfjs-core';
import { atContext, estimateLogDet, type BlockOptions, type Net } from './block-options.ts';
import { prefixed } from './chain.ts';
import { invertResidual } from './invert-residual.ts';

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
    forward: (x, context) => add(x, atContext(g, context).apply(x)),
    inverse: (z, context) => invertResidual(atContext(g, context), z, 'inverse', options, context.report),
    forwardWithLogDet: (x, context) => {
      const { value, logDet } = estimateLogDet(atContext(g, context), x, options, context, 0);
      return { value: add(x, value), logDet };
    },
    inverseWithLogDet: (z, context) => {
      const net = atContext(g, context);
      const x = invertResidual(net, z, 'inverse', options, context.report);
      return { value: x, logDet: neg(estimateLogDet(net, x, options, context, 0).logDet) };
    },
    refresh: (refreshing) => g.refresh(refreshing),
  });
};

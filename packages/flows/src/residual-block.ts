import { defineBijector, assertRecord, type Bijector, type Contraction } from '@impflow/core';
import { blockOp, type BlockEquation } from './block-op.ts';
import { blockMethods, type BlockOptions } from './block-options.ts';
import { prefixed } from './chain.ts';

/** Options of {@link residualBlock}. */
export interface ResidualBlockOptions extends BlockOptions {
  /** The contraction. */
  readonly g: Contraction;
}

/**
 * The bijector `z = x + g(x)`, with `log |det dz/dx| = log det(I + J_g(x))`; `x` and `z` are `[B, ...event]`. Forward
 * costs one evaluation of `g`; the inverse costs one solve.
 *
 * @see Chen, Behrmann, Duvenaud, Jacobsen, Residual Flows for Invertible Generative Modeling, 2019 (arXiv:1906.02735).
 */
export const residualBlock = (options: ResidualBlockOptions): Bijector => {
  assertRecord('flows/residualBlock', 'options', options);
  const { g } = options;
  const net = { net: g, purpose: 0 };
  const methods = blockMethods(g.shape, options);
  const there: BlockEquation = { inner: net, phase: 'forward', methods };
  const back: BlockEquation = { outer: net, phase: 'inverse', methods };
  return defineBijector({
    name: 'residualBlock',
    shape: g.shape,
    parameters: prefixed({ g }, ({ parameters }) => parameters),
    buffers: prefixed({ g }, ({ buffers }) => buffers),
    forward: (from, context) => blockOp(from, context, there, false).value,
    inverse: (from, context) => blockOp(from, context, back, false).value,
    forwardWithLogDet: (from, context) => blockOp(from, context, there, true),
    inverseWithLogDet: (from, context) => blockOp(from, context, back, true),
    refresh: (refreshing) => g.refresh(refreshing),
  });
};

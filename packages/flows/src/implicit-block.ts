import { defineBijector, FlowError, sizeOf, type Bijector, type Context } from '@impflow/core';
import { add, sub } from '@tensorflow/tfjs-core';
import { estimateLogDet, estimatorFor, residual, type BlockOptions } from './block-options.ts';
import { prefixed } from './chain.ts';
import { invertResidual, invertResidualWith } from './invert-residual.ts';
import type { Net } from './net.ts';

export interface ImplicitBlockOptions extends BlockOptions {
  readonly gx: Net;
  readonly gz: Net;
}

/**
 * The root `z` of `g_x(x) - g_z(z) + x - z = 0`: a residual map followed by the inverse of another.
 *
 * `log |det dz/dx| = log det(I + J_gx(x)) - log det(I + J_gz(z))`.
 *
 * @remarks Forward and inverse cost one solve each. Richer than residual blocks: its slopes are not bounded by 2.
 * @see Lu, Chen, Li, Wang, Zhu, Implicit Normalizing Flows, 2021 (arXiv:2103.09527), equations 3 to 6.
 * @example
 * ```ts
 * import { wasm } from '@impflow/backend-wasm';
 * import { key, normal } from '@impflow/core';
 * import { implicitBlock } from '@impflow/flows';
 * import { mlp } from '@impflow/lipschitz';
 *
 * await wasm().start();
 * const block = implicitBlock({ gx: mlp({ dim: 2, key: key(0) }), gz: mlp({ dim: 2, key: key(1) }) });
 * const { value, logDet } = block.forwardWithLogDet(normal(key(2), [5, 2]), { key: key(3) });
 * console.log(block.inverse(value, { key: key(4) }).shape, logDet.shape);
 * ```
 */
export const implicitBlock = (options: ImplicitBlockOptions): Bijector => {
  const { gx, gz } = options;
  if (gx.shape.join() !== gz.shape.join()) {
    throw new FlowError('shape', 'flows/implicitBlock', 'The nets have different shapes', { expected: `[B, ${gx.shape.join(', ')}] for both`, got: `[B, ${gz.shape.join(', ')}] for gz` });
  }
  const isExact = (context: Context): boolean => estimatorFor(sizeOf(gx.shape), options, context).bias === 'exact';
  return defineBijector({
    name: 'implicitBlock',
    shape: gx.shape,
    parameters: prefixed({ gx, gz }, (net) => net.parameters),
    buffers: prefixed({ gx, gz }, (net) => net.buffers),
    forward: (x, context) => invertResidual(gz, residual(gx, x, options, context), 'forward', options, context),
    inverse: (z, context) => invertResidual(gx, residual(gz, z, options, context), 'inverse', options, context),
    forwardWithLogDet: (x, context) => {
      const { value, logDet } = estimateLogDet(gx, x, options, context, 0);
      return invertResidualWith(gz, add(x, value), 'forward', options, context, {
        exact: isExact(context),
        use: (z, g) => ({ value: z, logDet: sub(logDet, estimateLogDet(gz, z, options, context, 1, g).logDet) }),
      });
    },
    inverseWithLogDet: (z, context) => {
      const { value, logDet } = estimateLogDet(gz, z, options, context, 1);
      return invertResidualWith(gx, add(z, value), 'inverse', options, context, {
        exact: isExact(context),
        use: (x, g) => ({ value: x, logDet: sub(logDet, estimateLogDet(gx, x, options, context, 0, g).logDet) }),
      });
    },
    refresh: (refreshing) => { gx.refresh(refreshing); gz.refresh(refreshing); },
  });
};

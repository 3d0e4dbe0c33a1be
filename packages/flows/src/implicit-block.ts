import { defineBijector, FlowError, assertRecord, type Bijector, type Contraction } from '@impflow/core';
import { blockOp, type BlockEquation } from './block-op.ts';
import { blockMethods, type BlockOptions } from './block-options.ts';
import { prefixed } from './chain.ts';

/** Options of {@link implicitBlock}. */
export interface ImplicitBlockOptions extends BlockOptions {
  /** The contraction applied to `x`. */
  readonly gx: Contraction;
  /** The contraction applied to `z`. The event shapes of `gx` and `gz` must be equal. */
  readonly gz: Contraction;
}

/**
 * The bijector whose value is the root `z` of `g_x(x) - g_z(z) + x - z = 0`: a residual map followed by the inverse of
 * another residual map. `x` and `z` are `[B, ...event]`.
 *
 * `log |det dz/dx| = log det(I + J_gx(x)) - log det(I + J_gz(z))`.
 *
 * @remarks Forward and inverse cost one solve each. The slopes of an implicit block can exceed 2. The slopes of a
 * residual block cannot exceed 2.
 * @throws `shape` if the nets have different shapes; `input` if a solver or estimator lacks a required method.
 * @see Lu, Chen, Li, Wang, Zhu, Implicit Normalizing Flows, 2021 (arXiv:2103.09527), equations 3 to 6.
 * @example
 * ```ts
 * import { wasm } from '@impflow/backend-wasm';
 * import { key, drawNormal } from '@impflow/core';
 * import { implicitBlock } from '@impflow/flows';
 * import { mlp } from '@impflow/lipschitz';
 *
 * await wasm().start();
 * const block = implicitBlock({ gx: mlp({ dim: 2, key: key(0) }), gz: mlp({ dim: 2, key: key(1) }) });
 * const { value, logDet } = block.forwardWithLogDet(drawNormal(key(2), [5, 2]), { key: key(3) });
 * console.log(block.inverse(value, { key: key(4) }).shape, logDet.shape);
 * ```
 */
export const implicitBlock = (options: ImplicitBlockOptions): Bijector => {
  assertRecord('flows/implicitBlock', 'options', options);
  const { gx, gz } = options;
  if (gx.shape.join() !== gz.shape.join()) {
    throw new FlowError('shape', 'flows/implicitBlock', 'The nets have different shapes', {
      expected: `[B, ${gx.shape.join(', ')}] for both`,
      got: `[B, ${gz.shape.join(', ')}] for gz`,
    });
  }
  const [netX, netZ] = [
    { net: gx, purpose: 0 },
    { net: gz, purpose: 1 },
  ];
  const methods = blockMethods(gx.shape, options);
  const forward: BlockEquation = { inner: netX, outer: netZ, phase: 'forward', methods };
  const inverse: BlockEquation = { inner: netZ, outer: netX, phase: 'inverse', methods };
  return defineBijector({
    name: 'implicitBlock',
    shape: gx.shape,
    parameters: prefixed({ gx, gz }, (net) => net.parameters),
    buffers: prefixed({ gx, gz }, (net) => net.buffers),
    forward: (from, context) => blockOp(from, context, forward, false).value,
    inverse: (from, context) => blockOp(from, context, inverse, false).value,
    forwardWithLogDet: (from, context) => blockOp(from, context, forward, true),
    inverseWithLogDet: (from, context) => blockOp(from, context, inverse, true),
    refresh: (refreshing) => {
      gx.refresh(refreshing);
      gz.refresh(refreshing);
    },
  });
};

/** Number of images in a step. */
export const BATCH = 64;

/** @import { BlockSpec, FlowSpec, NetSpec } from '@impflow/flows' */

/**
 * Returns the spec of a flow with one scale, 14 x 14 x 4, and the given number of implicit blocks.
 *
 * @param {number} blocks
 * @returns {FlowSpec}
 */
export const specOf = (blocks) => ({
  version: 1,
  dim: 784,
  shape: [28, 28, 1],
  base: { name: 'normal' },
  blocks: [
    { kind: 'rescale', scale: 256 },
    { kind: 'logit', alpha: 0.05 },
    { kind: 'squeeze' },
    ...Array.from({ length: blocks }, () => BLOCK).flat(),
  ],
});

/** @type {NetSpec} */
const NET = { hidden: [32, 32], activation: { name: 'lipSwish' }, coeff: 0.9 };

/** @type {readonly BlockSpec[]} */
const BLOCK = [{ kind: 'implicit', gx: NET, gz: NET }, { kind: 'actNorm' }];

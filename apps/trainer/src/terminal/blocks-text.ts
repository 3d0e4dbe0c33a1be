import type { BlockSpec } from '@impflow/flows';

/**
 * Returns the kinds of blocks with their counts, in the order in which the flow applies them, such as `standardize, 6
 * implicit`.
 */
export const blocksText = (blocks: readonly BlockSpec[]): string => {
  const counts = new Map<string, number>();
  for (const { kind } of unfolded(blocks)) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts].map(([kind, count]) => (count === 1 ? kind : `${count} ${kind}`)).join(', ');
};

/** Returns all blocks. The inner blocks of a block `factorOut` follow this block. */
const unfolded = (blocks: readonly BlockSpec[]): readonly BlockSpec[] =>
  blocks.flatMap((block) => (block.kind === 'factorOut' ? [block, ...unfolded(block.blocks)] : [block]));

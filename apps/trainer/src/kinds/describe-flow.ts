import type { BlockSpec } from '@impflow/flows';
import { auditOf, constructedLines } from '../measure/operator-norms.ts';
import type { FlowModel } from '../model/model.ts';
import type { About } from './run-commands.ts';

/** What `inspect` says about every flow. */
export const describeFlow = ({
  flow,
  spec,
}: Pick<FlowModel, 'flow' | 'spec'>): Pick<About, 'model' | 'bounds' | 'audit'> => ({
  model: [
    ['blocks', blocksText(spec.blocks)],
    ['base density', spec.base.name],
  ],
  bounds: constructedLines(spec),
  audit: auditOf(flow, spec),
});

/** Kinds of blocks with their counts, in the order of the chain, such as `standardise, 6 implicit`. */
const blocksText = (blocks: readonly BlockSpec[]): string => {
  const counts = new Map<string, number>();
  for (const { kind } of unfolded(blocks)) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts].map(([kind, count]) => (count === 1 ? kind : `${count} ${kind}`)).join(', ');
};

/** All blocks. The inner blocks of a `factorOut` follow it. */
const unfolded = (blocks: readonly BlockSpec[]): readonly BlockSpec[] =>
  blocks.flatMap((block) => (block.kind === 'factorOut' ? [block, ...unfolded(block.blocks)] : [block]));

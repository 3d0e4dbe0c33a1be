import type { BlockSpec, FlowSpec, NetSpec } from './spec.ts';

/**
 * The caps of a flow's layers as its spec says them: from a path as of its parameters, `blocks.<i>.<net>.layers.<j>` with a further number for blocks within a
 * block, to the cap on that layer's operator norm. `Infinity` where the spec says none.
 */
export const capsOf = ({ blocks }: FlowSpec): ((path: string) => number) => (path) => capIn(blocks, path.split('.').slice(1));

const capIn = (blocks: readonly BlockSpec[], [i, ...rest]: readonly string[]): number => {
  const block = blocks[Number(i)]!;
  return block.kind === 'factorOut' ? capIn(block.blocks, rest) : netsOf(block)[rest[0]!] ?? Infinity;
};

/** Every net of a block, also of one that a plugin brings. */
const netsOf = (block: BlockSpec): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(block).flatMap(([name, net]: [string, Partial<NetSpec> | null]) => (typeof net?.coeff === 'number' ? [[name, net.coeff]] : [])));

import type { BlockSpec, FlowSpec, NetSpec } from './spec.ts';

/**
 * Reads the caps of a flow's layers from its spec. Returns a function from the path of a layer,
 * `blocks.<i>.<net>.layers.<j>`, to the cap on the operator norm of the layer. The path of a block inside `factorOut`
 * has one more number: `blocks.<i>.<k>.<net>.layers.<j>`. The function returns `Infinity` if the spec sets no cap.
 */
export const capsOf =
  ({ blocks }: FlowSpec): ((path: string) => number) =>
  (path) =>
    capIn(blocks, path.split('.').slice(1));

const capIn = (blocks: readonly BlockSpec[], [i, ...rest]: readonly string[]): number => {
  const block = blocks[Number(i)]!;
  return block.kind === 'factorOut' ? capIn(block.blocks, rest) : (netsOf(block)[rest[0]!] ?? Infinity);
};

/** Returns the cap of every net of a block, by field name. The function also works for blocks of plugins. */
const netsOf = (block: BlockSpec): Readonly<Record<string, number>> =>
  Object.fromEntries(
    Object.entries(block).flatMap(([name, net]: [string, Partial<NetSpec> | null]) =>
      typeof net?.coeff === 'number' ? [[name, net.coeff]] : [],
    ),
  );

import type { FlowSpec } from './spec.ts';

/** Map from the names of the nets of a block in this package to the names in the published PyTorch implementation. */
const NETS: Readonly<Record<string, string>> = { gx: 'nnet_x', gz: 'nnet_z', g: 'nnet' };

/**
 * Kinds of blocks that have a number in the published PyTorch implementation. A logit has a number, although it has no
 * tensors.
 */
const PLACED: ReadonlySet<string> = new Set(['implicit', 'residual', 'actNorm', 'logit']);

/**
 * Returns a function from the paths of a flow's variables to their names in the published PyTorch implementation.
 * `blocks.<i>.gx.layers.<l>.weight` becomes `chain.<place>.nnet_x.<l>.weight`; for images,
 * `transforms.<scale>.chain.<place>.nnet_x.<l>.weight`, where a squeeze begins a new scale.
 *
 * Variables that the published implementation does not have keep their path: variables of couplings, of nets with a
 * context, and of the base. A path begins with `blocks.` or `base.`, so a path never equals a published name.
 */
export const publishedNames = ({ blocks, shape, context = 0 }: FlowSpec): ((path: string) => string) => {
  let [scale, place] = [0, 0];
  const prefixes = blocks.map(({ kind }) => {
    if (kind === 'squeeze' && place > 0) [scale, place] = [scale + 1, 0];
    return PLACED.has(kind) ? `${shape?.length === 3 ? `transforms.${scale}.` : ''}chain.${place++}.` : undefined;
  });
  return (path) => {
    const [, block, net, layer, leaf] =
      /^blocks\.(\d+)\.(?:(gx|gz|g)\.layers\.(\d+)\.)?(weight|bias|beta|u|v)$/.exec(path) ?? [];
    const prefix = block === undefined || context > 0 ? undefined : prefixes[Number(block)];
    return prefix === undefined ? path : `${prefix}${net === undefined ? '' : `${NETS[net]}.${layer}.`}${leaf}`;
  };
};

import type { FlowSpec } from './spec.ts';

/** What the nets of a block are called there. */
const NETS: Readonly<Record<string, string>> = { gx: 'nnet_x', gz: 'nnet_z', g: 'nnet' };

/** The kinds of blocks that have a place in a published chain; a logit has one, though no tensors. */
const PLACED: ReadonlySet<string> = new Set(['implicit', 'residual', 'actNorm', 'logit']);

/**
 * From paths of a flow's variables to the names of the published implementation: `blocks.<i>.gx.layers.<l>.weight` is `chain.<place>.nnet_x.<l>.weight`, of images
 * `transforms.<scale>.chain.<place>.nnet_x.<l>.weight`, with the scales parted by squeezes. What it has nothing like (couplings, nets with a context, a base density that
 * learns) keeps its path, which begins with `blocks.` or `base.` and so meets no published name.
 */
export const publishedNames = ({ blocks, shape, context = 0 }: FlowSpec): ((path: string) => string) => {
  let [scale, place] = [0, 0];
  const prefixes = blocks.map(({ kind }) => {
    if (kind === 'squeeze' && place > 0) [scale, place] = [scale + 1, 0];
    return PLACED.has(kind) ? `${shape?.length === 3 ? `transforms.${scale}.` : ''}chain.${place++}.` : undefined;
  });
  return (path) => {
    const [, block, net, layer, leaf] = /^blocks\.(\d+)\.(?:(gx|gz|g)\.layers\.(\d+)\.)?(weight|bias|beta|u|v)$/.exec(path) ?? [];
    const prefix = block === undefined || context > 0 ? undefined : prefixes[Number(block)];
    return prefix === undefined ? path : `${prefix}${net === undefined ? '' : `${NETS[net]}.${layer}.`}${leaf}`;
  };
};

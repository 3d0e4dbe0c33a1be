import type { FlowSpec } from './spec.ts';

/** Names of the nets of a block in the published implementation. */
const NETS: Readonly<Record<string, string>> = { gx: 'nnet_x', gz: 'nnet_z', g: 'nnet' };

/** Kinds of blocks that take a place in a published chain. A logit takes a place, although it has no tensors. */
const PLACED: ReadonlySet<string> = new Set(['implicit', 'residual', 'actNorm', 'logit']);

/**
 * Returns a function from the paths of a flow's variables to the names of the published implementation.
 * `blocks.<i>.gx.layers.<l>.weight` becomes `chain.<place>.nnet_x.<l>.weight`; for images,
 * `transforms.<scale>.chain.<place>.nnet_x.<l>.weight`, where a squeeze begins a new scale.
 *
 * Variables without a published counterpart keep their path: couplings, nets with a context, parameters of the base.
 * Such a path begins with `blocks.` or `base.`, so it never equals a published name.
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

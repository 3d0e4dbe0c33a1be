import { FlowError, sizeOf } from '@impflow/core';
import type { HostArray, PublishedOptions } from './published-options.ts';
import type { BlockSpec, FlowSpec, NetSpec, PluginSpec } from './spec.ts';

/** Names of activations in the published PyTorch implementation that differ from the names in this package. */
const ACTIVATIONS: Readonly<Record<string, string>> = {
  swish: 'lipSwish',
  fullsort: 'fullSort',
  maxmin: 'maxMin',
  lcube: 'lipschitzCube',
  lipswish: 'lipSwish',
  leaky_relu: 'leakyRelu',
};

/** A tensor of a PyTorch state dict, with its name split into fields. */
interface Entry {
  readonly name: string;
  readonly scale: number;
  readonly place: number;
  readonly net: string | undefined;
  readonly layer: string | undefined;
  readonly leaf: string;
  readonly array: HostArray;
}

const entriesOf = (state: Readonly<Record<string, HostArray>>): readonly Entry[] =>
  Object.entries(state).flatMap(([name, array]) => {
    const [, scale, place, net, layer, leaf] =
      /^(?:module\.)?(?:transforms\.(\d+)\.)?chain\.(\d+)\.(?:(nnet_x|nnet_z|nnet)\.(\d+)\.)?(weight|bias|beta|u|v)$/.exec(
        name,
      ) ?? [];
    return leaf === undefined
      ? []
      : [{ name, scale: Number(scale ?? 0), place: Number(place), net, layer, leaf, array }];
  });

/**
 * Derives the flow from a state dict of the published PyTorch implementation. Returns the spec of the flow, and for
 * each tensor the name that `publishedNames` returns for this spec. Blocks get new numbers, because the numbers in the
 * state dict also count layers without tensors.
 *
 * @throws `checkpoint` if there are no published names; `option` if convolutional nets are found and `image` is not
 * given.
 */
export const publishedSpec = (
  state: Readonly<Record<string, HostArray>>,
  { activation, coeff, image }: PublishedOptions,
): { readonly spec: FlowSpec; readonly names: ReadonlyMap<string, string> } => {
  const entries = entriesOf(state);
  if (entries.length === 0) {
    throw new FlowError('checkpoint', 'flows/importPublished', 'No published key names', {
      expected: 'names such as chain.0.nnet_x.0.weight',
      got: Object.keys(state).slice(0, 3).join(', ') || 'an empty file',
    });
  }
  const convolutional = entries.some(({ array, net }) => net !== undefined && array.shape.length === 4);
  if (convolutional && image === undefined) {
    throw new FlowError('option', 'flows/importPublished', 'A flow on images without their shape', {
      expected: 'image: [height, width, channels]',
      got: 'none',
      hint: 'The state dict does not contain the shape.',
    });
  }
  const net = netOf(
    { name: Object.hasOwn(ACTIVATIONS, activation) ? ACTIVATIONS[activation]! : activation },
    coeff,
    convolutional,
  );
  const blocks: BlockSpec[] = [];
  const names = new Map<string, string>();
  for (const [rank, scale] of ordered(entries, ({ scale }) => scale).entries()) {
    if (rank > 0) blocks.push({ kind: 'squeeze' });
    for (const [i, block] of ordered(scale, ({ place }) => place).entries()) {
      blocks.push(blockOf(block, net));
      for (const { name, net, layer, leaf } of block)
        names.set(
          name,
          `${convolutional ? `transforms.${rank}.` : ''}chain.${i}.${net === undefined ? '' : `${net}.${layer}.`}${leaf}`,
        );
    }
  }
  const features =
    entries.find(({ leaf, net }) => leaf === 'weight' && net !== undefined)?.array.shape.at(-1) ??
    entries[0]!.array.shape[0]!;
  return {
    spec: {
      version: 1,
      ...(convolutional ? { dim: sizeOf(image!), shape: image! } : { dim: features }),
      base: { name: 'normal' },
      blocks,
    },
    names,
  };
};

/** Groups the entries by a number, in ascending order of the number. */
const ordered = (entries: readonly Entry[], number: (entry: Entry) => number): readonly (readonly Entry[])[] =>
  [...new Set(entries.map(number))]
    .toSorted((a, b) => a - b)
    .map((n) => entries.filter((entry) => number(entry) === n));

const blockOf = (block: readonly Entry[], net: (block: readonly Entry[], name: string) => NetSpec): BlockSpec => {
  const nets = new Set(block.map((entry) => entry.net));
  if (nets.has('nnet_x') && nets.has('nnet_z'))
    return { kind: 'implicit', gx: net(block, 'nnet_x'), gz: net(block, 'nnet_z') };
  return nets.has('nnet') ? { kind: 'residual', g: net(block, 'nnet') } : { kind: 'actNorm' };
};

const netOf =
  (activation: PluginSpec, coeff: number, convolutional: boolean) =>
  (block: readonly Entry[], name: string): NetSpec => {
    const weights = block
      .filter(({ net, leaf }) => net === name && leaf === 'weight')
      .toSorted((a, b) => Number(a.layer) - Number(b.layer));
    const shapes = weights.map(({ array }) => array.shape);
    return {
      hidden: shapes.slice(0, -1).map(([outputs]) => outputs!),
      ...(convolutional ? { kernels: shapes.map((shape) => shape[3]!) } : {}),
      activation,
      coeff,
      ...(weights[0]?.layer === '1' ? { preactivation: true } : {}),
    };
  };

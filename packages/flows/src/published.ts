import { FlowError, scoped, sizeOf, type Key, type Shape } from '@impflow/core';
import { tensor, transpose, type Tensor } from '@tensorflow/tfjs-core';
import { buildFlow } from './build-flow.ts';
import type { NormalizingFlow } from './normalizing-flow.ts';
import type { BlockSpec, FlowSpec, NetSpec, PluginSpec } from './spec.ts';

/** An array on the host, as a checkpoint reader gives it. */
export interface HostArray {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

export interface PublishedOptions {
  /** Activation of the nets by its published name (`sin`, `swish`, `elu`, …) or ours. */
  readonly activation: string;
  /** Cap on the norm of each layer. */
  readonly coeff: number;
  /** `[height, width, channels]` of the images of a convolutional flow. */
  readonly image?: readonly [number, number, number];
  readonly key?: Key;
}

export interface PublishedImport {
  readonly spec: FlowSpec;
  readonly flow: NormalizingFlow;
  /** From published key names to ours. */
  readonly paths: ReadonlyMap<string, string>;
}

/** The published names of activations, where they are not ours. */
const ACTIVATIONS: Readonly<Record<string, string>> = { swish: 'lipSwish', fullsort: 'fullSort', maxmin: 'maxMin', lcube: 'lipschitzCube', lipswish: 'lipSwish', leaky_relu: 'leakyRelu' };

/**
 * An implicit or residual flow from a state dict with the key names of the published implementation: `chain.<i>.nnet_x.<layer>.weight` and so on, with
 * `transforms.<scale>.` before them where it is a flow on images, whose scales a squeeze parts. Filters `[out, in, kh, kw]` become `[kh, kw, in, out]`, channels come last
 * in all else too. Frozen copies and counters that it also holds are left out, and layers without parameters (a logit) are not told of by a state dict.
 *
 * @throws `checkpoint` where a key is missing or has another shape, naming it; `option` for a flow on images without their shape.
 */
export const importPublished = (state: Readonly<Record<string, HostArray>>, { activation, coeff, image, key }: PublishedOptions): PublishedImport => {
  const entries = Object.entries(state).flatMap(([name, array]) => {
    const match = /^(?:module\.)?(?:transforms\.(\d+)\.)?chain\.(\d+)\.(?:(nnet_x|nnet_z|nnet)\.(\d+)\.)?(weight|bias|beta|u|v)$/.exec(name);
    return match === null ? [] : [{ name, scale: Number(match[1] ?? 0), place: Number(match[2]), net: match[3], layer: Number(match[4]), leaf: match[5]!, array }];
  });
  if (entries.length === 0) {
    throw new FlowError('checkpoint', 'flows/importPublished', 'No published key names', { expected: 'names such as chain.0.nnet_x.0.weight', got: Object.keys(state).slice(0, 3).join(', ') || 'an empty file' });
  }
  const convolutional = entries.some(({ array, net }) => net !== undefined && array.shape.length === 4);
  if (convolutional && image === undefined) {
    throw new FlowError('option', 'flows/importPublished', 'A flow on images without their shape', { expected: 'image: [height, width, channels]', got: 'none', hint: 'The state dict does not tell it.' });
  }
  const spec: PluginSpec = { name: ACTIVATIONS[activation] ?? activation };
  const at = (scale: number, place: number): readonly (typeof entries)[number][] => entries.filter((entry) => entry.scale === scale && entry.place === place);
  const netOf = (block: readonly (typeof entries)[number][], net: string): NetSpec => {
    const weights = block.filter((entry) => entry.net === net && entry.leaf === 'weight').toSorted((a, b) => a.layer - b.layer);
    const shapes = weights.map(({ array }) => array.shape);
    return {
      hidden: shapes.slice(0, -1).map(([outputs]) => outputs!), ...(convolutional ? { kernels: shapes.map((shape) => shape[3]!) } : {}), activation: spec, coeff,
      ...(weights[0]?.layer === 1 ? { preactivation: true } : {}),
    };
  };
  const blockAt = (scale: number, place: number): BlockSpec => {
    const block = at(scale, place);
    const nets = new Set(block.map(({ net }) => net));
    if (nets.has('nnet_x') && nets.has('nnet_z')) return { kind: 'implicit', gx: netOf(block, 'nnet_x'), gz: netOf(block, 'nnet_z') };
    if (nets.has('nnet')) return { kind: 'residual', g: netOf(block, 'nnet') };
    return { kind: 'actNorm' };
  };
  const blocks: BlockSpec[] = [];
  /** Of each published block, its place in the spec. */
  const places = new Map<string, number>();
  const numbers = (of: (entry: (typeof entries)[number]) => number, among = entries): readonly number[] => [...new Set(among.map(of))].toSorted((a, b) => a - b);
  for (const scale of numbers((entry) => entry.scale)) {
    if (blocks.length > 0) blocks.push({ kind: 'squeeze' });
    for (const place of numbers((entry) => entry.place, entries.filter((entry) => entry.scale === scale))) {
      places.set(`${scale}.${place}`, blocks.length);
      blocks.push(blockAt(scale, place));
    }
  }
  const features = entries.find(({ leaf, net }) => leaf === 'weight' && net !== undefined)?.array.shape.at(-1) ?? entries[0]!.array.shape[0]!;
  const full: FlowSpec = { version: 1, ...(convolutional ? { dim: sizeOf(image!), shape: image! } : { dim: features }), base: { name: 'normal' }, blocks };
  const flow = buildFlow(full, key === undefined ? {} : { key });
  const variables = { ...flow.parameters, ...flow.buffers };
  const NETS: Readonly<Record<string, string>> = { nnet_x: 'gx.layers.', nnet_z: 'gz.layers.', nnet: 'g.layers.' };
  const missing = new Set(Object.keys(variables));
  const paths = new Map<string, string>();
  for (const { name, scale, place, net, layer, leaf, array } of entries) {
    const path = `blocks.${places.get(`${scale}.${place}`)}.${net === undefined ? '' : `${NETS[net]}${layer}.`}${leaf}`;
    const variable = variables[path];
    if (variable === undefined || published(variable.shape).join() !== (variable.rank === 3 ? [sizeOf(array.shape)] : array.shape).join()) {
      throw new FlowError('checkpoint', 'flows/importPublished', `Tensor ${name} does not fit`, {
        expected: variable === undefined ? 'no such tensor' : `[${published(variable.shape).join(', ')}]`, got: `[${array.shape.join(', ')}]`, hint: 'Check the activation: only some have parameters.',
      });
    }
    if (array.data.length !== variable.size) {
      throw new FlowError('checkpoint', 'flows/importPublished', `Tensor ${name} does not fit`, { expected: `${variable.size} numbers`, got: String(array.data.length) });
    }
    const value = channelsLast(array.data, variable.shape);
    variable.assign(value);
    value.dispose();
    missing.delete(path);
    paths.set(name, path);
  }
  if (missing.size > 0) {
    throw new FlowError('checkpoint', 'flows/importPublished', 'Tensors are missing', { expected: [...missing].slice(0, 3).join(', '), got: 'none of them', hint: 'Check the activation: some have parameters.' });
  }
  return { spec: full, flow, paths };
};

/** The published shape of a variable: filters are `[out, in, kh, kw]`, vectors of images are flat. */
const published = (shape: Shape): Shape => {
  if (shape.length === 4) return [shape[3]!, shape[2]!, shape[0]!, shape[1]!];
  return shape.length === 3 ? [sizeOf(shape)] : shape;
};

/** Numbers in the published order as a tensor of ours. */
const channelsLast = (data: ArrayLike<number>, shape: Shape): Tensor => {
  const values = Float32Array.from(data);
  if (shape.length !== 3 && shape.length !== 4) return tensor(values, [...shape]);
  const [a, b, c, d] = shape as readonly [number, number, number, number?];
  return scoped(() => (d === undefined ? transpose(tensor(values, [c, a, b]), [1, 2, 0]) : transpose(tensor(values, [d, c, a, b]), [2, 3, 1, 0])));
};

import { FlowError, type Key } from '@impflow/core';
import { tensor } from '@tensorflow/tfjs-core';
import { buildFlow } from './build-flow.ts';
import type { NormalizingFlow } from './normalizing-flow.ts';
import { fromPublished, publishedShape, toPublished } from './published-layout.ts';
import { publishedNames } from './published-names.ts';
import { publishedSpec } from './published-spec.ts';
import type { Registries } from './registries.ts';
import type { FlowSpec } from './spec.ts';

/** An array on the host, as a checkpoint reader gives it. */
export interface HostArray {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

interface CommonOptions {
  readonly key?: Key;
  /** Default: what this package brings. */
  readonly registries?: Registries;
}

export interface PublishedOptions extends CommonOptions {
  /** Activation of the nets by its published name (`sin`, `swish`, `elu`, …) or ours. */
  readonly activation: string;
  /** Cap on the norm of each layer. */
  readonly coeff: number;
  /** `[height, width, channels]` of the images of a convolutional flow. */
  readonly image?: readonly [number, number, number];
}

/** Of tensors that {@link exportPublished} gave: nothing is left to guess. */
export interface ExportedOptions extends CommonOptions {
  readonly spec: FlowSpec;
}

export interface PublishedImport {
  readonly spec: FlowSpec;
  readonly flow: NormalizingFlow;
  /** From published key names to ours. */
  readonly paths: ReadonlyMap<string, string>;
}

/**
 * An implicit or residual flow from a state dict with the key names of the published implementation: `chain.<i>.nnet_x.<layer>.weight` and so on, with
 * `transforms.<scale>.` before them where it is a flow on images, whose scales a squeeze parts. Filters `[out, in, kh, kw]` become `[kh, kw, in, out]`, channels come last
 * in all else too. Frozen copies and counters that it also holds are left out, and layers without parameters (a logit) are not told of by a state dict.
 *
 * Given the spec, any flow from what {@link exportPublished} made of it.
 *
 * @throws `checkpoint` where a key is missing or has another shape, naming it; `option` for a flow on images without their shape.
 */
export const importPublished = (state: Readonly<Record<string, HostArray>>, options: PublishedOptions | ExportedOptions): PublishedImport => {
  const { key, registries } = options;
  const { spec, names } = 'spec' in options ? { spec: options.spec, names: new Map(Object.keys(state).map((name) => [name, name])) } : publishedSpec(state, options);
  const flow = buildFlow(spec, { ...(key === undefined ? {} : { key }), ...(registries === undefined ? {} : { registries }) });
  const variables = { ...flow.parameters, ...flow.buffers };
  const nameOf = publishedNames(spec);
  const places = new Map(Object.keys(variables).map((path) => [nameOf(path), path]));
  const missing = new Set(Object.keys(variables));
  const paths = new Map<string, string>();
  for (const [name, published] of names) {
    const path = places.get(published);
    const { shape, data } = state[name]!;
    const wanted = path === undefined ? undefined : publishedShape(variables[path]!.shape);
    if (path === undefined || wanted!.join() !== shape.join()) {
      throw new FlowError('checkpoint', 'flows/importPublished', `Tensor ${name} does not fit`, {
        expected: wanted === undefined ? 'no such tensor' : `[${wanted.join(', ')}]`, got: `[${shape.join(', ')}]`, hint: 'Check the activation: only some have parameters.',
      });
    }
    const variable = variables[path]!;
    if (data.length !== variable.size) {
      throw new FlowError('checkpoint', 'flows/importPublished', `Tensor ${name} does not fit`, { expected: `${variable.size} numbers`, got: String(data.length) });
    }
    const value = tensor(fromPublished(data, variable.shape), variable.shape);
    variable.assign(value);
    value.dispose();
    missing.delete(path);
    paths.set(name, path);
  }
  if (missing.size > 0) {
    throw new FlowError('checkpoint', 'flows/importPublished', 'Tensors are missing', { expected: [...missing].slice(0, 3).join(', '), got: 'none of them', hint: 'Check the activation: some have parameters.' });
  }
  return { spec, flow, paths };
};

/**
 * The inverse of {@link importPublished}: the variables of a flow, by path, as arrays in the order of PyTorch under the names of the published implementation. What that has
 * nothing like (couplings, nets with a context, blocks of a plugin) keeps its path.
 */
export const exportPublished = (spec: FlowSpec, variables: Readonly<Record<string, HostArray>>): Readonly<Record<string, { readonly shape: readonly number[]; readonly data: Float32Array }>> => {
  const nameOf = publishedNames(spec);
  return Object.fromEntries(Object.entries(variables).map(([path, { shape, data }]) => [nameOf(path), { shape: [...publishedShape(shape)], data: toPublished(data, shape) }]));
};

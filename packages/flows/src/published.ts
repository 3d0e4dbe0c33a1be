import { FlowError } from '@impflow/core';
import { tensor } from '@tensorflow/tfjs-core';
import { buildFlow } from './build-flow.ts';
import type { NormalizingFlow } from './normalizing-flow.ts';
import { fromPublished, publishedShape, toPublished } from './published-layout.ts';
import { publishedNames } from './published-names.ts';
import type { ExportedOptions, HostArray, PublishedOptions } from './published-options.ts';
import { publishedSpec } from './published-spec.ts';
import type { FlowSpec } from './spec.ts';

/** Result of {@link importPublished}. */
export interface PublishedImport {
  /** Spec of the flow. */
  readonly spec: FlowSpec;
  /** The flow, with the imported values. */
  readonly flow: NormalizingFlow;
  /** Map from the key names of the state dict to the paths of the flow's variables. */
  readonly paths: ReadonlyMap<string, string>;
}

/**
 * Rebuilds an implicit or residual flow from a state dict of the published PyTorch implementation, with key names such
 * as `chain.<i>.nnet_x.<layer>.weight`. Flows on images have the prefix `transforms.<scale>.`; a squeeze separates the
 * scales.
 *
 * Filters `[out, in, kh, kw]` become `[kh, kw, in, out]`, and channels move to the last axis. Frozen copies and
 * counters in the state dict are ignored. Layers without tensors, such as a logit, do not appear in a state dict, so
 * the rebuilt flow lacks these layers.
 *
 * With `spec`, the function rebuilds any flow from the tensors that {@link exportPublished} returned.
 *
 * @throws `checkpoint` with the name of the tensor if a tensor is missing or has a wrong shape; `option` for a flow on
 * images without `image`.
 */
export const importPublished = (
  state: Readonly<Record<string, HostArray>>,
  options: PublishedOptions | ExportedOptions,
): PublishedImport => {
  const { key, registries } = options;
  const { spec, names } =
    'spec' in options
      ? { spec: options.spec, names: new Map(Object.keys(state).map((name) => [name, name])) }
      : publishedSpec(state, options);
  const flow = buildFlow(spec, {
    ...(key === undefined ? {} : { key }),
    ...(registries === undefined ? {} : { registries }),
  });
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
        expected: wanted === undefined ? 'no such tensor' : `[${wanted.join(', ')}]`,
        got: `[${shape.join(', ')}]`,
        hint: 'Check the activation: only some activations have parameters.',
      });
    }
    const variable = variables[path]!;
    if (data.length !== variable.size) {
      throw new FlowError('checkpoint', 'flows/importPublished', `Tensor ${name} does not fit`, {
        expected: `${variable.size} numbers`,
        got: String(data.length),
      });
    }
    const value = tensor(fromPublished(data, variable.shape), variable.shape);
    variable.assign(value);
    value.dispose();
    missing.delete(path);
    paths.set(name, path);
  }
  if (missing.size > 0) {
    throw new FlowError('checkpoint', 'flows/importPublished', 'Tensors are missing', {
      expected: [...missing].slice(0, 3).join(', '),
      got: 'none of them',
      hint: 'Check the activation: some activations have parameters.',
    });
  }
  return { spec, flow, paths };
};

/**
 * The inverse of {@link importPublished}. Takes the variables of a flow by path. Returns arrays in PyTorch's order,
 * under the names of the published PyTorch implementation. Variables that the published implementation does not have
 * keep their path: variables of couplings, of nets with a context, and of blocks of a plugin.
 */
export const exportPublished = (
  spec: FlowSpec,
  variables: Readonly<Record<string, HostArray>>,
): Readonly<Record<string, { readonly shape: readonly number[]; readonly data: Float32Array }>> => {
  const nameOf = publishedNames(spec);
  return Object.fromEntries(
    Object.entries(variables).map(([path, { shape, data }]) => [
      nameOf(path),
      { shape: [...publishedShape(shape)], data: toPublished(data, shape) },
    ]),
  );
};

import { FlowError, type Key } from '@impflow/core';
import { tensor } from '@tensorflow/tfjs-core';
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
 * A dense implicit or residual flow from a state dict with the key names of the published implementation:
 * `chain.<i>.nnet_x.<layer>.weight` and so on. Frozen copies and counters that it also holds are left out.
 *
 * @throws `checkpoint` where a key is missing or has another shape, naming it.
 */
export const importPublished = (state: Readonly<Record<string, HostArray>>, { activation, coeff, key }: PublishedOptions): PublishedImport => {
  const entries = Object.entries(state).flatMap(([name, array]) => {
    const match = /^(?:module\.)?chain\.(\d+)\.(?:(nnet_x|nnet_z|nnet)\.(\d+)\.)?(weight|bias|beta|u|v)$/.exec(name);
    return match === null ? [] : [{ name, block: Number(match[1]), net: match[2], layer: Number(match[3]), leaf: match[4]!, array }];
  });
  if (entries.length === 0) {
    throw new FlowError('checkpoint', 'flows/importPublished', 'No published key names', { expected: 'names such as chain.0.nnet_x.0.weight', got: Object.keys(state).slice(0, 3).join(', ') || 'an empty file' });
  }
  const blockIds = [...new Set(entries.map(({ block }) => block))].toSorted((a, b) => a - b);
  const spec: PluginSpec = { name: ACTIVATIONS[activation] ?? activation };
  const netOf = (block: number, net: string): NetSpec => {
    const weights = entries.filter((entry) => entry.block === block && entry.net === net && entry.leaf === 'weight').toSorted((a, b) => a.layer - b.layer);
    return { hidden: weights.slice(0, -1).map(({ array }) => array.shape[0]!), activation: spec, coeff, ...(weights[0]?.layer === 1 ? { preactivation: true } : {}) };
  };
  const blocks = blockIds.map((block): BlockSpec => {
    const nets = new Set(entries.filter((entry) => entry.block === block).map((entry) => entry.net));
    if (nets.has('nnet_x') && nets.has('nnet_z')) return { kind: 'implicit', gx: netOf(block, 'nnet_x'), gz: netOf(block, 'nnet_z') };
    if (nets.has('nnet')) return { kind: 'residual', g: netOf(block, 'nnet') };
    return { kind: 'actNorm' };
  });
  const dim = entries.find(({ leaf, net }) => leaf === 'weight' && net !== undefined)?.array.shape.at(-1) ?? entries[0]!.array.shape[0]!;
  const full: FlowSpec = { version: 1, dim, base: { name: 'normal' }, blocks };
  const flow = buildFlow(full, key === undefined ? {} : { key });
  const variables = { ...flow.parameters, ...flow.buffers };
  const NETS: Readonly<Record<string, string>> = { nnet_x: 'gx.layers.', nnet_z: 'gz.layers.', nnet: 'g.layers.' };
  const missing = new Set(Object.keys(variables));
  const paths = new Map<string, string>();
  for (const { name, block, net, layer, leaf, array } of entries) {
    const path = `blocks.${blockIds.indexOf(block)}.${net === undefined ? '' : `${NETS[net]}${layer}.`}${leaf}`;
    const variable = variables[path];
    if (variable === undefined || variable.shape.join() !== array.shape.join()) {
      throw new FlowError('checkpoint', 'flows/importPublished', `Tensor ${name} does not fit`, {
        expected: variable === undefined ? 'no such tensor' : `[${variable.shape.join(', ')}]`, got: `[${array.shape.join(', ')}]`, hint: 'Check the activation: only some have parameters.',
      });
    }
    if (array.data.length !== variable.size) {
      throw new FlowError('checkpoint', 'flows/importPublished', `Tensor ${name} does not fit`, { expected: `${variable.size} numbers`, got: String(array.data.length) });
    }
    const value = tensor(Float32Array.from(array.data), [...array.shape]);
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

import { FlowError, fold, registry, type Bijector, type Key, type Registry, type Shape, type Table } from '@impflow/core';
import { conditionalMlp, convNet, mlpLayers, sequential, type Layer } from '@impflow/lipschitz';
import { actNorm } from './act-norm.ts';
import { standardise } from './affine.ts';
import type { BlockOptions } from './block-options.ts';
import { affineCoupling } from './coupling.ts';
import { factorOut } from './factor-out.ts';
import { flatten } from './flatten.ts';
import { implicitBlock } from './implicit-block.ts';
import { invertibleLinear } from './invertible-linear.ts';
import { logit } from './logit.ts';
import type { Net } from './net.ts';
import { permutation } from './permutation.ts';
import { rescale } from './rescale.ts';
import { residualBlock } from './residual-block.ts';
import type { BlockSpec, NetSpec, PluginSpec } from './spec.ts';
import { imageShape, squeeze } from './squeeze.ts';

/** What a block is built with besides its own spec. */
export interface BuildContext {
  /** Of the events that the block before gives. */
  readonly shape: Shape;
  readonly context: number;
  readonly key: Key;
  readonly options: BlockOptions;
  activation(spec: PluginSpec): Layer;
  /** Blocks within a block, one after the other. */
  chain(blocks: readonly BlockSpec[], shape: Shape): Bijector;
}

type Spec<K extends BlockSpec['kind']> = Extract<BlockSpec, { readonly kind: K }> & { readonly build: BuildContext };

/** A net from its spec; `purpose` keeps the draws of several nets of one block apart. */
const net = (spec: NetSpec, { shape, context, key, ...build }: BuildContext, purpose: number): Net => {
  if (!Array.isArray(spec?.hidden) || !spec.hidden.every((width) => Number.isInteger(width) && width > 0) || typeof spec.activation?.name !== 'string') {
    throw new FlowError('option', 'flows/buildFlow', 'Not a net spec', { expected: '{ hidden: [width, ...], activation: { name }, coeff }', got: String(JSON.stringify(spec)) });
  }
  const { hidden, kernels, activation, coeff, preactivation = false } = spec;
  const image = shape.length === 3;
  const dim = shape.at(-1)!;
  const options = { dim, hidden, coeff, key: fold(key, purpose), activation: () => build.activation(activation) };
  if (context > 0 && (preactivation || image)) {
    throw new FlowError('option', 'flows/buildFlow', image ? 'A net on images takes no context' : 'A net with a context cannot begin with an activation', { hint: image ? 'Flatten the images first.' : 'Leave preactivation out.' });
  }
  if (kernels !== undefined && !image) throw new FlowError('option', 'flows/buildFlow', 'A net of dense layers has no filters', { expected: 'kernels for images only', got: `events [${shape.join(', ')}]` });
  if (image) return convNet({ ...options, shape: imageShape('buildFlow', shape), preactivation, ...(kernels === undefined ? {} : { kernels }) });
  if (context > 0) return conditionalMlp({ ...options, context });
  const layers = mlpLayers(options);
  return sequential([dim], preactivation ? [options.activation(), ...layers] : layers);
};

/** The kinds of bijectors that a spec may name, as factories from a spec and its {@link BuildContext}. */
export const blockKinds: Registry<Table<Bijector>> = registry<Table<Bijector>>('block', {
  implicit: ({ gx, gz, build }: Spec<'implicit'>): Bijector => implicitBlock({ ...build.options, gx: net(gx, build, 0), gz: net(gz, build, 1) }),
  residual: ({ g, build }: Spec<'residual'>): Bijector => residualBlock({ ...build.options, g: net(g, build, 0) }),
  coupling: ({ hidden, kernels, build }: Spec<'coupling'>): Bijector => 
    affineCoupling({ shape: build.shape, hidden, key: build.key, context: build.context, ...(kernels === undefined ? {} : { kernels }) }),
  actNorm: ({ build }: Spec<'actNorm'>): Bijector => actNorm({ shape: build.shape }),
  permutation: ({ order, build }: Spec<'permutation'>): Bijector => permutation({ order, shape: build.shape }),
  linear: ({ build }: Spec<'linear'>): Bijector => invertibleLinear({ shape: build.shape, key: build.key }),
  standardise: ({ mean, scale }: Spec<'standardise'>): Bijector => standardise({ mean, scale }),
  logit: ({ alpha, build }: Spec<'logit'>): Bijector => logit({ shape: build.shape, ...(alpha === undefined ? {} : { alpha }) }),
  rescale: ({ scale, build }: Spec<'rescale'>): Bijector => rescale({ shape: build.shape, scale }),
  squeeze: ({ factor, build }: Spec<'squeeze'>): Bijector => squeeze({ shape: build.shape, ...(factor === undefined ? {} : { factor }) }),
  flatten: ({ build }: Spec<'flatten'>): Bijector => flatten({ shape: build.shape }),
  factorOut: ({ blocks, build }: Spec<'factorOut'>): Bijector => {
    const channels = build.shape.at(-1)!;
    return factorOut({ shape: build.shape, rest: build.chain(blocks, [...build.shape.slice(0, -1), Math.floor(channels / 2)]) });
  },
});

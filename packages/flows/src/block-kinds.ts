import { registry, type Bijector, type Contraction, type Key, type Registry, type Shape } from '@impflow/core';
import type { Layer } from '@impflow/lipschitz';
import { actNorm } from './act-norm.ts';
import { standardize } from './affine.ts';
import type { BlockOptions } from './block-options.ts';
import { columnMaps } from './column-maps.ts';
import { conditionalAffine } from './conditional-affine.ts';
import { affineCoupling } from './coupling.ts';
import { factorOut } from './factor-out.ts';
import { flatten } from './flatten.ts';
import { implicitBlock } from './implicit-block.ts';
import { invertibleLinear } from './invertible-linear.ts';
import { logit } from './logit.ts';
import { monotoneBlock } from './monotone-block.ts';
import { permutation } from './permutation.ts';
import { quantileMap } from './quantile-map.ts';
import { regression } from './regression.ts';
import { rescale } from './rescale.ts';
import { residualBlock } from './residual-block.ts';
import type { BlockSpec, BlockSpecs, NetSpec, PluginSpec } from './spec.ts';
import { squeeze } from './squeeze.ts';
import { whiten } from './whiten.ts';

/**
 * Arguments that {@link buildFlow} passes to the factory of a block, in addition to the fields of the block's spec.
 */
export interface BuildContext {
  /** Shape of the events that enter the block, without the batch axis. */
  readonly shape: Shape;
  /** Size `m` of the context `[B, m]`; 0 if the flow has no context. */
  readonly context: number;
  /** Random key for the initial weights of this block. Each block has its own key. */
  readonly key: Key;
  /** Solver, adjoint solver, estimators and tolerances, made from the names and options in the spec. */
  readonly options: BlockOptions;
  /** Makes a new activation layer from its spec. Throws `registry` for an unknown name. */
  activation(spec: PluginSpec): Layer;
  /**
   * Makes a contractive net on events of `shape`, with a context input if `context > 0`. Give each net of one block its
   * own `purpose`: nets with the same `purpose` get the same initial weights.
   */
  net(spec: NetSpec, purpose: number): Contraction;
  /**
   * Builds a chain of blocks for use inside another block. `shape` is the shape of the events that enter the chain.
   */
  chain(blocks: readonly BlockSpec[], shape: Shape): Bijector;
}

type Spec<K extends keyof BlockSpecs> = BlockSpecs[K] & { readonly build: BuildContext };

/**
 * The kinds of bijectors that a spec may name. Each factory makes a bijector from a spec and a {@link BuildContext}.
 */
export const blockKinds: Registry<Bijector> = registry<Bijector>(
  'block',
  {
    implicit: ({ gx, gz, build }: Spec<'implicit'>): Bijector =>
      implicitBlock({ ...build.options, gx: build.net(gx, 0), gz: build.net(gz, 1) }),
    residual: ({ g, build }: Spec<'residual'>): Bijector => residualBlock({ ...build.options, g: build.net(g, 0) }),
    monotone: ({ g, build }: Spec<'monotone'>): Bijector => monotoneBlock({ ...build.options, g: build.net(g, 0) }),
    coupling: ({ hidden, kernels, build }: Spec<'coupling'>): Bijector =>
      affineCoupling({
        shape: build.shape,
        hidden,
        key: build.key,
        context: build.context,
        ...(kernels === undefined ? {} : { kernels }),
      }),
    actNorm: ({ build }: Spec<'actNorm'>): Bijector => actNorm({ shape: build.shape }),
    permutation: ({ order, build }: Spec<'permutation'>): Bijector => permutation({ order, shape: build.shape }),
    linear: ({ build }: Spec<'linear'>): Bijector => invertibleLinear({ shape: build.shape, key: build.key }),
    columnMaps: ({ maps }: Spec<'columnMaps'>): Bijector => columnMaps({ maps }),
    regression: ({ weight, bias, factor, build }: Spec<'regression'>): Bijector =>
      regression({ weight, bias, factor, context: build.context }),
    conditionalAffine: ({ hidden, build }: Spec<'conditionalAffine'>): Bijector =>
      conditionalAffine({ dim: build.shape.at(-1)!, hidden, key: build.key, context: build.context }),
    standardize: ({ mean, scale }: Spec<'standardize'>): Bijector => standardize({ mean, scale }),
    quantileMap: ({ knots, levels }: Spec<'quantileMap'>): Bijector => quantileMap({ knots, levels }),
    whiten: ({ factor }: Spec<'whiten'>): Bijector => whiten({ factor }),
    logit: ({ alpha, build }: Spec<'logit'>): Bijector =>
      logit({ shape: build.shape, ...(alpha === undefined ? {} : { alpha }) }),
    rescale: ({ scale, build }: Spec<'rescale'>): Bijector => rescale({ shape: build.shape, scale }),
    squeeze: ({ factor, build }: Spec<'squeeze'>): Bijector =>
      squeeze({ shape: build.shape, ...(factor === undefined ? {} : { factor }) }),
    flatten: ({ build }: Spec<'flatten'>): Bijector => flatten({ shape: build.shape }),
    factorOut: ({ blocks, build }: Spec<'factorOut'>): Bijector => {
      const channels = build.shape.at(-1)!;
      return factorOut({
        shape: build.shape,
        rest: build.chain(blocks, [...build.shape.slice(0, -1), Math.floor(channels / 2)]),
      });
    },
  },
  ['forward', 'inverse', 'forwardWithLogDet', 'inverseWithLogDet', 'initialize', 'refresh'],
);

import { FlowError, fold, registry, type Bijector, type Key, type Registry, type Table } from '@impflow/core';
import { conditionalMlp, mlpLayers, sequential, type Layer } from '@impflow/lipschitz';
import { actNorm } from './act-norm.ts';
import { standardise } from './affine.ts';
import type { BlockOptions } from './block-options.ts';
import { affineCoupling } from './coupling.ts';
import { implicitBlock } from './implicit-block.ts';
import { invertibleLinear } from './invertible-linear.ts';
import { logit } from './logit.ts';
import type { Net } from './net.ts';
import { permutation } from './permutation.ts';
import { residualBlock } from './residual-block.ts';
import type { BlockSpec, NetSpec, PluginSpec } from './spec.ts';

/** What a block is built with besides its own spec. */
export interface BuildContext {
  readonly dim: number;
  readonly context: number;
  readonly key: Key;
  readonly options: BlockOptions;
  activation(spec: PluginSpec): Layer;
}

type Spec<K extends BlockSpec['kind']> = Extract<BlockSpec, { readonly kind: K }> & { readonly build: BuildContext };

/** A net from its spec; `purpose` keeps the draws of several nets of one block apart. */
const net = (spec: NetSpec, { dim, context, key, ...build }: BuildContext, purpose: number): Net => {
  if (!Array.isArray(spec?.hidden) || !spec.hidden.every((width) => Number.isInteger(width) && width > 0) || typeof spec.activation?.name !== 'string') {
    throw new FlowError('option', 'flows/buildFlow', 'Not a net spec', { expected: '{ hidden: [width, ...], activation: { name }, coeff }', got: String(JSON.stringify(spec)) });
  }
  const { hidden, activation, coeff, preactivation = false } = spec;
  const options = { dim, hidden, coeff, key: fold(key, purpose), activation: () => build.activation(activation) };
  if (context > 0 && preactivation) {
    throw new FlowError('option', 'flows/buildFlow', 'A net with a context cannot begin with an activation', { hint: 'Leave preactivation out.' });
  }
  if (context > 0) return conditionalMlp({ ...options, context });
  const layers = mlpLayers(options);
  return sequential([dim], preactivation ? [options.activation(), ...layers] : layers);
};

/** The kinds of bijectors that a spec may name, as factories from a spec and its {@link BuildContext}. */
export const blockKinds: Registry<Table<Bijector>> = registry<Table<Bijector>>('block', {
  implicit: ({ gx, gz, build }: Spec<'implicit'>): Bijector => implicitBlock({ ...build.options, gx: net(gx, build, 0), gz: net(gz, build, 1) }),
  residual: ({ g, build }: Spec<'residual'>): Bijector => residualBlock({ ...build.options, g: net(g, build, 0) }),
  coupling: ({ hidden, build }: Spec<'coupling'>): Bijector => affineCoupling({ dim: build.dim, hidden, key: build.key, context: build.context }),
  actNorm: ({ build }: Spec<'actNorm'>): Bijector => actNorm({ dim: build.dim }),
  permutation: ({ order }: Spec<'permutation'>): Bijector => permutation({ order }),
  linear: ({ build }: Spec<'linear'>): Bijector => invertibleLinear({ dim: build.dim, key: build.key }),
  standardise: ({ mean, scale }: Spec<'standardise'>): Bijector => standardise({ mean, scale }),
  logit: ({ alpha, build }: Spec<'logit'>): Bijector => logit({ dim: build.dim, ...(alpha === undefined ? {} : { alpha }) }),
});

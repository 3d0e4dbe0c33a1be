import { FlowError, fold, key as seedKey, scoped, type Bijector, type Context, type Key, type NamedVariables, type RefreshOptions } from '@impflow/core';
import { add, type Tensor } from '@tensorflow/tfjs-core';
import type { BaseDistribution } from './base.ts';
import { prefixed } from './chain.ts';

/** Where a key is left out, evaluation draws its probes from this one: the same call gives the same numbers. */
export type CallOptions = Partial<Context>;

export interface SampleOptions extends Omit<CallOptions, 'key'> {
  readonly key: Key;
  /** Scale of the base noise. Default 1. */
  readonly temperature?: number;
}

/** A density `p(x) = p_base(f(x)) |det J_f(x)|`. All methods take and give batches `[B, d]`; results belong to the caller. */
export interface NormalizingFlow {
  readonly dim: number;
  readonly base: BaseDistribution;
  readonly bijector: Bijector;
  readonly parameters: NamedVariables;
  readonly buffers: NamedVariables;
  /** `log p(x)` in nats, `[B, d] -> [B]`, on the tape. A row's value does not depend on the other rows. */
  logProb(x: Tensor, options?: CallOptions): Tensor;
  /** From data to base, `[B, d]`. */
  encode(x: Tensor, options?: CallOptions): Tensor;
  /** From base to data, `[B, d]`. */
  decode(z: Tensor, options?: CallOptions): Tensor;
  /** `rows` draws, `[rows, d]`. */
  sample(rows: number, options: SampleOptions): Tensor;
  /** Data-dependent start from a first batch. */
  initialize(x: Tensor, options?: CallOptions): void;
  /** Brings the cap of every Lipschitz layer up to date with its weight. */
  refresh(options?: RefreshOptions): void;
}

/** A flow from a base density and a bijector that maps data to it. @throws `shape` where they do not fit. */
export const normalizingFlow = (base: BaseDistribution, bijector: Bijector): NormalizingFlow => {
  if (bijector.shape.join() !== String(base.dim)) {
    throw new FlowError('shape', 'flows/normalizingFlow', 'The base density does not fit the bijector', { expected: `dimension ${bijector.shape.join(', ')}`, got: String(base.dim) });
  }
  const context = (options: CallOptions = {}): Context => ({ key: seedKey(0), ...options });
  return Object.freeze<NormalizingFlow>({
    dim: base.dim, base, bijector,
    parameters: { ...bijector.parameters, ...prefixed({ base }, ({ parameters }) => parameters) },
    buffers: bijector.buffers,
    logProb: (x, options) => scoped(() => {
      const { value, logDet } = bijector.forwardWithLogDet(x, context(options));
      return add(base.logProb(value), logDet);
    }),
    encode: (x, options) => bijector.forward(x, context(options)),
    decode: (z, options) => bijector.inverse(z, context(options)),
    sample: (rows, { temperature = 1, ...options }) => scoped(() =>
      bijector.inverse(base.sample(fold(options.key, 0), rows, temperature), context({ ...options, key: fold(options.key, 1) }))),
    initialize: (x, options) => scoped(() => bijector.initialize(x, context(options))),
    refresh: (options) => bijector.refresh(options),
  });
};

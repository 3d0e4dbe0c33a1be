import { assertMethods, assertShape, FlowError, fold, key as seedKey, reshaped, scoped, sizeOf, type Bijector, type Context, type Key, type NamedVariables, type RefreshOptions, type Shape } from '@impflow/core';
import { add, type Tensor } from '@tensorflow/tfjs-core';
import { baseLogProb, baseSample, type BaseDistribution } from './base.ts';
import { prefixed } from './chain.ts';

/** Where a key is left out, evaluation draws its probes from this one: the same call gives the same numbers. */
export type CallOptions = Partial<Context>;

export interface SampleOptions extends Omit<CallOptions, 'key'> {
  readonly key: Key;
  /** Scale of the base noise. Default 1. */
  readonly temperature?: number;
}

/**
 * A density `p(x) = p_base(f(x)) |det J_f(x)|`. All methods take and give batches of events `[B, ...shape]`, rows `[B, d]` or images `[B, h, w, c]`, and points of the
 * base density `[B, d]`; results belong to the caller.
 */
export interface NormalizingFlow {
  /** Of an event of the data: `[d]`, or that of an image. */
  readonly shape: Shape;
  /** Numbers of an event. */
  readonly dim: number;
  readonly base: BaseDistribution;
  readonly bijector: Bijector;
  readonly parameters: NamedVariables;
  readonly buffers: NamedVariables;
  /** `log p(x)` in nats, `[B, ...shape] -> [B]`, on the tape. A row's value does not depend on the other rows. */
  logProb(x: Tensor, options?: CallOptions): Tensor;
  /** From data to base, `[B, ...shape] -> [B, d]`. */
  encode(x: Tensor, options?: CallOptions): Tensor;
  /** From base to data, `[B, d] -> [B, ...shape]`. */
  decode(z: Tensor, options?: CallOptions): Tensor;
  /** `rows` draws, `[rows, ...shape]`. */
  sample(rows: number, options: SampleOptions): Tensor;
  /** Data-dependent start from a first batch. */
  initialize(x: Tensor, options?: CallOptions): void;
  /** Brings the cap of every Lipschitz layer up to date with its weight. */
  refresh(options?: RefreshOptions): void;
}

/** A flow from a base density and a bijector that maps data to it. @throws `shape` where they do not fit; `input` for a base density without its methods. */
export const normalizingFlow = (base: BaseDistribution, bijector: Bijector): NormalizingFlow => {
  const { shape, outputShape } = bijector;
  const dim = sizeOf(outputShape);
  assertMethods('flows/normalizingFlow', 'base density', base, ['logProb', 'sample']);
  if (dim !== base.dim) {
    throw new FlowError('shape', 'flows/normalizingFlow', `The base density "${base.name}" does not fit the bijector`, { expected: `dimension ${dim}`, got: String(base.dim) });
  }
  /** Images as points of the base density, and back. */
  const flat = (z: Tensor): Tensor => reshaped(z, [z.shape[0]!, dim]);
  const shaped = (z: Tensor): Tensor => {
    assertShape('flows/decode', z, [dim]);
    return reshaped(z, [z.shape[0]!, ...outputShape]);
  };
  const context = (options: CallOptions = {}): Context => ({ key: seedKey(0), ...options });
  return Object.freeze<NormalizingFlow>({
    shape, dim, base, bijector,
    parameters: { ...bijector.parameters, ...prefixed({ base }, ({ parameters }) => parameters) },
    buffers: bijector.buffers,
    logProb: (x, options) => scoped(() => {
      const { value, logDet } = bijector.forwardWithLogDet(x, context(options));
      return add(baseLogProb(base, flat(value)), logDet);
    }),
    encode: (x, options) => scoped(() => flat(bijector.forward(x, context(options)))),
    decode: (z, options) => scoped(() => bijector.inverse(shaped(z), context(options))),
    sample: (rows, { temperature = 1, ...options }) => scoped(() =>
      bijector.inverse(shaped(baseSample(base, fold(options.key, 0), rows, temperature)), context({ ...options, key: fold(options.key, 1) }))),
    initialize: (x, options) => scoped(() => bijector.initialize(x, context(options))),
    refresh: (options) => bijector.refresh(options),
  });
};

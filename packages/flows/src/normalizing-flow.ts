import {
  assertMethods,
  assertShape,
  FlowError,
  fold,
  key,
  reshaped,
  scoped,
  sizeOf,
  type Bijector,
  type Context,
  type Key,
  type NamedVariables,
  type RefreshOptions,
  type Shape,
} from '@impflow/core';
import { add, type Tensor } from '@tensorflow/tfjs-core';
import { baseLogProb, baseSample, type BaseDistribution } from './base.ts';
import { prefixed } from './chain.ts';

/**
 * Context of a call. The fields `key`, `train`, `condition` and `report` are optional. Without a key, estimators draw
 * their random probes from `key(0)`, so that repeated calls return equal numbers.
 */
export type CallOptions = Partial<Context>;

/** Options of {@link NormalizingFlow.sample}. */
export interface SampleOptions extends Omit<CallOptions, 'key'> {
  /** Random key for the samples. */
  readonly key: Key;
  /** Scale of the base noise. Default 1. */
  readonly temperature?: number;
}

/**
 * A density `p(x) = p_base(f(x)) |det J_f(x)|`.
 *
 * Events are batches `[B, ...shape]`: rows `[B, d]` or images `[B, h, w, c]`. Points of the base density are `[B, d]`.
 * Results belong to the caller.
 */
export interface NormalizingFlow {
  /** Shape of one event of the data: `[d]`, or `[h, w, c]`. */
  readonly shape: Shape;
  /** Number of entries of one event. */
  readonly dim: number;
  /** The base density. */
  readonly base: BaseDistribution;
  /** The map `f` from data to points of the base density. */
  readonly bijector: Bijector;
  /** Trainable variables by path: the variables of the bijector, and `base.<name>`. */
  readonly parameters: NamedVariables;
  /** Variables that are stored but not trained, such as power vectors, by path. */
  readonly buffers: NamedVariables;
  /**
   * Returns `log p(x)` in nats, `[B, ...shape] -> [B]`. Differentiable. The value of a row does not depend on the other
   * rows.
   */
  logProb(x: Tensor, options?: CallOptions): Tensor;
  /** Maps data to points of the base density, `[B, ...shape] -> [B, d]`. */
  encode(x: Tensor, options?: CallOptions): Tensor;
  /** Maps points of the base density to data, `[B, d] -> [B, ...shape]`. */
  decode(z: Tensor, options?: CallOptions): Tensor;
  /** Returns `rows` samples, `[rows, ...shape]`. */
  sample(rows: number, options: SampleOptions): Tensor;
  /** Initializes the data-dependent parameters from a first batch, as {@link Bijector.initialize} describes. */
  initialize(x: Tensor, options?: CallOptions): void;
  /**
   * Recomputes the operator norm of every Lipschitz layer from its current weight, so that the layer stays within its
   * cap.
   */
  refresh(options?: RefreshOptions): void;
}

/**
 * A flow, made from a base density and a bijector that maps data to the base density.
 *
 * @throws `shape` if the dimensions of base density and bijector differ; `input` if the base density lacks a required
 * method.
 */
export const normalizingFlow = (base: BaseDistribution, bijector: Bijector): NormalizingFlow => {
  const { shape, outputShape } = bijector;
  const dim = sizeOf(outputShape);
  assertMethods('flows/normalizingFlow', 'base density', base, ['logProb', 'sample']);
  if (dim !== base.dim) {
    throw new FlowError('shape', 'flows/normalizingFlow', `The base density "${base.name}" does not fit the bijector`, {
      expected: `dimension ${dim}`,
      got: String(base.dim),
    });
  }
  /** `flat` reshapes events to points of the base density; `shaped` is the inverse. */
  const flat = (z: Tensor): Tensor => reshaped(z, [z.shape[0]!, dim]);
  const shaped = (z: Tensor): Tensor => {
    assertShape('flows/decode', z, [dim]);
    return reshaped(z, [z.shape[0]!, ...outputShape]);
  };
  const context = (options: CallOptions = {}): Context => ({ key: key(0), ...options });
  return Object.freeze<NormalizingFlow>({
    shape,
    dim,
    base,
    bijector,
    parameters: { ...bijector.parameters, ...prefixed({ base }, ({ parameters }) => parameters) },
    buffers: bijector.buffers,
    logProb: (x, options) =>
      scoped(() => {
        const { value, logDet } = bijector.forwardWithLogDet(x, context(options));
        return add(baseLogProb(base, flat(value)), logDet);
      }),
    encode: (x, options) => scoped(() => flat(bijector.forward(x, context(options)))),
    decode: (z, options) => scoped(() => bijector.inverse(shaped(z), context(options))),
    sample: (rows, { temperature = 1, ...options }) =>
      scoped(() =>
        bijector.inverse(
          shaped(baseSample(base, fold(options.key, 0), rows, temperature)),
          context({ ...options, key: fold(options.key, 1) }),
        ),
      ),
    initialize: (x, options) => scoped(() => bijector.initialize(x, context(options))),
    refresh: (options) => bijector.refresh(options),
  });
};

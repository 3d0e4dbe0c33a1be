import {
  key,
  reshaped,
  scoped,
  sizeOf,
  type Context,
  type Key,
  type NamedVariables,
  type RefreshOptions,
  type Shape,
} from '@impflow/core';
import { add, mean, mul, sub, type Tensor } from '@tensorflow/tfjs-core';
import { baseLogProb } from '../base.ts';
import { prefixed } from '../chain.ts';
import type { NormalizingFlow } from '../normalizing-flow.ts';
import { crossEntropy } from './cross-entropy.ts';
import { head } from './head.ts';

/** Options of {@link hybridModel}. */
export interface HybridOptions {
  /** A flow on rows `[B, d]` or on images `[B, h, w, c]`. */
  readonly flow: NormalizingFlow;
  /** Number of classes. */
  readonly classes: number;
  /** Random key for the initial weight of the head. */
  readonly key: Key;
  /** Weight of the log-density in the loss. Default 1. With 0 the loss is only the cross-entropy. */
  readonly weight?: number;
}

/** Results of one forward pass on a batch. */
export interface HybridScores {
  /** Logits of the classes, `[B, classes]`. */
  readonly logits: Tensor;
  /** `log p(x)` in nats, `[B]`. */
  readonly logProb: Tensor;
}

/**
 * A density of `x` and a classifier of `x` that share their features. All methods are differentiable; results belong to
 * the caller.
 */
export interface HybridModel {
  /** The flow, which gives the density. */
  readonly flow: NormalizingFlow;
  /** Shape of one event, without the batch axis. */
  readonly shape: Shape;
  /** Number of classes. */
  readonly classes: number;
  /** Trainable variables, with the prefixes `flow.` and `head.`. */
  readonly parameters: NamedVariables;
  /** Variables that are stored but not trained, with the prefix `flow.`. */
  readonly buffers: NamedVariables;
  /** Returns the logits, `[B, ...shape] -> [B, classes]`, without computing a log-determinant. */
  logits(x: Tensor, context?: Partial<Context>): Tensor;
  /** Returns logits and log-density from one forward pass. */
  scores(x: Tensor, context?: Partial<Context>): HybridScores;
  /**
   * Returns the loss `mean(-log p(label | x) - weight log p(x) / dim)` in nats, a scalar, from one forward pass. Labels
   * are int32 `[B]`.
   */
  loss(x: Tensor, labels: Tensor, context?: Partial<Context>): Tensor;
  /** Initializes the data-dependent parameters of the flow, such as the scales of an act-norm, from a first batch. */
  initialize(x: Tensor, context?: Partial<Context>): void;
  /**
   * Recomputes the operator norm of every Lipschitz layer from its current weight, so that the layer stays within its
   * cap.
   */
  refresh(options?: RefreshOptions): void;
}

/**
 * A linear classifier on the latent of a flow: `p(x, label) = p(x) p(label | f(x))`.
 *
 * @see Chen, Behrmann, Duvenaud, Jacobsen, Residual Flows, 2019 (arXiv:1906.02735), section 5; Nalisnick et al., Hybrid
 * Models with Deep and Invertible Features, 2019 (arXiv:1902.02767).
 */
export const hybridModel = ({ flow, classes, key: weightKey, weight = 1 }: HybridOptions): HybridModel => {
  const { bijector, base } = flow;
  const dim = sizeOf(bijector.shape);
  const top = head({ inputs: dim, classes, key: weightKey });
  const whole = (context: Partial<Context>): Context => ({ key: key(0), ...context });
  const classified = (z: Tensor, context: Context): Tensor => top.apply(reshaped(z, [z.shape[0]!, dim]), context);
  const scores = (x: Tensor, partial: Partial<Context> = {}): HybridScores =>
    scoped(() => {
      const context = whole(partial);
      const { value, logDet } = bijector.forwardWithLogDet(x, context);
      return {
        logits: classified(value, context),
        logProb: add(baseLogProb(base, reshaped(value, [x.shape[0]!, dim])), logDet),
      };
    });
  return Object.freeze<HybridModel>({
    flow,
    classes,
    scores,
    shape: bijector.shape,
    parameters: prefixed({ flow, head: top }, ({ parameters }) => parameters),
    buffers: prefixed({ flow }, ({ buffers }) => buffers),
    logits: (x, context = {}) => scoped(() => classified(bijector.forward(x, whole(context)), whole(context))),
    loss: (x, labels, context) =>
      scoped(() => {
        const { logits, logProb } = scores(x, context);
        return sub(crossEntropy(logits, labels), mul(mean(logProb), weight / dim));
      }),
    initialize: (x, context) => flow.initialize(x, context),
    refresh: (options) => flow.refresh(options),
  });
};

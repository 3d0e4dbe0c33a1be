import { fold, sizeOf, type Context, type Contraction, type LogDetEstimator, type Transformed } from '@impflow/core';
import { exact, russianRoulette } from '@impflow/logdet';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { RootOptions } from './invert-residual.ts';

/** What implicit and residual blocks have in common. */
export interface BlockOptions extends RootOptions {
  /** Estimator while training. Default: exact up to dimension 8, Russian roulette above. */
  readonly logDet?: LogDetEstimator;
  /** Estimator otherwise. Default: exact up to dimension 64, Russian roulette after 20 certain terms above. */
  readonly evaluationLogDet?: LogDetEstimator;
}

/** `g(x)` and `log det(I + J_g(x))` by the estimator for training or for evaluation; `purpose` keeps the draws of several nets apart. */
export const estimateLogDet = (g: Contraction, x: Tensor, options: BlockOptions, context: Context, purpose: number): Transformed =>
  estimatorFor(sizeOf(g.shape), options, context).estimate(g, x, fold(context.key, purpose));

/** The estimator of a call, in `dim` dimensions. */
export const estimatorFor = (dim: number, { logDet, evaluationLogDet }: BlockOptions, context: Context): LogDetEstimator => context.train === true
  ? logDet ?? (dim <= 8 ? exact() : russianRoulette())
  : evaluationLogDet ?? (dim <= 64 ? exact() : russianRoulette({ exactTerms: 20 }));

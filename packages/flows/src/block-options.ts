import { fold, recomputing, sizeOf, type Context, type Contraction, type LogDetEstimator, type Transformed } from '@impflow/core';
import { exact, gradientInForward, russianRoulette } from '@impflow/logdet';
import { add, type Tensor } from '@tensorflow/tfjs-core';
import { isThrifty, type RootOptions } from './invert-residual.ts';
import { atContext, type Net } from './net.ts';

/** What implicit and residual blocks have in common. */
export interface BlockOptions extends RootOptions {
  /** Estimator while training. Default: exact up to dimension 8, Russian roulette above. */
  readonly logDet?: LogDetEstimator;
  /** Estimator otherwise. Default: exact up to dimension 64, Russian roulette after 20 certain terms above. */
  readonly evaluationLogDet?: LogDetEstimator;
}

/**
 * `g(x)` and `log det(I + J_g(x))` by the estimator for training or for evaluation, `g` being `net` at the condition of the call; `purpose` keeps the
 * draws of several nets apart.
 */
export const estimateLogDet = (net: Net, x: Tensor, options: BlockOptions, context: Context, purpose: number, g: Contraction = atContext(net, context, x)): Transformed => {
  const estimator = estimatorFor(sizeOf(g.shape), options, context);
  return (isThrifty(net, options) ? gradientInForward(estimator) : estimator).estimate(g, x, fold(context.key, purpose));
};

/** `x + g(x)`. */
export const residual = (net: Net, x: Tensor, options: BlockOptions, context: Context): Tensor => {
  const g = atContext(net, context, x);
  return add(x, (isThrifty(net, options) ? recomputing(g) : g).apply(x));
};

/** The estimator of a call, in `dim` dimensions. */
export const estimatorFor = (dim: number, { logDet, evaluationLogDet }: BlockOptions, context: Context): LogDetEstimator => context.train === true
  ? logDet ?? (dim <= 8 ? exact() : russianRoulette())
  : evaluationLogDet ?? (dim <= 64 ? exact() : russianRoulette({ exactTerms: 20 }));

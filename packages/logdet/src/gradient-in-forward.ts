import { capabilities, customOp, offTape, pullback, pullbacks, recording, scoped, type LogDetEstimator, type Transformed } from '@impflow/core';
import { clone, dispose, keep, mul, ones, reshape, scalar, type Tensor } from '@tensorflow/tfjs-core';

/**
 * `estimator`, which takes the gradient of the log-determinants at once and keeps that instead of the passes it came from: `x`, a
 * gradient shaped as `x` and one shaped as the parameters. The same numbers and, from the same probes and terms, the same gradient but
 * for rounding.
 *
 * With `l` the log-determinants, `w` their cotangents in the backward pass and `D = sum_b dl_b`: `dL/dx_b = w_b dl_b/dx_b`, and
 * `dL/dtheta = w D` where all `w_b` are one number `w`, as for every mean over the batch. Else the estimate is made again.
 *
 * @remarks The backward pass makes one pass through `g` for the gradient of the value, where the loss reaches it. Looking whether the cotangents
 * are alike waits for the device; where it cannot be read at once, the estimate is always made again. `g` must read
 * nothing but `x` and its `parameters`: not for a conditional contraction at a context, which would lose the gradient of the context.
 * @see Chen, Behrmann, Duvenaud, Jacobsen, Residual Flows for Invertible Generative Modeling, 2019 (arXiv:1906.02735), section 3.1.
 */
export const gradientInForward = (estimator: LogDetEstimator): LogDetEstimator => Object.freeze<LogDetEstimator>({
  ...estimator,
  estimate: (g, x, key) => {
    if (!recording()) return estimator.estimate(g, x, key);
    const parameters = Object.values(g.parameters);
    const readable = capabilities().syncRead;
    const estimate = (x: Tensor): Transformed => estimator.estimate(g, x, key);
    /** In the backward pass: `g` may know a linearization at `x` that is gone, and tells points by their data. */
    const again = (results: (x: Tensor) => readonly Tensor[], x: Tensor, cotangent: Tensor): readonly Tensor[] => scoped(() => {
      const there = mul(x, 1);
      return pullbacks(() => results(there), [there, ...parameters], [cotangent]);
    });
    return scoped(() => {
      const { value, logDet, gradients } = taken(estimate, [x, ...parameters], readable);
      // Two operations: the one that the loss does not reach costs nothing in the backward pass.
      return {
        value: customOp([x, ...parameters], {
          forward: () => ({ value: value.clone(), saved: { x } }),
          backward: (u, saved) => again((there) => [g.apply(there)], saved.x, u),
        }),
        logDet: customOp([x, ...parameters], {
          forward: () => ({ value: logDet.clone(), saved: { x, gradients } }),
          backward: (w, { x, gradients }) => {
            const common = readable ? commonOf(w.dataSync<'float32'>()) : undefined;
            if (common === undefined) return again((there) => [estimate(there).logDet], x, w);
            const [dx, ...dtheta] = gradients;
            return [mul(dx!, reshape(w, [-1, ...x.shape.slice(1).map(() => 1)])), ...dtheta.map((d) => mul(d, common))];
          },
        }),
      };
    });
  },
});

interface Taken extends Transformed {
  /** Of the sum of the log-determinants; none where they were not wanted. */
  readonly gradients: readonly Tensor[];
}

/** An estimate on a tape of its own, with its gradients with respect to `[x, ...parameters]`. */
const taken = (estimate: (x: Tensor) => Transformed, inputs: readonly [Tensor, ...Tensor[]], wanted: boolean): Taken => offTape(() => {
  const [x] = inputs;
  const outlive: Tensor[] = [];
  const recorded = (): Tensor => {
    const { value, logDet } = estimate(x);
    outlive.push(keep(clone(value)), keep(clone(logDet)));
    return wanted ? logDet : scalar(0);
  };
  try {
    const gradients = wanted ? pullbacks(() => [recorded()], inputs, [ones([x.shape[0]!])]) : [];
    // The numbers of an estimate that is recorded, but nothing leads back from there.
    if (!wanted) pullback(recorded, inputs, scalar(1));
    const [value, logDet] = outlive.map((tensor) => tensor.clone());
    return { value: value!, logDet: logDet!, gradients };
  } finally {
    dispose(outlive);
  }
});

/** The number that all are, if they are. */
const commonOf = (numbers: ArrayLike<number>): number | undefined => Array.from(numbers).every((number) => number === numbers[0]) ? numbers[0] : undefined;
